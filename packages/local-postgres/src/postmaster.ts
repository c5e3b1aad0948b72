import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { join } from "node:path";
import { P8eError, pause } from "@p8e/core";
import { freePort, isAlive, workingFolder } from "@p8e/machine";
import type { PostgresBinaries } from "./binaries.ts";
import { type Isolation, isolated } from "./isolation.ts";

/** A running PostgreSQL server, as its own postmaster.pid describes it. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
}

const host = "127.0.0.1";
const startTimeoutMs = 60_000;
const stopTimeoutMs = 60_000;

const serverSettings = [
  `listen_addresses=${host}`,
  "unix_socket_directories=",
  "max_connections=200",
  "fsync=on",
  "synchronous_commit=on",
  "full_page_writes=on",
  "password_encryption=scram-sha-256",
  "log_checkpoints=off",
  "jit=off",
];

/** The server that is running on this cluster, if there is one; a lock file that a crash left behind is cleared. */
export function findPostmaster(cluster: string): (Postmaster & { ready: boolean }) | undefined {
  const path = join(cluster, "postmaster.pid");
  const lines = readLines(path);
  if (!lines) return undefined;
  const pid = Number(lines[0]);
  if (!isAlive(pid) || !servesCluster(pid, cluster)) {
    // PostgreSQL itself would refuse to start when the process id now belongs to some other program.
    rmSync(path, { force: true });
    return undefined;
  }
  return { pid, port: Number(lines[3]), ready: lines[7]?.trim() === "ready" };
}

/**
 * Starts the server, detached from our terminal so that Ctrl-C does not stop it before the stores have drained.
 * @throws `environment.unsupported` when it does not come up; the tail of its log is in the facts
 */
export async function startPostmaster(
  cluster: string,
  logPath: string,
  options: {
    readonly binaries: PostgresBinaries;
    readonly isolation: Isolation;
    readonly preferredPort?: number | undefined;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<Postmaster> {
  let port = await freePort(options.preferredPort);
  for (let attempt = 1; ; attempt++) {
    const log = openSync(logPath, "a", 0o600);
    const logStart = readText(logPath).length;
    const flags = serverSettings.flatMap((setting) => ["-c", setting]);
    const run = isolated(options.isolation, options.binaries.postgres, ["-D", cluster, "-p", String(port), ...flags]);
    const child = spawn(run.command, run.args, {
      ...run.options,
      cwd: "/",
      detached: true,
      stdio: ["ignore", log, log],
      env: { PATH: process.env.PATH ?? "", LC_ALL: "C", TZ: process.env.TZ ?? "" },
    });
    closeSync(log);
    child.unref();
    const exited = new Promise<string>((resolve) => {
      child.once("error", (error) => resolve(error.message));
      child.once("exit", (code, signal) => resolve(`exit ${code ?? signal}`));
    });
    const started = await Promise.race([untilReady(cluster, options.signal), exited]).catch(async (error: unknown) => {
      // Nobody will own a server that was given up. This process must not end before it, so it counts again.
      child.ref();
      child.kill("SIGINT");
      await exited;
      throw error;
    });
    if (typeof started !== "string") return started;
    const tail = readText(logPath).slice(logStart).slice(-1500);
    if (attempt < 20 && /could not bind|Address already in use/.test(tail)) {
      port = await freePort();
      continue;
    }
    // The children of a killed server need a moment to notice and leave.
    if (attempt < 20 && /pre-existing shared memory block|is still in use/.test(tail)) {
      await pause(250, options.signal);
      continue;
    }
    throw new P8eError("environment.unsupported", `the embedded PostgreSQL did not start (${started})`, {
      facts: { log: tail },
    });
  }
}

/** Waits until a server that is starting (or recovering from a crash) accepts connections. */
export async function untilReady(cluster: string, signal?: AbortSignal): Promise<Postmaster> {
  const deadline = Date.now() + startTimeoutMs;
  for (;;) {
    const found = peekPostmaster(cluster);
    if (found?.ready) return { pid: found.pid, port: found.port };
    if (Date.now() > deadline) {
      throw new P8eError("environment.unsupported", "the embedded PostgreSQL did not become ready in time", {
        facts: { seconds: startTimeoutMs / 1000 },
      });
    }
    await pause(15, signal);
  }
}

/** Disconnects clients, writes a checkpoint, and returns when the server is gone. */
export async function stopPostmaster(cluster: string, pid: number): Promise<void> {
  if (!isAlive(pid) || !servesCluster(pid, cluster)) return;
  process.kill(pid, "SIGINT");
  const deadline = Date.now() + stopTimeoutMs;
  while (isAlive(pid)) {
    if (Date.now() > deadline) {
      throw new P8eError("environment.unsupported", "the embedded PostgreSQL did not stop in time", { facts: { pid } });
    }
    await pause(10);
  }
}

/** Ends it at once and waits for nothing: at its next start it reads its log, as after a crash. */
export function quitPostmaster(cluster: string, pid: number): void {
  try {
    if (servesCluster(pid, cluster)) process.kill(pid, "SIGQUIT");
  } catch {
    // It has ended by itself.
  }
}

/** The server of a cluster, as far as its lock file and the system tell; changes nothing. */
export function peekPostmaster(cluster: string): (Postmaster & { ready: boolean }) | undefined {
  const lines = readLines(join(cluster, "postmaster.pid"));
  if (!lines || lines.length < 8) return undefined;
  const pid = Number(lines[0]);
  if (!isAlive(pid) || !servesCluster(pid, cluster)) return undefined;
  return { pid, port: Number(lines[3]), ready: lines[7]?.trim() === "ready" };
}

/** PostgreSQL changes into its data folder; where the system does not tell, the lock file alone must do. */
function servesCluster(pid: number, cluster: string): boolean {
  const folder = workingFolder(pid);
  if (folder === undefined) return process.platform !== "linux";
  // A server whose folder was removed goes on, and is still ours to stop.
  return existsSync(cluster) ? folder === realpathSync(cluster) : folder === `${cluster} (deleted)`;
}

function readLines(path: string): string[] | undefined {
  const text = readText(path);
  return text === "" ? undefined : text.split("\n");
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
