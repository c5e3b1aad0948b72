import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import process from "node:process";
import { promisify } from "node:util";

/** The program of a real Provenance node, and what stands beside it. */
export interface Provenanced {
  /** The program; its own folder is in its library path when it runs. */
  readonly program: string;
  /** JSON, the `msg_fees` of a genesis: prices by message type, in `musd`. */
  readonly priceList: string;
}

/** There is no real node on this machine. */
export class ProvenancedMissing extends Error {
  override readonly name = "ProvenancedMissing";
}

/** Beside the repository, where CI and developers keep foreign programs; never part of it. */
const PEER_FOLDER = resolve(import.meta.dirname, "../../../../../shared/peers/provenanced");
const VERSION = "1.30.0";

/**
 * The program that `P8E_PROVENANCED` names, else the one of the archive in `../shared/peers/provenanced`, unpacked once
 * into `P8E_PEERS` (else a folder of the system's temporary one, as the archive's own start script does).
 * @throws ProvenancedMissing
 */
export async function findProvenanced(): Promise<Provenanced> {
  const priceList = join(PEER_FOLDER, "prices-1.26.json");
  await requireFile(priceList, constants.R_OK);
  const named = process.env.P8E_PROVENANCED;
  if (named !== undefined && named !== "") {
    await requireFile(named, constants.X_OK);
    return { program: resolve(named), priceList };
  }
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new ProvenancedMissing("the archive holds a program for linux-x64; P8E_PROVENANCED can name another");
  }
  const archive = join(PEER_FOLDER, "provenanced.tar.xz");
  await requireFile(archive, constants.R_OK);
  return { program: await unpacked(archive), priceList };
}

/**
 * What `open` gives; without a real node undefined and a printed line, or, where `P8E_REQUIRE_PEERS` is set, an error.
 * @param what the tests that are skipped then, as the line names them
 */
export async function optionalProvenanced<Peer>(
  what: string,
  open: (found: Provenanced) => Peer | Promise<Peer>,
): Promise<Peer | undefined> {
  let found: Provenanced;
  try {
    found = await findProvenanced();
  } catch (error) {
    if (!(error instanceof ProvenancedMissing) || process.env.P8E_REQUIRE_PEERS) throw error;
    process.stdout.write(`skipped: ${what} (${error.message})\n`);
    return undefined;
  }
  return open(found);
}

async function requireFile(path: string, mode: number): Promise<void> {
  try {
    await access(path, mode);
  } catch {
    throw new ProvenancedMissing(`no Provenance node here: ${path}`);
  }
}

/** Two processes may unpack at once: each into a folder of its own, and the first to rename it wins. */
async function unpacked(archive: string): Promise<string> {
  const peers = process.env.P8E_PEERS || join(tmpdir(), "p8e-peers");
  const folder = join(peers, `provenanced-${VERSION}`);
  const program = join(folder, "provenanced");
  const isThere = () =>
    access(program, constants.X_OK).then(
      () => true,
      () => false,
    );
  if (await isThere()) return program;
  await mkdir(dirname(folder), { recursive: true });
  const part = await mkdtemp(`${folder}.part.`);
  try {
    await promisify(execFile)("tar", ["-xJf", archive, "-C", part]);
    await rename(part, folder);
  } catch (error) {
    if (!(await isThere())) throw error;
  } finally {
    await rm(part, { recursive: true, force: true });
  }
  return program;
}
