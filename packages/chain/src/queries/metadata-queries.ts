import {
  type AccountAddress,
  type ContractSpecificationAddress,
  equalBytes,
  hasCode,
  type MetadataAddress,
  P8eError,
  parseUuid,
  type RecordAddress,
  type RecordSpecificationAddress,
  type ScopeAddress,
  type ScopeSpecificationAddress,
  type SessionAddress,
  scopeAddress,
} from "@p8e/core";
import type * as metadata from "@p8e/proto/metadata";
import type { AskOptions, NodeEndpoint } from "../endpoint/endpoint.ts";

/**
 * Scopes, sessions, records and specifications as the chain holds them (provenance: x/metadata/keeper/query_server.go).
 *
 * A node answers a question for something that does not exist with success and an empty wrapper: here that is
 * `undefined`. Lists are in the order of the chain's keys, not of writing.
 */

/** A scope with what was asked for of it. */
export interface ScopeView {
  readonly scope: metadata.Scope;
  /** Filled when asked for. */
  readonly sessions: readonly metadata.Session[];
  readonly records: readonly metadata.Record[];
}

/** A contract's specification with those of its records. */
export interface ContractSpecificationView {
  readonly specification: metadata.ContractSpecification;
  readonly recordSpecifications: readonly metadata.RecordSpecification[];
}

/** A specification of scopes, with what was asked for of it: the contracts that it lists and their records. */
export interface ScopeSpecificationView {
  readonly specification: metadata.ScopeSpecification;
  readonly contractSpecifications: readonly metadata.ContractSpecification[];
  readonly recordSpecifications: readonly metadata.RecordSpecification[];
}

/** What is found at addresses of any kind, and the addresses where nothing is. */
export interface MetadataByAddress {
  readonly scopes: readonly metadata.Scope[];
  readonly sessions: readonly metadata.Session[];
  readonly records: readonly metadata.Record[];
  readonly scopeSpecifications: readonly metadata.ScopeSpecification[];
  readonly contractSpecifications: readonly metadata.ContractSpecification[];
  readonly recordSpecifications: readonly metadata.RecordSpecification[];
  readonly notFound: readonly string[];
}

const SCOPES_PER_PAGE = 500n;
const PAGES_MAX = 2000;

/** Questions about scopes, sessions, records and specifications, as of the last block or of a past one. */
export class MetadataQueries {
  readonly #node: NodeEndpoint;

  constructor(node: NodeEndpoint) {
    this.#node = node;
  }

  async scope(
    address: ScopeAddress,
    options: AskOptions & { readonly sessions?: boolean; readonly records?: boolean } = {},
  ): Promise<ScopeView | undefined> {
    const reply = await this.#ask(options, (call) =>
      this.#node.metadata.scope(
        {
          scopeId: address,
          includeSessions: options.sessions ?? false,
          includeRecords: options.records ?? false,
          excludeIdInfo: true,
        },
        call,
      ),
    );
    const scope = reply?.scope?.scope;
    if (reply === undefined || scope === undefined) return undefined;
    return {
      scope,
      sessions: reply.sessions.flatMap((wrapper) => wrapper.session ?? []),
      records: reply.records.flatMap((wrapper) => wrapper.record ?? []),
    };
  }

  async session(address: SessionAddress, options: AskOptions = {}): Promise<metadata.Session | undefined> {
    const reply = await this.#ask(options, (call) =>
      this.#node.metadata.sessions({ sessionId: address, excludeIdInfo: true }, call),
    );
    return reply?.sessions[0]?.session;
  }

  async record(address: RecordAddress, options: AskOptions = {}): Promise<metadata.Record | undefined> {
    const reply = await this.#ask(options, (call) =>
      this.#node.metadata.records({ recordAddr: address, excludeIdInfo: true }, call),
    );
    return reply?.records[0]?.record;
  }

  /** The records that a session wrote and none has replaced. */
  async recordsOfSession(address: SessionAddress, options: AskOptions = {}): Promise<readonly metadata.Record[]> {
    const reply = await this.#ask(options, (call) =>
      this.#node.metadata.records({ sessionId: address, excludeIdInfo: true }, call),
    );
    return (reply?.records ?? []).flatMap((wrapper) => wrapper.record ?? []);
  }

  async scopeSpecification(
    address: ScopeSpecificationAddress,
    options: AskOptions & { readonly contractSpecifications?: boolean; readonly recordSpecifications?: boolean } = {},
  ): Promise<ScopeSpecificationView | undefined> {
    const reply = await this.#ask(options, (call) =>
      this.#node.metadata.scopeSpecification(
        {
          specificationId: address,
          includeContractSpecs: options.contractSpecifications ?? false,
          includeRecordSpecs: options.recordSpecifications ?? false,
          excludeIdInfo: true,
        },
        call,
      ),
    );
    const specification = reply?.scopeSpecification?.specification;
    if (reply === undefined || specification === undefined) return undefined;
    return {
      specification,
      contractSpecifications: reply.contractSpecs.flatMap((wrapper) => wrapper.specification ?? []),
      recordSpecifications: reply.recordSpecs.flatMap((wrapper) => wrapper.specification ?? []),
    };
  }

  /** With its record specifications. */
  async contractSpecification(
    address: ContractSpecificationAddress,
    options: AskOptions = {},
  ): Promise<ContractSpecificationView | undefined> {
    const reply = await this.#ask(options, (call) =>
      this.#node.metadata.contractSpecification(
        { specificationId: address, includeRecordSpecs: true, excludeIdInfo: true },
        call,
      ),
    );
    const specification = reply?.contractSpecification?.specification;
    if (reply === undefined || specification === undefined) return undefined;
    return {
      specification,
      recordSpecifications: reply.recordSpecifications.flatMap((wrapper) => wrapper.specification ?? []),
    };
  }

  async recordSpecification(
    address: RecordSpecificationAddress,
    options: AskOptions = {},
  ): Promise<metadata.RecordSpecification | undefined> {
    const reply = await this.#ask(options, (call) =>
      this.#node.metadata.recordSpecification({ specificationId: address, excludeIdInfo: true }, call),
    );
    return reply?.recordSpecification?.specification;
  }

  /** Things of any kind in one question. */
  async byAddress(addresses: readonly MetadataAddress[], options: AskOptions = {}): Promise<MetadataByAddress> {
    const reply = await this.#node.ask(
      (call) => this.#node.metadata.getByAddr({ addrs: [...addresses] }, call),
      options,
    );
    return {
      scopes: reply.scopes,
      sessions: reply.sessions,
      records: reply.records,
      scopeSpecifications: reply.scopeSpecs,
      contractSpecifications: reply.contractSpecs,
      recordSpecifications: reply.recordSpecs,
      notFound: reply.notFound,
    };
  }

  /** Scopes that name the account as an owner or give it data access; not those whose value it owns. */
  async *scopesOf(address: AccountAddress, options: AskOptions = {}): AsyncIterable<ScopeAddress> {
    yield* this.#scopes((pagination, call) => this.#node.metadata.ownership({ address, pagination }, call), options);
  }

  /** Scopes whose value the account owns. */
  async *scopesValuedBy(address: AccountAddress, options: AskOptions = {}): AsyncIterable<ScopeAddress> {
    yield* this.#scopes(
      (pagination, call) => this.#node.metadata.valueOwnership({ address, pagination }, call),
      options,
    );
  }

  async *#scopes(
    page: (
      pagination: { key: Uint8Array<ArrayBuffer>; limit: bigint },
      call: Parameters<Parameters<NodeEndpoint["ask"]>[0]>[0],
    ) => Promise<{ readonly scopeUuids: readonly string[]; readonly pagination?: { nextKey: Uint8Array } | undefined }>,
    options: AskOptions,
  ): AsyncIterable<ScopeAddress> {
    let key = new Uint8Array();
    for (let pages = 0; pages < PAGES_MAX; pages += 1) {
      const reply = await this.#node.ask((call) => page({ key, limit: SCOPES_PER_PAGE }, call), options);
      for (const uuid of reply.scopeUuids) yield scopeAddress(parseUuid(uuid));
      const next = reply.pagination?.nextKey ?? new Uint8Array();
      if (next.length === 0) return;
      // Whoever takes a list for whole must not be given the beginning of one that has no end.
      if (equalBytes(next, key)) break;
      key = new Uint8Array(next);
    }
    throw new P8eError("rpc.protocol", "the node's list of scopes does not end", {
      hint: "The node is at fault: ask another one.",
    });
  }

  /** A node that answers "not found" with an error instead of an empty wrapper means the same. */
  async #ask<T>(
    options: AskOptions,
    call: (call: Parameters<Parameters<NodeEndpoint["ask"]>[0]>[0]) => Promise<T>,
  ): Promise<T | undefined> {
    try {
      return await this.#node.ask(call, options);
    } catch (error) {
      if (hasCode(error, "ledger.not_found")) return undefined;
      throw error;
    }
  }
}
