// Installs what the lock file says, before anything of it can be used: no dependency, any Node.js >= 20.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout } from "node:timers/promises";

const PATIENCE_MS = 300_000;
/** Longer than it takes to write down whose a guard is. */
const UNSIGNED_MS = 10_000;
const PAUSE_MS = 250;
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"];

/** Whether the last complete install here was of the lock file as it is now. */
export function isInstalled(root) {
  const stamp = stampOf(root);
  return existsSync(stamp) && readFileSync(stamp, "utf8") === lockHash(root);
}

/**
 * Installs the locked dependencies into `root` when the lock file has changed since the last complete install; one that
 * npm made by itself counts when it is of the same packages. Two commands started at once do not install into the same
 * folder: the second waits for the first, and says so. A signal ends npm, then this process; what an ended process left is
 * taken over.
 * @returns {Promise<void>} once everything is installed; rejects with a sentence for the person otherwise
 */
export async function install(root) {
  if (isInstalled(root)) return;
  const guard = join(root, ".p8e-install.lock");
  await take(guard);
  try {
    if (isInstalled(root)) return;
    if (!isInstalledByNpm(root)) await npmCi(root);
    writeFileSync(stampOf(root), lockHash(root));
  } finally {
    rmSync(guard, { recursive: true, force: true });
  }
}

const stampOf = (root) => join(root, "node_modules", ".p8e-installed");
const lockOf = (root) => join(root, "package-lock.json");
const lockHash = (root) =>
  createHash("sha256")
    .update(readFileSync(lockOf(root)))
    .digest("hex");

/** Whether npm's own account of what it laid down names every package of the lock file, but for other systems' ones. */
function isInstalledByNpm(root) {
  let laid;
  try {
    laid = packagesIn(join(root, "node_modules", ".package-lock.json"));
  } catch {
    return false;
  }
  const locked = Object.entries(packagesIn(lockOf(root))).filter(([path]) => path.startsWith("node_modules/"));
  return (
    locked.length > 0 &&
    locked.every(([path, { version, integrity, link, optional, os, cpu, libc }]) => {
      const there = laid[path];
      if (there === undefined) return optional === true && isForAnother({ os, cpu, libc });
      return there.version === version && there.integrity === integrity && there.link === link;
    })
  );
}

/** Whether npm leaves a package out here, as its `os`, `cpu` or `libc` says. */
function isForAnother({ os, cpu, libc }) {
  const excludes = (list, own) =>
    list !== undefined && (list.includes(`!${own}`) || !(list.includes(own) || list.every((each) => each[0] === "!")));
  const glibc = process.report?.getReport().header.glibcVersionRuntime !== undefined;
  return (
    excludes(os, process.platform) ||
    excludes(cpu, process.arch) ||
    (process.platform === "linux" && excludes(libc, glibc ? "glibc" : "musl"))
  );
}

const packagesIn = (file) => JSON.parse(readFileSync(file, "utf8")).packages ?? {};

async function npmCi(root) {
  const windows = process.platform === "win32";
  const progress = tellProgress(root);
  let child;
  let received;
  const end = (signal) => {
    received = signal;
    child.kill(signal);
  };
  // Before npm starts: a signal that came in between would end us alone, and leave it installing.
  for (const signal of SIGNALS) process.on(signal, end);
  let said = "";
  try {
    child = spawn(windows ? "npm.cmd" : "npm", ["ci", "--loglevel=error", "--no-progress", ...PATIENCE_WITH_REGISTRY], {
      cwd: root,
      stdio: ["ignore", 2, "pipe"],
      shell: windows,
    });
    child.stderr.setEncoding("utf8").on("data", (text) => {
      said = (said + text).slice(-SAID_MAX);
    });
    const status = await new Promise((resolve, reject) => {
      child.once("error", (error) => reject(new Error(`npm ci cannot be started: ${error.message}`)));
      child.once("exit", resolve);
    });
    // Its last lines may still be under way; not for long, since what npm started may outlive it and keep the pipe open.
    await Promise.race([once(child.stderr, "end"), setTimeout(LAST_LINES_MS, undefined, { ref: false })]);
    if (received !== undefined) {
      const stopped = new Error("stopped while installing; the next command installs anew");
      throw Object.assign(stopped, { exitCode: 128 + constants.signals[received] });
    }
    if (status !== 0) throw new Error(failureOf(said));
  } finally {
    progress.end();
    for (const signal of SIGNALS) process.off(signal, end);
  }
}

/** npm's own take more than a minute before they say that there is no network. */
const PATIENCE_WITH_REGISTRY = ["--fetch-retries=2", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=4000"];
const SAID_MAX = 16_384;
const LAST_LINES_MS = 500;
const OFFLINE = /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ECONNRESET)\b/;

/** One sentence for what people meet, npm's own lines for the rest. */
function failureOf(said) {
  const offline = OFFLINE.exec(said)?.[1];
  if (offline !== undefined) {
    return `dependencies are missing and npm's registry cannot be reached (${offline}); connect to the network, or set npm's registry, and try again`;
  }
  if (said.includes("EDUPLICATEWORKSPACE")) {
    return `two folders of this clone are packages of the same name, as a copy of an example is; your own contract has its place outside of the clone: npx p8e contract new FOLDER`;
  }
  return `${said.trimEnd()}\nnpm ci failed; see the lines above, then try again`;
}

/** On a terminal a line that is written over, elsewhere one now and then. */
function tellProgress(root) {
  const terminal = process.stderr.isTTY === true;
  const started = Date.now();
  const line = () => `p8e: installing dependencies (once): ${seconds(started)}, ${laidDown(root)} packages so far`;
  process.stderr.write(
    terminal ? "p8e: installing dependencies (once) ..." : "p8e: installing dependencies (once) ...\n",
  );
  const timer = setInterval(
    () => process.stderr.write(terminal ? `\r\u001b[2K${line()}` : `${line()}\n`),
    terminal ? 500 : 10_000,
  );
  return {
    end: () => {
      clearInterval(timer);
      if (terminal) process.stderr.write("\r\u001b[2K");
    },
  };
}

const seconds = (since) => `${Math.round((Date.now() - since) / 1000)} s`;

/** How many packages have a folder so far, those inside of others not counted. */
function laidDown(root) {
  const names = (folder) => {
    try {
      return readdirSync(folder).filter((name) => !name.startsWith("."));
    } catch {
      return [];
    }
  };
  const top = join(root, "node_modules");
  return names(top).reduce((sum, name) => sum + (name.startsWith("@") ? names(join(top, name)).length : 1), 0);
}

/** Waits until the guard is ours. */
async function take(guard) {
  const deadline = Date.now() + PATIENCE_MS;
  let said = false;
  while (!make(guard)) {
    removeAbandoned(guard);
    if (Date.now() > deadline) {
      const who = holder(guard) === undefined ? "another command" : `process ${holder(guard)}`;
      throw new Error(`${who} has been installing for long; if it is none of yours, remove ${guard}`);
    }
    if (!said && existsSync(guard)) {
      const pid = holder(guard);
      const who = pid === undefined ? "" : ` (process ${pid})`;
      process.stderr.write(`p8e: waiting for another command that installs${who} ...\n`);
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
    if ((ageMs(turn) ?? 0) > UNSIGNED_MS) removeTurn(turn);
    return;
  }
  if (isAbandoned(guard)) rmSync(guard, { recursive: true, force: true });
  rmSync(turn, { recursive: true, force: true });
}

/** What one that ended left; moved away first, so that nobody removes another's new one. */
function removeTurn(turn) {
  const old = `${turn}.${process.pid}`;
  try {
    renameSync(turn, old);
  } catch {
    return; // another was first
  }
  rmSync(old, { recursive: true, force: true });
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
