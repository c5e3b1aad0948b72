import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { setTimeout } from "node:timers/promises";
import { root } from "./p8e.ts";

const CTRL_C = "\u0003";
const END_MS = 60_000;
/** On a machine that runs other tests beside it. */
const SAID_MS = 180_000;

/** Whether this machine has util-linux's `script`, which gives a program a terminal. */
export function hasPty(): boolean {
  try {
    return execFileSync("script", ["--version"], { encoding: "utf8" }).includes("util-linux");
  } catch {
    return false;
  }
}

/** A shell's command in a terminal of its own, as a person has it. */
export class PtyRun {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #said = "";

  /** @param env beside this process's own */
  constructor(command: string, env: Readonly<Record<string, string>>) {
    // Whatever starts the tests is no terminal's npm.
    const inherited = Object.entries(process.env).filter(([name]) => !/^(npm_|P8E_|NODE_TEST|CI$)/.test(name));
    this.#child = spawn("script", ["-qefc", command, "/dev/null"], {
      cwd: root,
      env: { ...Object.fromEntries(inherited), ...env, TERM: "xterm" },
      stdio: ["pipe", "pipe", "inherit"],
      detached: true,
    });
    this.#child.stdin!.on("error", () => undefined);
    this.#child.stdout!.setEncoding("utf8").on("data", (text: string) => {
      this.#said += text;
    });
    this.#ended = once(this.#child, "close");
  }

  /** All that stood on the screen. */
  get said(): string {
    return this.#said;
  }

  /** Waits until this was said; with a fault when the command ends before, or says it too late. */
  async until(text: string): Promise<void> {
    const late = performance.now() + SAID_MS;
    let over = false;
    this.#ended.then(() => {
      over = true;
    });
    while (!this.#said.includes(text)) {
      const what = `before it said ${JSON.stringify(text)}:\n${this.#said.slice(-2000)}`;
      assert.ok(!over, `it ended ${what}`);
      assert.ok(performance.now() < late, `${SAID_MS} ms passed ${what}`);
      await setTimeout(20);
    }
  }

  pressCtrlC(): void {
    this.#child.stdin!.write(CTRL_C);
  }

  /** The terminal goes, as when its window is closed: the system hangs up on everything in it. */
  close(): void {
    this.#child.kill("SIGKILL");
  }

  /** Sends a signal to the program that the terminal was started with, as a supervisor does. */
  terminate(): void {
    const children = readFileSync(`/proc/${this.#child.pid}/task/${this.#child.pid}/children`, "utf8").trim();
    for (const pid of children.split(" ")) if (pid !== "") process.kill(Number(pid), "SIGTERM");
  }

  /** Waits for the end of it: @param withinMs what a whole story takes is more than a fault's end does */
  async ended(withinMs = END_MS): Promise<void> {
    const late = setTimeout(withinMs, "late", { ref: false });
    assert.notEqual(await Promise.race([this.#ended, late]), "late", `it does not end:\n${this.#said.slice(-2000)}`);
  }
}

/** The processes that know a folder, by their arguments or the variables they were started with: `number: command line`. */
export function processesAt(folder: string): string[] {
  const found: string[] = [];
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    try {
      const line = readFileSync(`/proc/${name}/cmdline`, "utf8");
      const environment = readFileSync(`/proc/${name}/environ`, "utf8");
      if (line.includes(folder) || environment.includes(folder)) found.push(`${name}: ${line.replaceAll("\0", " ")}`);
    } catch {
      // It has ended meanwhile.
    }
  }
  return found;
}
