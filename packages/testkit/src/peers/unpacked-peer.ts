import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import process from "node:process";
import { promisify } from "node:util";

/** A foreign program that tests meet is not on this machine. */
export class PeerMissing extends Error {
  override readonly name: string = "PeerMissing";
}

/** Beside the repository, where CI and developers keep foreign programs; never part of it. */
export const PEERS_FOLDER = resolve(import.meta.dirname, "../../../../../shared/peers");

/**
 * The folder in which these archives are unpacked, once: `P8E_PEERS` (else a folder of the system's temporary one, as the
 * archives' own start scripts do).
 * @param name of the folder: peer and version
 * @param archives `.tar.xz` files, each of one program of the same name
 * @throws PeerMissing
 */
export async function unpackedPeer(name: string, archives: readonly string[]): Promise<string> {
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new PeerMissing("the archives hold programs for linux-x64");
  }
  for (const archive of archives) await requirePeerFile(archive, constants.R_OK);
  const folder = join(process.env.P8E_PEERS || join(tmpdir(), "p8e-peers"), name);
  const isThere = () =>
    access(folder).then(
      () => true,
      () => false,
    );
  if (await isThere()) return folder;
  await mkdir(dirname(folder), { recursive: true });
  // Two processes may unpack at once: each into a folder of its own, and the first to rename it wins.
  const part = await mkdtemp(`${folder}.part.`);
  try {
    for (const archive of archives) await promisify(execFile)("tar", ["-xJf", archive, "-C", part]);
    await rename(part, folder);
  } catch (error) {
    if (!(await isThere())) throw error;
  } finally {
    await rm(part, { recursive: true, force: true });
  }
  return folder;
}

/** @throws PeerMissing when the file is not there, or may not be used in this `mode` of `access` */
export async function requirePeerFile(path: string, mode: number): Promise<void> {
  try {
    await access(path, mode);
  } catch {
    throw new PeerMissing(`not here: ${path}`);
  }
}

/**
 * What `open` gives; where `find` says that the peer is missing, undefined and a printed line, or, where
 * `P8E_REQUIRE_PEERS` is set, the error.
 * @param what the tests that are skipped then, as the line names them
 */
export async function optionalPeer<Found, Opened>(
  what: string,
  find: () => Promise<Found>,
  open: (found: Found) => Opened | Promise<Opened>,
): Promise<Opened | undefined> {
  let found: Found;
  try {
    found = await find();
  } catch (error) {
    if (!(error instanceof PeerMissing) || process.env.P8E_REQUIRE_PEERS) throw error;
    process.stdout.write(`skipped: ${what} (${error.message})\n`);
    return undefined;
  }
  return open(found);
}
