import { join } from "node:path";
import { optionalPeer, PEERS_FOLDER, unpackedPeer } from "../peers/unpacked-peer.ts";

/** The programs of the original object store. */
export interface OriginalStore {
  /** The server, configured by its environment. */
  readonly program: string;
  /** Its load generator, which makes objects and compares what it gets with them. */
  readonly loadGenerator: string;
}

const folder = join(PEERS_FOLDER, "object-store-rust");
const COMMIT = "ab57301";

/**
 * The programs of the archives in `../shared/peers/object-store-rust`, unpacked once.
 * @throws PeerMissing
 */
export async function findOriginalStore(): Promise<OriginalStore> {
  const archives = ["object-store", "loadgen"].map((name) => join(folder, `${name}.tar.xz`));
  const unpacked = await unpackedPeer(`object-store-rust-${COMMIT}`, archives);
  return { program: join(unpacked, "object-store"), loadGenerator: join(unpacked, "loadgen") };
}

/**
 * What `open` gives; without the original undefined and a printed line, or, where `P8E_REQUIRE_PEERS` is set, an error.
 * @param what the tests that are skipped then, as the line names them
 */
export function optionalOriginalStore<Peer>(
  what: string,
  open: (found: OriginalStore) => Peer | Promise<Peer>,
): Promise<Peer | undefined> {
  return optionalPeer(what, findOriginalStore, open);
}
