import type * as cosmos from "@p8e/proto/cosmos";
import type * as metadata from "@p8e/proto/metadata";
import type { MetadataKey } from "./addresses.ts";
import { SortedMap } from "./sorted-map.ts";

/** An account. `sequence` 0 without `publicKey` on a base account is what the chain takes for a smart contract. */
export interface Account {
  /** bech32 text. */
  readonly address: string;
  readonly kind: "base" | "module" | "marker";
  readonly number: bigint;
  readonly sequence: bigint;
  /** 33 bytes, compressed; undefined until the account first signs. */
  readonly publicKey: Uint8Array | undefined;
  /** The module's name, or the marker's denomination. */
  readonly name: string;
  /** The marker's administrator. */
  readonly manager: string;
}

/** Values are never changed in place: a handler that alters one stores a new object. */
export interface Tables {
  accounts: Account;
  /** `ACCOUNT/DENOMINATION` */
  balances: bigint;
  /** `DENOMINATION/ACCOUNT`, same amounts: who holds a coin. */
  holders: bigint;
  supply: bigint;
  scopes: metadata.Scope;
  sessions: metadata.Session;
  records: metadata.Record;
  scopeSpecifications: metadata.ScopeSpecification;
  contractSpecifications: metadata.ContractSpecification;
  recordSpecifications: metadata.RecordSpecification;
  /** `ACCOUNT/SCOPE`: owners and data access. */
  scopesByAddress: true;
  /** `SCOPE SPECIFICATION/SCOPE` */
  scopesBySpecification: true;
  /** `CONTRACT SPECIFICATION/SCOPE SPECIFICATION` */
  scopeSpecificationsByContract: true;
  locators: metadata.ObjectStoreLocator;
  /** `SCOPE/DENOMINATION` */
  netAssetValues: metadata.NetAssetValue;
  /** By scope key. */
  accountData: string;
  /** `GRANTER/GRANTEE/MESSAGE TYPE` */
  grants: cosmos.authz.GrantAuthorization;
  /** `GRANTEE/GRANTER/MESSAGE TYPE`: the key of the grant. */
  grantsByGrantee: string;
  /** `GRANTEE/GRANTER` */
  allowances: cosmos.feegrant.Grant;
  /** `TIMEOUT IN NANOSECONDS, 20 DIGITS/ACCOUNT` of unordered transactions. */
  unorderedNonces: true;
  /** `accountNumber`: the next to give. */
  counters: bigint;
}

/** The name of a table. */
export type TableName = keyof Tables;
/** All tables at one moment. Never changed in place. */
export type LedgerState = { readonly [T in TableName]: SortedMap<Tables[T]> };

/** Every table, in the order in which checkpoints hold them. */
export const tableNames: readonly TableName[] = [
  "accounts",
  "balances",
  "holders",
  "supply",
  "scopes",
  "sessions",
  "records",
  "scopeSpecifications",
  "contractSpecifications",
  "recordSpecifications",
  "scopesByAddress",
  "scopesBySpecification",
  "scopeSpecificationsByContract",
  "locators",
  "netAssetValues",
  "accountData",
  "grants",
  "grantsByGrantee",
  "allowances",
  "unorderedNonces",
  "counters",
];

/** Tables without entries. */
export function emptyState(): LedgerState {
  return Object.fromEntries(tableNames.map((name) => [name, SortedMap.empty()])) as unknown as LedgerState;
}

/**
 * A place to write: the current state of one branch. Branching is copying the reference (`state`), undoing is putting
 * an older one back, so handlers may write and then refuse.
 */
export class Branch {
  state: LedgerState;

  constructor(state: LedgerState) {
    this.state = state;
  }

  get<T extends TableName>(table: T, key: string): Tables[T] | undefined {
    return this.state[table].get(key);
  }

  has(table: TableName, key: string): boolean {
    return this.state[table].has(key);
  }

  set<T extends TableName>(table: T, key: string, value: Tables[T]): void {
    const written = (this.state[table] as SortedMap<Tables[T]>).set(key, value);
    this.state = { ...this.state, [table]: written };
  }

  delete(table: TableName, key: string): void {
    this.state = { ...this.state, [table]: this.state[table].delete(key) };
  }

  entries<T extends TableName>(table: T, prefix = ""): IterableIterator<readonly [string, Tables[T]]> {
    return (this.state[table] as SortedMap<Tables[T]>).entries(prefix);
  }
}

/** A key of several parts. */
export function pairKey(...parts: readonly string[]): string {
  return parts.join("/");
}

/** Keys of the entities that lie under a scope (sessions, records) share its uuid behind the type byte. */
export function prefixUnderScope(type: "01" | "02", scope: MetadataKey): string {
  return `${type}${scope.slice(2, 34)}`;
}

/** What the keys of a contract specification's record specifications begin with. */
export function prefixUnderContract(contract: MetadataKey): string {
  return `05${contract.slice(2, 34)}`;
}
