// Running Maven and the tools it fetches, once for the same inputs.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";

export const PATH_SEPARATOR = process.platform === "win32" ? ";" : ":";

const BUILD_LIMIT_MS = 600_000;

/**
 * Runs `build` with an empty `target` folder, unless the last run was of the same inputs. Test files run side by side:
 * one of them builds, the others wait for it.
 *
 * @param inputs the files that decide the result
 * @param isUsable asked whether an earlier result still works, as when jars lie outside of `target`
 */
export async function buildOnce(
  target: string,
  inputs: readonly string[],
  build: () => void,
  isUsable: () => boolean = () => true,
): Promise<void> {
  const hash = createHash("sha256");
  for (const path of [...inputs].sort()) hash.update(path).update("\0").update(readFileSync(path)).update("\0");
  const wanted = hash.digest("hex");
  const stamp = join(target, "built.sha256");
  const isBuilt = () => existsSync(stamp) && readFileSync(stamp, "utf8") === wanted && isUsable();
  if (isBuilt()) return;
  const guard = `${target}.building`;
  await enter(guard);
  try {
    if (isBuilt()) return;
    rmSync(target, { recursive: true, force: true });
    mkdirSync(target, { recursive: true });
    build();
    writeFileSync(stamp, wanted);
  } finally {
    rmSync(guard, { recursive: true, force: true });
  }
}

async function enter(guard: string): Promise<void> {
  for (const deadline = Date.now() + BUILD_LIMIT_MS; ; await sleep(200)) {
    try {
      mkdirSync(guard);
      return;
    } catch {
      const since = statSync(guard, { throwIfNoEntry: false })?.mtimeMs;
      // Left behind by a run that was killed.
      if (since !== undefined && Date.now() - since > BUILD_LIMIT_MS) rmSync(guard, { recursive: true, force: true });
      if (Date.now() > deadline) throw new Error(`another build never ended: ${guard}`);
    }
  }
}

/** The jars of a classpath file that Maven wrote. */
export function readClasspath(path: string): readonly string[] {
  return existsSync(path) ? readFileSync(path, "utf8").trim().split(PATH_SEPARATOR) : [];
}

/** Maven could not fetch something: the registry is out of reach, as it may be on a developer's machine. */
export class FetchFailed extends Error {}

/**
 * What `open` gives; or, when Maven could not fetch what it needs, undefined and a printed line. With P8E_REQUIRE_PEERS
 * set nothing may be missing.
 */
export async function optionalPeer<Peer>(what: string, open: () => Promise<Peer>): Promise<Peer | undefined> {
  try {
    return await open();
  } catch (error) {
    if (!(error instanceof FetchFailed) || process.env.P8E_REQUIRE_PEERS) throw error;
    process.stdout.write(`skipped: ${what} (${error.message.slice(0, 200)})\n`);
    return undefined;
  }
}

/**
 * What the program printed.
 * @throws Error with the beginning of its output when it fails
 */
export function runTool(command: string, args: readonly string[], options: { cwd: string; input?: string }): string {
  const done = spawnSync(command, args, {
    ...options,
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
    shell: process.platform === "win32" && command === "mvn",
  });
  if (done.error) throw command === "mvn" ? new FetchFailed("there is no mvn command") : done.error;
  if (done.status !== 0) {
    const message = `${command} failed:\n${done.stdout.slice(0, 4000)}\n${done.stderr.slice(0, 4000)}`;
    // Sources that do not compile are our mistake, never an absent peer.
    throw command === "mvn" && !message.includes("COMPILATION ERROR") ? new FetchFailed(message) : new Error(message);
  }
  return done.stdout;
}
