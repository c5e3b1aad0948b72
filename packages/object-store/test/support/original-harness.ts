import { type ChildProcess, spawn } from "node:child_process";
import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "@p8e/machine";
import type { OriginalStore, RunningStore, StoreHarness } from "@p8e/testkit";
import { TestGround } from "./harness.ts";

const START_LIMIT_MS = 60_000;
/** Of what it logged, as much goes into an error. */
const LOG_MAX = 4000;

/** What the original demands beyond what its tests and ours set. */
const required = { RUST_LOG: "warn", BACKOFF_MIN_WAIT: "1", BACKOFF_MAX_WAIT: "2" };

/** Stores of the original, each in a process of its own. */
export class OriginalHarness extends TestGround implements StoreHarness {
  readonly #found: OriginalStore;

  constructor(found: OriginalStore) {
    super();
    this.#found = found;
  }

  async start(environment: Readonly<Record<string, string>>): Promise<RunningStore> {
    const port = Number(environment.OS_PORT ?? (await freePort()));
    const child = spawn(this.#found.program, [], {
      env: { PATH: process.env.PATH ?? "", ...required, ...environment, OS_URL: "127.0.0.1", OS_PORT: String(port) },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const said = tail(child);
    const gone = new Promise<void>((resolve) => {
      child.once("close", () => resolve());
      child.once("error", () => resolve());
    });
    const stop = async () => {
      child.kill("SIGKILL");
      await gone;
    };
    for (const deadline = performance.now() + START_LIMIT_MS; !(await isOpen(port)); await delay(20)) {
      const ended = child.pid === undefined || child.exitCode !== null;
      if (!ended && performance.now() < deadline) continue;
      await stop();
      throw new Error(`the original store does not serve:\n${said()}`);
    }
    return { host: "127.0.0.1", port, [Symbol.asyncDispose]: stop };
  }
}

/** The end of what the process writes. */
function tail({ stdout, stderr }: ChildProcess): () => string {
  let text = "";
  for (const stream of [stdout!, stderr!]) {
    stream.setEncoding("utf8");
    stream.on("data", (chunk: string) => {
      text = (text + chunk).slice(-LOG_MAX);
    });
  }
  return () => text;
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
