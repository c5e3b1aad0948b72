import { constants } from "node:fs";
import { join, resolve } from "node:path";
import process from "node:process";
import { optionalPeer, PEERS_FOLDER, requirePeerFile, unpackedPeer } from "../peers/unpacked-peer.ts";

/** The program of a real Provenance node, and what stands beside it. */
export interface Provenanced {
  /** The program; its own folder is in its library path when it runs. */
  readonly program: string;
  /** JSON, the `msg_fees` of a genesis: prices by message type, in `musd`. */
  readonly priceList: string;
}

const folder = join(PEERS_FOLDER, "provenanced");
const VERSION = "1.30.0";

/**
 * The program that `P8E_PROVENANCED` names, else the one of the archive in `../shared/peers/provenanced`, unpacked once.
 * @throws PeerMissing
 */
export async function findProvenanced(): Promise<Provenanced> {
  const priceList = join(folder, "prices-1.26.json");
  await requirePeerFile(priceList, constants.R_OK);
  const named = process.env.P8E_PROVENANCED;
  if (named !== undefined && named !== "") {
    await requirePeerFile(named, constants.X_OK);
    return { program: resolve(named), priceList };
  }
  const unpacked = await unpackedPeer(`provenanced-${VERSION}`, [join(folder, "provenanced.tar.xz")]);
  return { program: join(unpacked, "provenanced"), priceList };
}

/**
 * What `open` gives; without a real node undefined and a printed line, or, where `P8E_REQUIRE_PEERS` is set, an error.
 * @param what the tests that are skipped then, as the line names them
 */
export function optionalProvenanced<Peer>(
  what: string,
  open: (found: Provenanced) => Peer | Promise<Peer>,
): Promise<Peer | undefined> {
  return optionalPeer(what, findProvenanced, open);
}
