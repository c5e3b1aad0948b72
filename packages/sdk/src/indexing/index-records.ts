import { type AskOptions, touchedScopes } from "@p8e/chain";
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
import { ownScopes } from "../scope/own-scopes.ts";
import { fetchContract, specificationHash } from "../session/find-contract.ts";
import { readScope, type ScopeSnapshot } from "../session/scope-snapshot.ts";
import type { IndexConfiguration } from "./index-configuration.ts";
import { indexedFields, indexedValue } from "./indexed-value.ts";
import type { NewIndexedRecord, RecordIndex } from "./record-index.ts";

/** The state that is asked has seen the newest block that was shown. */
type Asking = Pick<AskOptions, "signal" | "notBefore">;
type IndexParts = Pick<PartyParts, "chain" | "store" | "party" | "sandbox" | "network">;

/** What indexing tells as it goes. */
export type IndexNews =
  | { readonly kind: "scope"; readonly scope: ScopeAddress; readonly records: number; readonly problems: number }
  /** All blocks up to this one are in the index. */
  | { readonly kind: "reached"; readonly height: bigint }
  /** While following: ledger or store could not be asked, for a reason that may pass. They are asked again. */
  | { readonly kind: "waiting"; readonly error: P8eError };

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
const PROBLEM_LOOKS = 10;
/** So many scopes then, unless it is the first look. */
const PROBLEMS_AT_ONCE = 1000;
/** Of so many contracts the types are kept, those used last. */
const TYPES_MAX = 16;

/**
 * Brings an index to the newest block, and keeps it there. The first time, where it has fallen far behind, and where the
 * ledger began anew, all scopes are gone through that name the party as owner or give it data access; else those of them
 * that the messages of later blocks change. A record whose content did not change is not read again. Interrupted, it goes on
 * at the block it had reached.
 *
 * What cannot be indexed of one record, because the store does not have it or its type is not known, is noted at the record
 * and tried again the next time, and holds up nothing.
 * @throws when ledger or store cannot be asked; while following, only for a reason that does not pass by itself
 */
export async function* indexRecords(
  parts: IndexParts,
  index: RecordIndex,
  configuration: IndexConfiguration,
  { follow = false, signal }: IndexOptions = {},
): AsyncGenerator<IndexNews, void, undefined> {
  const work = new Indexing(parts, index, configuration);
  for (;;) {
    try {
      yield* work.look(signal);
    } catch (thrown) {
      const error = P8eError.from(thrown);
      // Who lost the index to another process has lost it for good.
      if (!follow || !error.status.retry || error.code === "state.conflict") throw error;
      yield { kind: "waiting", error };
    }
    if (!follow) return;
    await pause(POLL_MS, signal);
  }
}

class Indexing {
  readonly #parts: IndexParts;
  readonly #index: RecordIndex;
  readonly #configuration: IndexConfiguration;
  /** By address, those used last at the end. */
  readonly #types = new Map<string, Promise<ContractTypes>>();
  /** The newest block that the ledger had. */
  #newest: { readonly height: bigint; readonly timeMs: number } | undefined;
  /** Looks until problems are tried again; undefined before all were. */
  #looksToGo: number | undefined;
  /** The scope with problems that was tried last. */
  #tried: ScopeAddress | "" = "";

  constructor(parts: IndexParts, index: RecordIndex, configuration: IndexConfiguration) {
    this.#parts = parts;
    this.#index = index;
    this.#configuration = configuration;
  }

  /** Up to the newest block that the ledger has now. */
  async *look(signal: AbortSignal | undefined): AsyncIterable<IndexNews> {
    const { chain } = this.#parts;
    const newest = await chain.newestBlock({ signal });
    const { height } = newest;
    if (height < this.#index.height) {
      const seen = this.#newest;
      // A lower block that is no later than the one seen before: another node of the ledger, which is behind. One that is no
      // lower: another process was faster at this index.
      if (seen !== undefined && (newest.timeMs <= seen.timeMs || height >= seen.height)) return;
      this.#index.reach(0n);
    }
    this.#newest = newest;
    const ask: Asking = { signal, notBefore: height };
    let next = this.#index.height + 1n;
    if (this.#index.height === 0n || height - next > BLOCKS_MAX) {
      for await (const scope of this.#ownScopes(ask)) yield* this.#scope(scope, ask);
      this.#looksToGo = PROBLEM_LOOKS;
      next = height + 1n;
    } else yield* this.#tryAgain(ask);
    for (; next <= height; next++) {
      for (const scope of touchedScopes(await chain.messagesAt(next, { signal }))) yield* this.#scope(scope, ask);
      this.#index.reach(next);
    }
    this.#index.reach(height);
    yield { kind: "reached", height };
  }

  /** Every scope with problems at first; then, each time that it is due, some, behind those of the last time. */
  async *#tryAgain(ask: Asking): AsyncIterable<IndexNews> {
    const first = this.#looksToGo === undefined;
    if (this.#looksToGo !== undefined && --this.#looksToGo > 0) return;
    for (;;) {
      const page = this.#index.scopesWithProblems(this.#tried, PROBLEMS_AT_ONCE);
      for (const scope of page) {
        this.#tried = scope;
        yield* this.#scope(scope, ask);
      }
      const isLast = page.length < PROBLEMS_AT_ONCE;
      if (isLast) this.#tried = "";
      if (isLast || !first) break;
    }
    this.#looksToGo = PROBLEM_LOOKS;
  }

  /** Of the ledger, and those of the index that the ledger may have no more. */
  async *#ownScopes(ask: Asking): AsyncIterable<ScopeAddress> {
    const seen = new Set<ScopeAddress>();
    for await (const scope of ownScopes(this.#parts, ask)) {
      seen.add(scope);
      yield scope;
    }
    for (const scope of this.#index.scopes()) if (!seen.has(scope)) yield scope;
  }

  async *#scope(address: ScopeAddress, ask: Asking): AsyncIterable<IndexNews> {
    throwIfCancelled(ask.signal);
    const before = this.#index.records(address);
    const snapshot = await this.#own(address, ask);
    const records = snapshot?.records ?? [];
    const gone = before.filter(({ name }) => !records.some((each) => each.name === name)).map(({ name }) => name);
    const changed: NewIndexedRecord[] = [];
    for (const record of records) {
      const known = before.find(({ name }) => name === record.name);
      const hash = record.outputs[0]?.hash ?? "";
      const session = String(metadataAddressFromBytes(record.sessionId));
      if (known?.problem === undefined && known?.hash === hash && known.session === session) continue;
      changed.push(await this.#record(snapshot!, record, ask));
    }
    if (changed.length === 0 && gone.length === 0) return;
    this.#index.replace(address, changed, gone);
    const problems = changed.filter(({ problem }) => problem !== undefined).length;
    yield { kind: "scope", scope: address, records: changed.length, problems };
  }

  /** Undefined when it is not on the ledger, or names the party neither as owner nor as reader, as the ledger lists them. */
  async #own(address: ScopeAddress, ask: Asking): Promise<ScopeSnapshot | undefined> {
    const { chain, party, network } = this.#parts;
    try {
      const snapshot = await readScope(chain, address, ask);
      const own = [party.signing, party.encryption].map((key) => accountAddress(key.publicKey, network.accountPrefix));
      const readers = [...snapshot.owners, ...snapshot.dataAccess];
      return readers.some((each) => own.some((one) => one === each)) ? snapshot : undefined;
    } catch (error) {
      if (hasCode(error, "ledger.not_found")) return undefined;
      throw error;
    }
  }

  async #record({ address, sessions }: ScopeSnapshot, record: metadata.Record, ask: Asking): Promise<NewIndexedRecord> {
    const session = sessions.find(({ sessionId }) => equalBytes(sessionId, record.sessionId));
    const type = record.process?.name ?? "";
    const hash = record.outputs[0]?.hash ?? "";
    const about = {
      ...{ scope: address, name: record.name, type, hash, contract: session?.name ?? "" },
      session: String(metadataAddressFromBytes(record.sessionId)),
    };
    try {
      if (session === undefined) throw new P8eError("ledger.not_found", "the ledger has no session of the record");
      const types = await this.#typesOf(session.specificationId, ask);
      const schema = types.messageOfClass(type);
      const bytes = await this.#parts.store.getBytes(parseContentHash(hash), {
        key: this.#parts.party.encryption,
        signal: ask.signal,
      });
      const context = { what: `the record "${record.name}"`, code: "session.type_mismatch" } as const;
      await examineMessage(schema, bytes, context, { types: () => fileDescriptorSet([schema]), signal: ask.signal });
      const rules = { ...this.#configuration, registry: types.registry };
      const { signal } = ask;
      const value = await indexedValue(schema, await decodeExamined(schema, bytes, { signal }), rules, { signal });
      const fields = indexedFields(value, record.name);
      return { ...about, ...(value === undefined ? {} : { content: JSON.stringify(value) }), fields };
    } catch (thrown) {
      const error = P8eError.from(thrown);
      // A contract that takes too long says something of itself, and not of ledger or store.
      const passes = error.status.retry && error.code !== "contract.timeout";
      if (passes || error.code === "rpc.cancelled" || error.code === "internal.unexpected") throw error;
      return { ...about, problem: error.code, fields: [] };
    }
  }

  /** A contract's types are fetched once, unless many others were needed since. */
  async #typesOf(id: Uint8Array, ask: Asking): Promise<ContractTypes> {
    const address = metadataAddressFromBytes(id) as ContractSpecificationAddress;
    const known = this.#types.get(address) ?? this.#fetchTypes(address, ask);
    this.#types.delete(address);
    this.#types.set(address, known);
    const [oldest] = this.#types.keys();
    if (this.#types.size > TYPES_MAX) this.#types.delete(oldest!);
    try {
      return await known;
    } catch (error) {
      this.#types.delete(address);
      throw error;
    }
  }

  async #fetchTypes(address: ContractSpecificationAddress, ask: Asking): Promise<ContractTypes> {
    const { chain, party } = this.#parts;
    const view = await chain.metadata.contractSpecification(address, ask);
    if (view === undefined) throw new P8eError("ledger.not_found", "the ledger has no such contract");
    const search = { ...this.#parts, key: party.encryption };
    return (await fetchContract(search, specificationHash(view), ask)).types;
  }
}
