import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { root } from "./p8e.ts";

const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

/** Commands of a guide that belong together: those of one machine up to the next prose. */
export interface GuideStep {
  readonly machine: string;
  /** They end with a server that stays. */
  readonly serves: boolean;
  /** The page says that the server is to be stopped before them. */
  readonly stopped: boolean;
  readonly commands: string;
}

/** The steps of a guide: its blocks of shell commands, which say on whose machine they run. */
export function guideSteps(name: string): readonly GuideStep[] {
  const text = readFileSync(join(root, "docs/guides", name), "utf8");
  return [...text.matchAll(/^```sh (\w+)( serve| stopped)?\n([\s\S]*?)^```$/gm)].map(([, machine, how, commands]) => ({
    machine: machine!,
    serves: how === " serve",
    stopped: how === " stopped",
    commands: commands!,
  }));
}

/** The files that a guide has its reader write: blocks of code that say on whose machine, and where. */
export function guideFiles(name: string): readonly { readonly path: string; readonly text: string }[] {
  const text = readFileSync(join(root, "docs/guides", name), "utf8");
  return [...text.matchAll(/^```ts \w+ (\S+)\n([\s\S]*?)^```$/gm)].map(([, path, code]) => ({
    path: path!,
    text: code!,
  }));
}

/** How a machine's commands are started: with what goes before them, and how their text is changed. */
export interface GuideMachine {
  readonly before: readonly string[];
  readonly text: (commands: string) => string;
}

/** Machines that follow a guide: a clone each, in a folder of their own, `npx p8e` and `npm start --` as a person types them. */
export class GuideWalk implements AsyncDisposable {
  readonly #folder = mkdtempSync(join(tmpdir(), "p8e-guide-"));
  readonly #machines: ReadonlyMap<string, GuideMachine>;
  readonly #serving: ChildProcess[] = [];
  readonly variables: Record<string, string> = {};

  constructor(machines: ReadonlyMap<string, GuideMachine>) {
    this.#machines = machines;
    const bin = join(this.#folder, "bin");
    mkdirSync(bin);
    writeFileSync(join(bin, "npx"), `#!/bin/sh\nshift\nexec "${process.execPath}" "${main}" "$@"\n`);
    writeFileSync(join(bin, "npm"), `#!/bin/sh\nshift 2\nexec "${process.execPath}" "${main}" story "$@"\n`);
    for (const name of ["npx", "npm"]) chmodSync(join(bin, name), 0o755);
    writeFileSync(join(this.#folder, "passphrase"), "correct horse battery staple\n", { mode: 0o600 });
    for (const name of machines.keys()) {
      mkdirSync(join(this.#folder, name));
      symlinkSync(join(root, "examples"), this.path(name, "examples"));
    }
  }

  /** A file of a machine, from where its commands begin. */
  path(machine: string, ...names: readonly string[]): string {
    return join(this.#folder, machine, ...names);
  }

  /** Runs the commands of a step to their end and returns what they printed. @throws AssertionError when one fails */
  async run(step: GuideStep): Promise<string> {
    const child = this.#start(step);
    const printed = collect(child);
    const [code] = (await once(child, "close")) as [number | null];
    assert.equal(code, 0, `${step.machine}: ${step.commands}\n${printed()}`);
    return printed();
  }

  /** Starts the server of a step, and waits until it serves; returns what it has printed by then. */
  async serve(step: GuideStep): Promise<string> {
    const child = this.#start(step);
    this.#serving.push(child);
    const printed = collect(child);
    await new Promise<void>((resolve, reject) => {
      child.stdout!.on("data", () => {
        if (/serves at grpc|It stays up|listens; /.test(printed())) resolve();
      });
      child.once("exit", () => reject(new Error(`${step.machine}: ${step.commands}\n${printed()}`)));
    });
    return printed();
  }

  /** Stops all servers that were started. */
  async stop(): Promise<void> {
    await Promise.all(
      this.#serving.splice(0).map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const exited = once(child, "exit");
        process.kill(-child.pid!, "SIGTERM");
        await exited;
      }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #start({ machine, commands }: GuideStep): ChildProcess {
    const { before, text } = this.#machines.get(machine)!;
    const [program, ...args] = [...before, "bash", "-euc", text(commands)];
    const { P8E_DATA: _data, P8E_PROFILE: _profile, FORCE_COLOR: _color, NODE_OPTIONS: _options, ...env } = process.env;
    return spawn(program!, args, {
      cwd: this.path(machine),
      env: {
        ...env,
        ...this.variables,
        PATH: `${join(this.#folder, "bin")}:${process.env.PATH}`,
        P8E_PASSPHRASE_FILE: join(this.#folder, "passphrase"),
        NO_COLOR: "1",
      },
      // A group of its own: the server ends with the shell that started it.
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
  }
}

function collect(child: ChildProcess): () => string {
  let text = "";
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
  }
  return () => text;
}
