import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { prepareLocalPostgres } from "@p8e/testkit";
import { runCommandLine } from "../../src/command-line.ts";

const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
export const root = fileURLToPath(new URL("../../../../", import.meta.url));

export interface Run {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
  readonly milliseconds: number;
}

export interface JsonError {
  readonly code: string;
  readonly message: string;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly hint?: string;
}

export interface StartOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** In a process group of its own, as a shell starts a command: Ctrl-C reaches the whole group. */
  readonly group?: boolean;
  /** By whose profile, instead of the environment in the data folder. */
  readonly profile?: string;
  /** What comes on standard input; nothing otherwise. */
  readonly input?: string | Uint8Array;
  /** Called in this process, it takes its output for a terminal of 80 columns. */
  readonly terminal?: boolean;
  /** What comes on descriptor 3. */
  readonly descriptor3?: string;
}

/**
 * A folder with a data folder in it, and the command: as a person starts it (plain Node.js, nothing shared but files), or
 * by its function in this process, where a test is about what it does and says and not about its process.
 */
export class CommandLine implements AsyncDisposable {
  readonly folder: string;
  readonly data: string;
  /** All that any run has printed. */
  readonly printed: string[] = [];
  readonly #running = new Set<ChildProcess>();
  readonly #options: readonly string[];
  #calls = 0;

  /** @param choice `data: false` for commands that find their profile by themselves */
  constructor(choice: { readonly data: boolean } = { data: true }) {
    this.folder = mkdtempSync(join(tmpdir(), "p8e-cli-"));
    this.data = join(this.folder, "data");
    this.#options = choice.data ? ["--data", this.data] : [];
  }

  path(...names: readonly string[]): string {
    return join(this.folder, ...names);
  }

  /** `--data`, or the `--profile` of the options, is added; the working directory is the test's folder. */
  async run(args: readonly string[], options: StartOptions = {}): Promise<Run> {
    const started = performance.now();
    const child = this.start(args, options);
    const stdout: Buffer[] = [];
    let stderr = "";
    child.stdout!.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr!.on("data", (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    const [code] = (await once(child, "close")) as [number | null];
    const run = { code, stdout: Buffer.concat(stdout), stderr, milliseconds: performance.now() - started };
    this.printed.push(run.stdout.toString("latin1"), run.stderr);
    return run;
  }

  /** The same by the command's function, in this process; in one of its own where the options ask for that. */
  async call(args: readonly string[], options: StartOptions = {}): Promise<Run> {
    const { profile, terminal, cwd = this.folder, ...ofAProcess } = options;
    const asked = Object.values(ofAProcess).some((each) => each !== undefined && !isEmpty(each));
    // A process works in one folder at a time.
    if (asked || (this.#calls > 0 && realpathSync(cwd) !== process.cwd())) return this.run(args, options);
    const started = performance.now();
    const [stdout, stderr] = [new Printed(), new Printed()];
    if (terminal === true) Object.assign(stdout, { isTTY: true, columns: 80 });
    const variables = { ...cleanEnvironment(), NO_COLOR: "1" };
    process.chdir(cwd);
    this.#calls += 1;
    const code = await runCommandLine([...args, ...this.#where(profile)], { stdout, stderr, variables }).finally(() => {
      this.#calls -= 1;
    });
    const run = {
      ...{ code, stdout: Buffer.concat(stdout.chunks), stderr: Buffer.concat(stderr.chunks).toString() },
      milliseconds: performance.now() - started,
    };
    this.printed.push(run.stdout.toString("latin1"), run.stderr);
    return run;
  }

  /** What a successful run says under `--json`. */
  async json<T>(args: readonly string[], options: StartOptions = {}): Promise<T> {
    const { code, stdout, stderr } = await this.call([...args, "--json"], options);
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout.toString()) as T;
  }

  /** What a person reads of a successful run. */
  async text(args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.call(args);
    assert.equal(code, 0, stderr);
    return stdout.toString();
  }

  /** The error of a run that must fail with this exit code, as JSON on stderr with nothing on stdout. */
  async refused(
    exit: number,
    args: readonly string[],
    env: Record<string, string> = {},
    given: Omit<StartOptions, "env"> = {},
  ): Promise<JsonError> {
    const { code, stdout, stderr } = await this.call([...args, "--json"], { ...given, env });
    assert.equal(code, exit, stderr);
    assert.equal(stdout.toString(), "");
    // Warnings may come first, a line each.
    const { error } = JSON.parse(stderr.trim().split("\n").at(-1)!) as { error: JsonError };
    return error;
  }

  /** Starts without waiting for the end. */
  start(args: readonly string[], options: StartOptions = {}): ChildProcess {
    const child = spawn(process.execPath, [main, ...args, ...this.#where(options.profile)], {
      cwd: options.cwd ?? this.folder,
      env: { ...cleanEnvironment(), ...options.env, NO_COLOR: "1" },
      detached: options.group ?? false,
      stdio: [
        options.input === undefined ? "ignore" : "pipe",
        "pipe",
        "pipe",
        options.descriptor3 === undefined ? "ignore" : "pipe",
      ],
    });
    // A command may end without having read what it was given.
    child.stdin?.on("error", () => undefined).end(options.input);
    if (options.descriptor3 !== undefined) {
      (child.stdio[3] as Writable).on("error", () => undefined).end(options.descriptor3);
    }
    this.#running.add(child);
    child.once("exit", () => this.#running.delete(child));
    return child;
  }

  /** `p8e up`, until it says that it is up. */
  async up(): Promise<ChildProcess> {
    await prepareLocalPostgres(join(this.data, "postgres"));
    return (await this.serving(["up"])).child;
  }

  /** Starts what goes on serving, and waits until it says where. */
  async serving<T>(
    args: readonly string[],
    env: Record<string, string> = {},
    options: StartOptions = {},
  ): Promise<{ child: ChildProcess; said: T }> {
    const child = this.start([...args, "--json"], { ...options, env });
    let stdout = "";
    let stderr = "";
    child.stderr!.on("data", (chunk: Buffer) => {
      stderr += chunk.toString();
      this.printed.push(chunk.toString());
    });
    await new Promise<void>((resolve, reject) => {
      child.stdout!.on("data", (chunk: Buffer) => {
        this.printed.push(chunk.toString());
        stdout += chunk.toString();
        if (stdout.endsWith("}\n")) resolve();
      });
      child.once("exit", (code) => reject(new Error(`${args.join(" ")} ended with ${code}: ${stderr}`)));
    });
    return { child, said: JSON.parse(stdout) as T };
  }

  /** Stops what still runs, in order. */
  async stopAll(): Promise<void> {
    await Promise.all(
      [...this.#running].map(async (child) => {
        const exited = once(child, "exit");
        child.kill("SIGTERM");
        await exited;
      }),
    );
  }

  /** The same, and removes everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopAll();
    this.#stopDatabase();
    process.chdir(root);
    rmSync(this.folder, { recursive: true, force: true });
  }

  #where(profile: string | undefined): readonly string[] {
    return profile === undefined ? this.#options : ["--profile", profile];
  }

  /** A database that outlived a killed parent belongs to nobody any more. */
  #stopDatabase(): void {
    try {
      const [pid] = readFileSync(join(this.data, "postgres", "cluster", "postmaster.pid"), "utf8").split("\n");
      process.kill(Number(pid), "SIGINT");
    } catch {
      // It is gone.
    }
  }
}

/** What a command prints, kept. */
class Printed extends Writable {
  readonly chunks: Buffer[] = [];

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.chunks.push(chunk);
    done();
  }
}

function cleanEnvironment(): NodeJS.ProcessEnv {
  const { P8E_DATA: _data, P8E_PROFILE: _profile, FORCE_COLOR: _color, NODE_OPTIONS: _options, ...env } = process.env;
  return env;
}

const isEmpty = (value: unknown): boolean => typeof value === "object" && Object.keys(value as object).length === 0;

/** Does something to a running command as soon as it has said some words; resolves at its end with all it said. */
export async function killWhenSaid(
  child: ChildProcess,
  words: string,
  kill: (child: ChildProcess) => void,
): Promise<string> {
  let said = "";
  let killed = false;
  const hear = (chunk: Buffer) => {
    said += chunk.toString();
    if (killed || !said.includes(words)) return;
    killed = true;
    kill(child);
  };
  child.stdout!.on("data", hear);
  child.stderr!.on("data", hear);
  await once(child, "close");
  assert.ok(killed, `it never said "${words}": ${said}`);
  return said;
}
