import { type DescMessage, fromBinary, type MessageShape, toBinary } from "@bufbuild/protobuf";
import { base64Decode, base64Encode, concatBytes, sha256, utf8Decode, utf8Encode } from "@p8e/core";
import * as cosmos from "@p8e/proto/cosmos";
import * as metadata from "@p8e/proto/metadata";
import { type Account, type LedgerState, type TableName, type Tables, tableNames } from "./ledger-state.ts";
import { SortedMap } from "./sorted-map.ts";

/** How the values of a table become bytes: for the checkpoint and for the hash of the state. */
interface Codec<V> {
  readonly encode: (value: V) => Uint8Array;
  readonly decode: (bytes: Uint8Array) => V;
}

function message<D extends DescMessage>(schema: D): Codec<MessageShape<D>> {
  return {
    encode: (value) => toBinary(schema, value),
    decode: (bytes) => fromBinary(schema, bytes),
  };
}

const text: Codec<string> = { encode: utf8Encode, decode: (bytes) => utf8Decode(bytes) };
const integer: Codec<bigint> = {
  encode: (value) => utf8Encode(value.toString()),
  decode: (bytes) => BigInt(utf8Decode(bytes)),
};
const mark: Codec<true> = { encode: () => new Uint8Array(0), decode: () => true };

const account: Codec<Account> = {
  encode: (value) =>
    utf8Encode(
      JSON.stringify({
        address: value.address,
        kind: value.kind,
        number: value.number.toString(),
        sequence: value.sequence.toString(),
        publicKey: value.publicKey === undefined ? null : base64Encode(value.publicKey),
        name: value.name,
        manager: value.manager,
      }),
    ),
  decode: (bytes) => {
    const value = JSON.parse(utf8Decode(bytes)) as Record<
      "address" | "number" | "sequence" | "name" | "manager",
      string
    > & {
      kind: Account["kind"];
      publicKey: string | null;
    };
    return {
      address: value.address,
      kind: value.kind,
      number: BigInt(value.number),
      sequence: BigInt(value.sequence),
      publicKey: value.publicKey === null ? undefined : base64Decode(value.publicKey),
      name: value.name,
      manager: value.manager,
    };
  },
};

const codecs: { readonly [T in TableName]: Codec<Tables[T]> } = {
  accounts: account,
  balances: integer,
  holders: integer,
  supply: integer,
  scopes: message(metadata.ScopeSchema),
  sessions: message(metadata.SessionSchema),
  records: message(metadata.RecordSchema),
  scopeSpecifications: message(metadata.ScopeSpecificationSchema),
  contractSpecifications: message(metadata.ContractSpecificationSchema),
  recordSpecifications: message(metadata.RecordSpecificationSchema),
  scopesByAddress: mark,
  scopesBySpecification: mark,
  scopeSpecificationsByContract: mark,
  locators: message(metadata.ObjectStoreLocatorSchema),
  netAssetValues: message(metadata.NetAssetValueSchema),
  accountData: text,
  grants: message(cosmos.authz.GrantAuthorizationSchema),
  grantsByGrantee: text,
  allowances: message(cosmos.feegrant.GrantSchema),
  unorderedNonces: mark,
  counters: integer,
};

/** Every entry of the state as (table, key, bytes), tables in fixed order, keys ascending. */
export function* encodedEntries(state: LedgerState): Generator<readonly [TableName, string, Uint8Array]> {
  for (const table of tableNames) yield* encodedTable(state, table);
}

function* encodedTable<T extends TableName>(
  state: LedgerState,
  table: T,
): Generator<readonly [TableName, string, Uint8Array]> {
  const codec: Codec<Tables[T]> = codecs[table];
  for (const [key, value] of (state[table] as SortedMap<Tables[T]>).entries()) yield [table, key, codec.encode(value)];
}

/** The reverse of {@link encodedEntries}; entries of a table come in ascending key order. */
export function decodeState(entries: Iterable<readonly [TableName, string, Uint8Array]>): LedgerState {
  const collected = new Map<TableName, [string, unknown][]>(tableNames.map((name) => [name, []]));
  for (const [table, key, bytes] of entries) collected.get(table)?.push([key, codecs[table].decode(bytes)]);
  return Object.fromEntries(
    [...collected].map(([table, values]) => [table, SortedMap.fromSorted(values)]),
  ) as unknown as LedgerState;
}

/** SHA-256 over every entry: equal states, and only they, have equal hashes. Reads the whole state. */
export function stateHash(state: LedgerState): Uint8Array {
  let hash = new Uint8Array(32) as Uint8Array;
  for (const [table, key, bytes] of encodedEntries(state)) {
    hash = sha256(concatBytes(hash, utf8Encode(`${table}\n${key}\n${bytes.length}\n`), bytes));
  }
  return hash;
}
