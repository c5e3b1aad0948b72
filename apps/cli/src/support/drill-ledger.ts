import { type ContentHash, P8eError, type ScopeAddress } from "@p8e/core";
import { accountAddress, type PublicKey, publicKeyFromBase64 } from "@p8e/crypto";
import { ObjectClient } from "@p8e/object-client";
import type { StoreReader } from "@p8e/object-store/inspection";
import type { OpenParty, PartyDescription } from "@p8e/party";
import { objectsOnLedger, type ScopeObject } from "@p8e/sdk";

/** An object that the ledger names for a scope, and that the restored store would not have. */
export interface NotHeld {
  readonly scope: ScopeAddress;
  readonly hash: ContentHash;
  readonly what: string;
  /** The partner whose store has it for this party; undefined when none has that could be asked. */
  readonly partner: string | undefined;
}

/** What the ledger says of a backup. */
export interface LedgerDrill {
  readonly scopes: number;
  readonly objects: number;
  readonly notHeld: readonly NotHeld[];
  /** Partners whose stores could not be asked. */
  readonly unreachable: readonly string[];
}

const PATIENCE_MS = 2000;
const CALL_MS = 10_000;

/** Looks in the restored rows, then at the partners' stores, for everything that the ledger names for the party's scopes. */
export async function drillLedger(party: OpenParty, restored: StoreReader, signal: AbortSignal): Promise<LedgerDrill> {
  const { hashesHeld } = await import("@p8e/object-store/inspection");
  await using partners = await PartnerStores.of(party);
  const notHeld: NotHeld[] = [];
  const seen = new Set<ContentHash>();
  let scopes = 0;
  const { address, encryptionKey } = party.self;
  const reader = accountAddress(publicKeyFromBase64(encryptionKey), party.profile.network.accountPrefix);
  for await (const { scope, objects } of objectsOnLedger(await party.chain(), [address, reader], { signal })) {
    scopes++;
    const held = await hashesHeld(restored, objects.map(hashOf));
    for (const { hash, what } of objects) {
      seen.add(hash);
      if (held.has(hash)) continue;
      notHeld.push({ scope, hash, what, partner: await partners.thatHas(hash, signal) });
    }
  }
  return { scopes, objects: seen.size, notHeld, unreachable: partners.unreachable };
}

function hashOf({ hash }: ScopeObject): ContentHash {
  return hash;
}

/** The stores of partners, each asked until it does not answer. */
class PartnerStores implements AsyncDisposable {
  readonly #key: PublicKey;
  readonly #stores = new Map<PartyDescription, ObjectClient>();
  readonly #unreachable: string[] = [];

  private constructor(key: PublicKey) {
    this.#key = key;
  }

  static async of({ profile, located, self }: OpenParty): Promise<PartnerStores> {
    const [{ clientTlsFromFiles }, { resolve }] = await Promise.all([import("@p8e/rpc"), import("node:path")]);
    const stores = new PartnerStores(publicKeyFromBase64(self.encryptionKey));
    const authority = profile.store.serves?.partnerAuthorityFile;
    const tls = authority === undefined ? {} : { tls: clientTlsFromFiles({ ca: resolve(located.folder, authority) }) };
    for (const partner of profile.partners) {
      stores.#stores.set(partner, new ObjectClient({ url: partner.storeUrl, ...tls, patienceMs: PATIENCE_MS }));
    }
    return stores;
  }

  get unreachable(): readonly string[] {
    return this.#unreachable;
  }

  async thatHas(hash: ContentHash, signal: AbortSignal): Promise<string | undefined> {
    for (const [partner, store] of this.#stores) {
      try {
        if (await store.holds(hash, [this.#key], { signal, timeoutMs: CALL_MS })) return partner.name;
      } catch (thrown) {
        if (signal.aborted || !isAway(thrown)) throw thrown;
        this.#unreachable.push(partner.name);
        this.#stores.delete(partner);
        await store[Symbol.asyncDispose]();
      }
    }
    return undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const store of this.#stores.values()) await store[Symbol.asyncDispose]();
  }
}

/** What is wrong with it is not the drill's matter. */
function isAway(thrown: unknown): boolean {
  return /^(rpc|store|configuration)\./.test(P8eError.from(thrown).code);
}
