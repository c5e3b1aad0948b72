import { P8eError, parseContentHash } from "@p8e/core";
import { verifyStored } from "@p8e/object-client";
import { type StoreReader, sampleBackup } from "@p8e/object-store/inspection";
import type { OpenParty } from "@p8e/party";

/** An object that its reader cannot open. */
export interface Unreadable {
  readonly object: string;
  readonly hash: string;
  readonly code: string;
  readonly reason: string;
}

const SAMPLE = 20;

/** Opens some objects of a backup, chosen at random, with a party's key. */
export async function drillSample(
  party: OpenParty,
  reader: StoreReader,
  { folder, signal }: { readonly folder: string; readonly signal: AbortSignal },
): Promise<{ readonly opened: number; readonly unreadable: readonly Unreadable[] }> {
  const key = (await party.keys()).encryption;
  const sample = await sampleBackup(reader, { folder, key: key.publicKey.base64, count: SAMPLE });
  const unreadable: Unreadable[] = [];
  for (const { uuid: object, hash, pieces } of sample) {
    try {
      await verifyStored(pieces, { hash: parseContentHash(hash), key, signal });
    } catch (thrown) {
      if (signal.aborted) throw thrown;
      const { code, message } = P8eError.from(thrown);
      unreadable.push({ object, hash, code, reason: message });
    }
  }
  return { opened: sample.length - unreadable.length, unreadable };
}
