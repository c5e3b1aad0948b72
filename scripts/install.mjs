// Installs what the lock file says, before anything of it can be used: no dependency, any Node.js >= 20.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout } from "node:timers/promises";

const PATIENCE_MS = 300_000;
/** Longer than it takes to write down whose a guard is. */
const UNSIGNED_MS = 10_000;
const PAUSE_MS = 250;
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Installs the locked dependencies into `root` when the lock file has changed since the last complete install. Two commands
 * started at once do not install into the same folder: the second waits for the first, and says so. A signal ends npm, then
 * this process; what an ended process left is taken over.
 * @returns {Promise<void>} once everything is installed; rejects with a sentence for the person otherwise
 */
export async function install(root) {
  const lock = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  const stamp = join(root, "node_modules", ".p8e-installed");
  const installed = () => existsSync(stamp) && readFileSync(stamp, "utf8") === lock;
  if (installed()) return;
  const guard = join(root, ".p8e-install.lock");
  await take(guard);
  try {
    if (installed()) return;
    process.stderr.write("p8e: installing dependencies (once) ...\n");
    await npm(root, ["ci", "--loglevel=error", "--no-progress"]);
    writeFileSync(stamp, lock);
  } finally {
    rmSync(guard, { recursive: true, force: true });
  }
}

async function npm(root, args) {
  const windows = process.platform === "win32";
  let child;
  let received;
  const end = (signal) => {
    received = signal;
    child.kill(signal);
  };
  // Before npm starts: a signal that came in between would end us alone, and leave it installing.
  for (const signal of SIGNALS) process.on(signal, end);
  try {
    child = spawn(windows ? "npm.cmd" : "npm", args, { cwd: root, stdio: ["ignore", 2, 2], shell: windows });
    const status = await new Promise((resolve, reject) => {
      child.once("error", (error) => reject(new Error(`npm ${args[0]} cannot be started: ${error.message}`)));
      child.once("exit", resolve);
    });
    if (received !== undefined) {
      const stopped = new Error("stopped while installing; the next command installs anew");
      throw Object.assign(stopped, { exitCode: 128 + constants.signals[received] });
    }
    if (status !== 0) throw new Error(`npm ${args[0]} failed; see the lines above, then try again`);
  } finally {
    for (const signal of SIGNALS) process.off(signal, end);
  }
}

/** Waits until the guard is ours. */
async function take(guard) {
  const deadline = Date.now() + PATIENCE_MS;
  let said = false;
  while (!make(guard)) {
    removeAbandoned(guard);
    if (Date.now() > deadline) {
      throw new Error(`process ${holder(guard)} has been installing for long; if it is none of yours, remove ${guard}`);
    }
    if (!said && existsSync(guard)) {
      process.stderr.write(`p8e: waiting for another command that installs (process ${holder(guard)}) ...\n`);
      said = true;
    }
    await setTimeout(PAUSE_MS);
  }
}

function make(guard) {
  try {
    mkdirSync(guard);
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  }
  writeFileSync(join(guard, "pid"), `${process.pid}\n`);
  return true;
}

/** Only one process at a time looks whether a guard is abandoned and removes it: between looking and removing it could be another's. */
function removeAbandoned(guard) {
  if (!isAbandoned(guard)) return;
  const turn = `${guard}.turn`;
  try {
    mkdirSync(turn);
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    if ((ageMs(turn) ?? 0) > UNSIGNED_MS) rmSync(turn, { recursive: true, force: true });
    return;
  }
  if (isAbandoned(guard)) rmSync(guard, { recursive: true, force: true });
  rmSync(turn, { recursive: true, force: true });
}

function isAbandoned(guard) {
  const pid = holder(guard);
  if (pid === undefined) return (ageMs(guard) ?? 0) > UNSIGNED_MS;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error.code === "ESRCH";
  }
}

function holder(guard) {
  try {
    return Number(/^\d+/.exec(readFileSync(join(guard, "pid"), "utf8"))?.[0] ?? undefined) || undefined;
  } catch {
    return undefined;
  }
}

function ageMs(path) {
  try {
    return Date.now() - statSync(path).mtimeMs;
  } catch {
    return undefined;
  }
}
