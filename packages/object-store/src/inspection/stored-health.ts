import { type DamagedObject, damageCounts, damagedObjects } from "../postgres/damage-rows.ts";
import { type ReplicationPeer, replicationPeers } from "../postgres/replication-peers.ts";
import { type ScrubProgress, scrubProgress } from "../postgres/scrub-rows.ts";
import type { StoreReader } from "./store-reader.ts";

/** What is wrong with what a store keeps, and how far it is with looking. */
export interface StoredHealth {
  readonly missing: number;
  readonly damaged: number;
  /** The oldest findings. */
  readonly objects: readonly DamagedObject[];
  readonly scrub: ScrubProgress;
  readonly peers: readonly ReplicationPeer[];
}

/** Up to `limit` of the objects that are missing or damaged, and the counts of all. */
export async function storedHealth(
  { database }: StoreReader,
  { limit }: { readonly limit: number },
): Promise<StoredHealth> {
  return {
    ...(await damageCounts(database)),
    objects: await damagedObjects(database, { limit }),
    scrub: await scrubProgress(database),
    peers: await replicationPeers(database),
  };
}
