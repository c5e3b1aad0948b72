import { touchedScopes } from "@p8e/chain";
import type { ContractTypes } from "@p8e/contract";
import {
  type ContractSpecificationAddress,
  equalBytes,
  hasCode,
  metadataAddressFromBytes,
  P8eError,
  parseContentHash,
  pause,
  type ScopeAddress,
  throwIfCancelled,
} from "@p8e/core";
import { accountAddress } from "@p8e/crypto";
import { decodeExamined, examineMessage } from "@p8e/decoding";
import { fileDescriptorSet } from "@p8e/proto/file-descriptor-set";
import type * as metadata from "@p8e/proto/metadata";
import type { PartyParts } from "../parts.ts";
import { fetchContract, specificationHash } from "../session/find-contract.ts";
import { readScope, type ScopeSnapshot } from "../session/scope-snapshot.ts";
import type { IndexConfiguration } from "./index-configuration.ts";
import { indexedFields, indexedValue } from "./indexed-value.ts";
import type { NewIndexedRecord, RecordIndex } from "./record-index.ts";

type IndexParts = Pick<PartyParts, "chain" | "store" | "party" | "sandbox" | "network">;

/** What indexing tells as it goes. */
export type IndexNews =
  | { readonly kind: "scope"; readonly scope: ScopeAddress; readonly records: number; readonly problems: number }
  /** All blocks up to this one are in the index. */
  | { readonly kind: "reached"; readonly height: bigint };

/** How long it goes on. */
export interface IndexOptions {
  /** Goes on with every new block until the signal fires, instead of ending at the newest. */
  readonly follow?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Further behind, asking for all of one's scopes is cheaper than reading the blocks. */
const BLOCKS_MAX = 1000n;
const POLL_MS = 1000;
/** What could not be indexed is tried again after so many looks at the ledger. */
const PROBLEM_ROUNDS = 10;

/**
 * Brings an index to the newest block, and keeps it there. The first time, and where it has fallen far behind, all scopes
 * that name the party as owner or reader are gone through; else the scopes that the messages of later blocks change. A
 * record whose content did not change is not read again. Interrupted, it goes on at the block it had reached.
 *
 * What cannot be indexed of one record, because the store does not have it or its type is not known, is noted at the record
 * and tried again the next time, and holds up nothing.
 * @throws when ledger or store cannot be asked
 */
export async function* indexRecords(
  parts: IndexParts,
  index: RecordIndex,
  configuration: IndexConfiguration,
  { follow = false, signal }: IndexOptions = {},
): AsyncGenerator<IndexNews, void, undefined> {
  const work = new Indexing(parts, index, configuration);
  for (let round = 0; ; round++) {
    const height = await parts.chain.height({ signal });
    let next = index.height + 1n;
    const again = height - next > BLOCKS_MAX || index.height === 0n;
    if (again || round % PROBLEM_ROUNDS === 0) {
      for await (const scope of again ? work.ownScopes(signal) : index.scopesWithProblems()) {
        yield* work.scope(scope, signal);
      }
      if (again) next = height + 1n;
    }
    for (; next <= height; next++) {
      for (const scope of touchedScopes(await parts.chain.messagesAt(next, { signal })))
        yield* work.scope(scope, signal);
      index.reach(next);
    }
    index.reach(height);
    yield { kind: "reached", height };
    if (!follow) return;
    await pause(POLL_MS, signal);
  }
}

class Indexing {
  readonly #parts: IndexParts;
  readonly #index: RecordIndex;
  readonly #configuration: IndexConfiguration;
  readonly #types = new Map<string, Promise<ContractTypes>>();

  constructor(parts: IndexParts, index: RecordIndex, configuration: IndexConfiguration) {
    this.#parts = parts;
    this.#index = index;
    this.#configuration = configuration;
  }

  /** Of the ledger, and those of the index that the ledger may have no more. */
  async *ownScopes(signal: AbortSignal | undefined): AsyncIterable<ScopeAddress> {
    const { chain, party, network } = this.#parts;
    const seen = new Set<ScopeAddress>();
    for (const key of [party.signing, party.encryption]) {
      const address = accountAddress(key.publicKey, network.accountPrefix);
      for await (const scope of chain.metadata.scopesOf(address, { signal })) {
        if (seen.has(scope)) continue;
        seen.add(scope);
        yield scope;
      }
    }
    for (const scope of this.#index.scopes()) if (!seen.has(scope)) yield scope;
  }

  async *scope(address: ScopeAddress, signal: AbortSignal | undefined): AsyncIterable<IndexNews> {
    throwIfCancelled(signal);
    const before = this.#index.records(address);
    const snapshot = await this.#own(address, signal);
    const records = snapshot?.records ?? [];
    const gone = before.filter(({ name }) => !records.some((each) => each.name === name)).map(({ name }) => name);
    const changed: NewIndexedRecord[] = [];
    for (const record of records) {
      const known = before.find(({ name }) => name === record.name);
      const hash = record.outputs[0]?.hash ?? "";
      const session = String(metadataAddressFromBytes(record.sessionId));
      if (known?.problem === undefined && known?.hash === hash && known.session === session) continue;
      changed.push(await this.#record(snapshot!, record, signal));
    }
    if (changed.length === 0 && gone.length === 0) return;
    this.#index.replace(address, changed, gone);
    const problems = changed.filter(({ problem }) => problem !== undefined).length;
    yield { kind: "scope", scope: address, records: changed.length, problems };
  }

  /** Undefined when it is not on the ledger, or not this party's to read. */
  async #own(address: ScopeAddress, signal: AbortSignal | undefined): Promise<ScopeSnapshot | undefined> {
    const { chain, party, network } = this.#parts;
    try {
      const snapshot = await readScope(chain, address, { signal });
      const own = [party.signing, party.encryption].map((key) => accountAddress(key.publicKey, network.accountPrefix));
      const readers = [
        ...snapshot.owners,
        ...snapshot.dataAccess,
        ...snapshot.sessions.flatMap(({ parties }) => parties.map((each) => each.address)),
      ];
      return readers.some((each) => own.some((one) => one === each)) ? snapshot : undefined;
    } catch (error) {
      if (hasCode(error, "ledger.not_found")) return undefined;
      throw error;
    }
  }

  async #record(
    { address, sessions }: ScopeSnapshot,
    record: metadata.Record,
    signal: AbortSignal | undefined,
  ): Promise<NewIndexedRecord> {
    const session = sessions.find(({ sessionId }) => equalBytes(sessionId, record.sessionId));
    const type = record.process?.name ?? "";
    const hash = record.outputs[0]?.hash ?? "";
    const about = {
      ...{ scope: address, name: record.name, type, hash, contract: session?.name ?? "" },
      session: String(metadataAddressFromBytes(record.sessionId)),
    };
    try {
      if (session === undefined) throw new P8eError("ledger.not_found", "the ledger has no session of the record");
      const types = await this.#typesOf(session.specificationId, signal);
      const schema = types.messageOfClass(type);
      const bytes = await this.#parts.store.getBytes(parseContentHash(hash), {
        key: this.#parts.party.encryption,
        signal,
      });
      const context = { what: `the record "${record.name}"`, code: "session.type_mismatch" } as const;
      await examineMessage(schema, bytes, context, { types: () => fileDescriptorSet([schema]), signal });
      const rules = { ...this.#configuration, registry: types.registry };
      const value = indexedValue(schema, await decodeExamined(schema, bytes), rules);
      const fields = indexedFields(value, record.name);
      return { ...about, ...(value === undefined ? {} : { content: JSON.stringify(value) }), fields };
    } catch (thrown) {
      const error = P8eError.from(thrown);
      if (error.status.retry || error.code === "rpc.cancelled" || error.code === "internal.unexpected") throw error;
      return { ...about, problem: error.code, fields: [] };
    }
  }

  /** A contract's types are fetched once. */
  async #typesOf(id: Uint8Array, signal: AbortSignal | undefined): Promise<ContractTypes> {
    const address = metadataAddressFromBytes(id) as ContractSpecificationAddress;
    const known = this.#types.get(address) ?? this.#fetchTypes(address, signal);
    this.#types.set(address, known);
    try {
      return await known;
    } catch (error) {
      this.#types.delete(address);
      throw error;
    }
  }

  async #fetchTypes(address: ContractSpecificationAddress, signal: AbortSignal | undefined): Promise<ContractTypes> {
    const { chain, party } = this.#parts;
    const view = await chain.metadata.contractSpecification(address, { signal });
    if (view === undefined) throw new P8eError("ledger.not_found", "the ledger has no such contract");
    const search = { ...this.#parts, key: party.encryption };
    return (await fetchContract(search, specificationHash(view), { signal })).types;
  }
}
