import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { RunningStore, StoreHarness } from "@p8e/testkit";
import { TestGround } from "./harness.ts";

/** A store in a process that can be killed, and whose memory can be measured. */
export interface StoreProcess extends RunningStore {
  readonly pid: number;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
  /** Peak resident memory since the last reset, in bytes; undefined where the system does not tell. */
  peakBytes(): number | undefined;
  resetPeak(): void;
}

/** Stores of ours, each in a process of its own. */
export class ProcessHarness extends TestGround implements StoreHarness<StoreProcess> {
  start(environment: Readonly<Record<string, string>>): Promise<StoreProcess> {
    return startProcess({ OS_URL: "127.0.0.1", OS_PORT: "0", ...environment });
  }
}

async function startProcess(environment: Readonly<Record<string, string>>): Promise<StoreProcess> {
  const entry = fileURLToPath(new URL("./store-process.ts", import.meta.url));
  const child = spawn(process.execPath, [entry], {
    env: { ...inherited("PATH", "NODE_COMPILE_CACHE", "P8E_TEST_LOG"), ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let asked = false;
  const gone = new Promise<void>((resolve) => {
    child.once("exit", (code, signal) => {
      if (!asked) process.stderr.write(`a store's process ended by itself: ${code ?? signal}\n`);
      resolve();
    });
  });
  const port = await firstLine(child, gone);
  const pid = child.pid!;
  return {
    host: "127.0.0.1",
    port: Number(port),
    pid,
    async kill() {
      asked = true;
      child.kill("SIGKILL");
      await gone;
    },
    peakBytes: () => statusBytes(pid, "VmHWM"),
    resetPeak: () => {
      // 5 resets the peak to what is resident now.
      if (statusBytes(pid, "VmHWM") !== undefined) writeFileSync(`/proc/${pid}/clear_refs`, "5");
    },
    async [Symbol.asyncDispose]() {
      asked = true;
      child.kill("SIGTERM");
      await gone;
    },
  };
}

async function firstLine(child: ChildProcess, gone: Promise<void>): Promise<string> {
  const line = new Promise<string>((resolve) => createInterface({ input: child.stdout! }).once("line", resolve));
  return Promise.race([
    line,
    gone.then(() => {
      throw new Error("the store's process ended before it served");
    }),
  ]);
}

function statusBytes(pid: number, field: string): number | undefined {
  try {
    const match = new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    return match ? Number(match[1]) * 1024 : undefined;
  } catch {
    return undefined;
  }
}

function inherited(...names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}
