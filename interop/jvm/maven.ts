// Running Maven and the tools it fetches, once for the same inputs.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

export const PATH_SEPARATOR = process.platform === "win32" ? ";" : ":";

/**
 * Runs `build` with an empty `target` folder, unless the last run was of the same inputs.
 * @param inputs the files that decide the result
 */
export function buildOnce(target: string, inputs: readonly string[], build: () => void): void {
  const hash = createHash("sha256");
  for (const path of [...inputs].sort()) hash.update(path).update("\0").update(readFileSync(path)).update("\0");
  const wanted = hash.digest("hex");
  const stamp = join(target, "built.sha256");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  build();
  writeFileSync(stamp, wanted);
}

/** Maven could not fetch something: the registry is out of reach, as it may be on a developer's machine. */
class FetchFailed extends Error {}

/**
 * What `open` gives; or, when Maven could not fetch what it needs, undefined and a printed line. With P8E_REQUIRE_PEERS
 * set nothing may be missing.
 */
export function optionalPeer<Peer>(what: string, open: () => Peer): Peer | undefined {
  try {
    return open();
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
  if (done.error) throw done.error;
  if (done.status !== 0) {
    const message = `${command} failed:\n${done.stdout.slice(0, 4000)}\n${done.stderr.slice(0, 4000)}`;
    throw command === "mvn" ? new FetchFailed(message) : new Error(message);
  }
  return done.stdout;
}
