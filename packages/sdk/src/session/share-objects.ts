import { type CallOptions, type ContentHash, mapAtMost, parseContentHash } from "@p8e/core";
import type { PublicKey } from "@p8e/crypto";
import type { ObjectClient } from "@p8e/object-client";
import type { PartyParts } from "../parts.ts";
import { reshareObjects } from "../scope/reshare-objects.ts";
import { readScopeObjects } from "../scope/scope-objects.ts";
import type { LocalParty } from "./affiliate.ts";
import type { PackagedSession } from "./package-session.ts";
import type { ExecutedSession, SessionOptions } from "./session.ts";

const AT_ONCE = 4;

type SharingParts = Pick<PartyParts, "store" | "party" | "chain" | "sandbox">;

/**
 * Makes everything that belongs to a session readable for its whole audience: proposals, results and evidence are
 * stored; code, types, specification and existing inputs, which are in the store already, are shared again where
 * somebody of the audience could not read them yet. A reader whom the session adds to a scope gets what the scope had
 * before, too.
 *
 * The evidence goes last, so that whoever has it can have the rest; where others must sign first, it comes later.
 */
export async function shareObjects(
  parts: SharingParts,
  executed: ExecutedSession,
  options: SessionOptions & { readonly sharedBefore?: SharedBefore },
): Promise<void> {
  const { packaged, contract } = executed.prepared;
  const { audience } = packaged;
  // A record that is its input, byte by byte, is the same object.
  const fresh = new Map<ContentHash, Uint8Array>();
  for (const { hash, bytes } of packaged.proposals) fresh.set(hash, bytes);
  for (const result of executed.results) if (result.outcome === "PASS") fresh.set(result.hash, result.bytes);
  const existing: ContentHash[] = [
    contract.manifest.bundle.hash,
    contract.manifest.types.hash,
    contract.specification.hash,
    ...packaged.inputs.map((input) => parseContentHash(input.hash)),
  ];
  await shareEarlierObjects(parts, packaged, options);
  const evidence = executed.others.length === 0 ? [executed.evidence.bytes] : [];
  const total = fresh.size + existing.length + evidence.length;
  let done = 0;
  const counted = async (work: Promise<unknown>) => {
    await work;
    options.onShared?.({ done: ++done, total });
  };
  const work = [
    ...[...fresh.values()].map((bytes) => (signal: AbortSignal) => putForAll(parts, bytes, audience, { signal })),
    ...existing.map((hash) => async (signal: AbortSignal) => {
      if (options.sharedBefore?.has(hash, audience) === true) return;
      await parts.store.reshare(hash, { key: parts.party.encryption, audience, signal });
      options.sharedBefore?.add(hash, audience);
    }),
  ];
  await mapAtMost(AT_ONCE, work, (share, signal) => counted(share(signal)), options.signal);
  for (const bytes of evidence) await counted(putForAll(parts, bytes, audience, { signal: options.signal }));
}

/** What many sessions have in common, such as their contract, is shared again for one audience once. */
export class SharedBefore {
  readonly #shared = new Set<string>();

  has(hash: ContentHash, audience: readonly PublicKey[]): boolean {
    return this.#shared.has(nameOf(hash, audience));
  }

  add(hash: ContentHash, audience: readonly PublicKey[]): void {
    this.#shared.add(nameOf(hash, audience));
  }
}

function nameOf(hash: ContentHash, audience: readonly PublicKey[]): string {
  return [hash, ...audience.map(({ base64 }) => base64).sort()].join(" ");
}

/** Stores bytes under this party's own signature, for everybody named. */
export function putForAll(
  { store, party }: { readonly store: ObjectClient; readonly party: LocalParty },
  bytes: Uint8Array,
  audience: readonly PublicKey[],
  call: Pick<CallOptions, "signal">,
) {
  return store.put(bytes, { owner: party.encryption.publicKey, signer: party.signing, audience, ...call });
}

/**
 * What the scope had before this session, for those to whom the session gives data access: the ledger then says of nobody
 * that it may read what it cannot open.
 */
async function shareEarlierObjects(
  parts: SharingParts,
  { request }: PackagedSession,
  options: SessionOptions,
): Promise<void> {
  if (request.scope.kind === "new") return;
  const { snapshot, owners, dataAccess } = request.scope;
  const readers = new Set([...owners, ...dataAccess].map(({ encryptionKey }) => encryptionKey.base64));
  const added = request.dataAccess.map(({ encryptionKey }) => encryptionKey).filter((key) => !readers.has(key.base64));
  if (added.length === 0) return;
  const key = parts.party.encryption;
  const sessions = snapshot.sessions.flatMap(({ session }) => session ?? []);
  const records = snapshot.records.flatMap(({ record }) => record ?? []);
  const { signal } = options;
  const objects = await readScopeObjects({ ...parts, key }, { sessions, records }, { signal });
  await reshareObjects({ store: parts.store, key }, objects, added, { signal });
}
