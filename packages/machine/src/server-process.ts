import { type ChildProcess, fork } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { P8eError } from "@p8e/core";
import { markProcess, unmarkProcess } from "./process-mark.ts";

/** Which server, and where it leaves its traces. */
export interface ServerProcessOptions {
  /** For messages: "lender's store". */
  readonly name: string;
  /** The module to run; TypeScript is fine. */
  readonly entry: URL;
  readonly env: Readonly<Record<string, string>>;
  /** Everything the child prints is appended here. */
  readonly logFile: string;
  /** Names the child's process while it lives, for whoever comes after a crash of this process. */
  readonly markFile: string;
  /** Called when the child died without being asked to, before it is started again. */
  readonly onDeath?: (reason: string) => void;
  readonly onRestart?: () => void;
}

/** What a child tells once it serves. */
export interface ReadyMessage {
  readonly ready: true;
  readonly port: number;
}

/** What a child tells that cannot serve, before it ends. */
export interface FailedMessage {
  readonly failed: { readonly code: string; readonly message: string };
}

type State = "starting" | "running" | "died" | "stopping" | "stopped";

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 15_000;
const RESTARTS_MAX = 20;
const RESTART_DELAY_MIN_MS = 100;
const RESTART_DELAY_MAX_MS = 5_000;
/** A child that ran this long has recovered: the count of restarts begins anew. */
const STEADY_MS = 30_000;

/**
 * A server of ours as a child process: started, watched, restarted when it dies, stopped.
 *
 * states: starting -> running -> (died -> starting)* -> stopping -> stopped
 *
 * The child reports `{ ready: true, ... }` over its IPC channel once it serves; when the channel closes because this
 * process died, the child stops by itself, so nothing is left behind.
 */
export class ServerProcess implements AsyncDisposable {
  readonly #options: ServerProcessOptions;
  #state: State = "starting";
  #child: ChildProcess | undefined;
  #restarts = 0;
  #startedAtMs = 0;
  #restartTimer: NodeJS.Timeout | undefined;

  private constructor(options: ServerProcessOptions) {
    this.#options = options;
  }

  /** Resolves when the server serves. @throws `process.failed` with the log's path when it does not come up */
  static async start(options: ServerProcessOptions): Promise<ServerProcess> {
    const server = new ServerProcess(options);
    try {
      await server.#launch();
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  /** Undefined while it is dead. */
  get pid(): number | undefined {
    const child = this.#child;
    return child === undefined || child.exitCode !== null || child.signalCode !== null ? undefined : child.pid;
  }

  async stop(): Promise<void> {
    if (this.#state === "stopped") return;
    this.#state = "stopping";
    clearTimeout(this.#restartTimer);
    const child = this.#child;
    if (child !== undefined && child.exitCode === null && child.signalCode === null) {
      const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
      child.kill("SIGTERM");
      const force = setTimeout(() => child.kill("SIGKILL"), STOP_LIMIT_MS);
      await exited;
      clearTimeout(force);
    }
    unmarkProcess(this.#options.markFile);
    this.#state = "stopped";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #launch(): Promise<void> {
    this.#state = "starting";
    this.#startedAtMs = Date.now();
    const log = openSync(this.#options.logFile, "a", 0o600);
    let child: ChildProcess;
    try {
      child = fork(this.#options.entry, {
        stdio: ["ignore", log, log, "ipc"],
        env: { ...inherited(), ...this.#options.env },
        // Ctrl-C reaches a whole process group; the children must outlive it until they are stopped in order.
        detached: true,
        serialization: "json",
        execArgv: ["--disable-warning=ExperimentalWarning"],
      });
    } finally {
      closeSync(log);
    }
    this.#child = child;
    if (child.pid !== undefined) markProcess(this.#options.markFile, child.pid);
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        child.kill("SIGKILL");
        reject(this.#failure(`did not start within ${START_LIMIT_MS / 1000} s`));
      }, START_LIMIT_MS);
      const settle = (action: () => void) => {
        clearTimeout(timer);
        action();
      };
      let told: FailedMessage["failed"] | undefined;
      child.on("message", (message: Partial<ReadyMessage & FailedMessage>) => {
        told ??= message.failed;
        if (message.ready !== true || this.#state !== "starting") return;
        this.#state = "running";
        settle(resolve);
      });
      child.once("error", (cause) => settle(() => reject(this.#failure("could not be started", cause))));
      child.once("exit", (code, signal) => {
        const reason = signal === null ? `exited with code ${code}` : `was killed by ${signal}`;
        settle(() => reject(told === undefined ? this.#failure(reason) : this.#refusal(told)));
        if (this.#state === "running") this.#revive(reason);
      });
    });
  }

  #revive(reason: string): void {
    this.#state = "died";
    this.#options.onDeath?.(reason);
    if (Date.now() - this.#startedAtMs > STEADY_MS) this.#restarts = 0;
    if (++this.#restarts > RESTARTS_MAX) {
      this.#state = "stopped";
      this.#options.onDeath?.(`gave up after ${RESTARTS_MAX} restarts`);
      return;
    }
    const delayMs = Math.min(RESTART_DELAY_MAX_MS, RESTART_DELAY_MIN_MS * 2 ** (this.#restarts - 1));
    this.#restartTimer = setTimeout(() => {
      this.#launch().then(
        () => this.#options.onRestart?.(),
        (error: unknown) => {
          if (this.#state !== "stopping" && this.#state !== "stopped") this.#revive(P8eError.from(error).message);
        },
      );
    }, delayMs);
  }

  /** The child's own words: its exit code alone says little. */
  #refusal({ code, message }: FailedMessage["failed"]): P8eError {
    const { name, logFile } = this.#options;
    return new P8eError("process.failed", `${name} did not start: ${message}`, {
      facts: { process: name, reason: code, log: logFile },
      hint: `See ${logFile}.`,
    });
  }

  #failure(what: string, cause?: unknown): P8eError {
    return new P8eError("process.failed", `${this.#options.name} ${what}`, {
      facts: { process: this.#options.name, log: this.#options.logFile },
      hint: `See ${this.#options.logFile}.`,
      cause,
    });
  }
}

/** Children get what a program needs to run, and none of the settings that happen to be in our environment. */
function inherited(): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of ["PATH", "HOME", "TMPDIR", "TEMP", "TZ", "LANG", "SystemRoot", "NODE_COMPILE_CACHE"]) {
    const value = process.env[name];
    if (value !== undefined) kept[name] = value;
  }
  return kept;
}
