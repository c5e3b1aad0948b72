import { type CallOptions, type ContentHash, mapAtMost, parseContentHash } from "@p8e/core";
import type { PublicKey } from "@p8e/crypto";
import type { ObjectClient } from "@p8e/object-client";
import type { LocalParty } from "./affiliate.ts";
import type { ExecutedSession, SessionOptions } from "./session.ts";

const AT_ONCE = 4;

/**
 * Makes everything that belongs to a session readable for its whole audience: proposals, results and evidence are
 * stored; code, types, specification and existing inputs, which are in the store already, are shared again where
 * somebody of the audience could not read them yet.
 *
 * The evidence goes last, so that whoever has it can have the rest.
 */
export async function shareObjects(
  parts: { readonly store: ObjectClient; readonly party: LocalParty },
  executed: ExecutedSession,
  options: SessionOptions,
): Promise<void> {
  const { packaged, contract } = executed.prepared;
  const { audience } = packaged;
  const fresh = [
    ...packaged.proposals.map(({ bytes }) => bytes),
    ...executed.results.flatMap((result) => (result.outcome === "PASS" ? [result.bytes] : [])),
  ];
  const existing: ContentHash[] = [
    contract.manifest.bundle.hash,
    contract.manifest.types.hash,
    contract.specification.hash,
    ...packaged.inputs.map((input) => parseContentHash(input.hash)),
  ];
  const total = fresh.length + existing.length + 1;
  let done = 0;
  const counted = async (work: Promise<unknown>) => {
    await work;
    options.onShared?.({ done: ++done, total });
  };
  const work = [
    ...fresh.map((bytes) => (signal: AbortSignal) => putForAll(parts, bytes, audience, { signal })),
    ...existing.map((hash) => (signal: AbortSignal) => shareExisting(parts, hash, audience, { signal })),
  ];
  await mapAtMost(AT_ONCE, work, (share, signal) => counted(share(signal)), options.signal);
  await counted(putForAll(parts, executed.evidence.bytes, audience, { signal: options.signal }));
}

function putForAll(
  { store, party }: { readonly store: ObjectClient; readonly party: LocalParty },
  bytes: Uint8Array,
  audience: readonly PublicKey[],
  call: Pick<CallOptions, "signal">,
) {
  return store.put(bytes, { owner: party.encryption.publicKey, signer: party.signing, audience, ...call });
}

/** What the envelope says of its audience is not proved; at worst an object is shared once more than needed. */
async function shareExisting(
  { store, party }: { readonly store: ObjectClient; readonly party: LocalParty },
  hash: ContentHash,
  audience: readonly PublicKey[],
  call: Pick<CallOptions, "signal">,
): Promise<void> {
  {
    await using object = await store.get(hash, { key: party.encryption, ...call });
    if (audience.every((key) => object.audience.includes(key.base64))) return;
  }
  await store.reshare(hash, { key: party.encryption, audience, ...call });
}
