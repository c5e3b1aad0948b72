import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { EnvironmentOptions } from "@p8e/environment";
import { isAlive } from "@p8e/machine";

const GONE_LIMIT_MS = 15_000;

/** What can be told to another process. */
export type UpOptions = Pick<EnvironmentOptions, "dataDir" | "parties" | "ledger" | "variables">;

function launch(options: UpOptions): ChildProcess {
  return fork(new URL("up-process.ts", import.meta.url), [JSON.stringify(options)], { execArgv: [] });
}

/** An environment that another process runs, for being killed with it. */
export class UpProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  /** As they were when it had started. */
  readonly pids: ReadonlyMap<string, number>;

  private constructor(child: ChildProcess, pids: ReadonlyMap<string, number>) {
    this.#child = child;
    this.#exited = once(child, "exit");
    this.pids = pids;
  }

  static async start(options: UpOptions): Promise<UpProcess> {
    const child = launch(options);
    const failed = once(child, "exit").then(([code]) => {
      throw new Error(`the environment did not start (exit ${String(code)})`);
    });
    const [message] = (await Promise.race([once(child, "message"), failed])) as [{ pids: [string, number][] }];
    failed.catch(() => undefined);
    return new UpProcess(child, new Map(message.pids));
  }

  /** Starts one and kills it as soon as there is a file of this name in its folder. */
  static async killWhenThereIs(file: string, options: UpOptions): Promise<void> {
    const child = launch(options);
    const exited = once(child, "exit");
    while (!existsSync(join(options.dataDir, file))) {
      if (child.exitCode !== null) throw new Error(`it ended before there was ${file}`);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    child.kill("SIGKILL");
    await exited;
  }

  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#exited;
  }

  isAlive(name: string): boolean {
    return isAlive(this.pids.get(name)!);
  }

  /** Resolves when everything but the database, which outlives its parent, has stopped by itself. */
  async childrenGone(): Promise<void> {
    const deadline = performance.now() + GONE_LIMIT_MS;
    const left = () => [...this.pids.keys()].filter((name) => name !== "database" && this.isAlive(name));
    while (left().length > 0) {
      if (performance.now() > deadline) throw new Error(`still there: ${left().join(", ")}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    if (this.#child.exitCode === null && this.#child.signalCode === null) await this.#exited;
  }
}
