import { create } from "@bufbuild/protobuf";
import { equalBytes, goNameHash, hexDecode, hexEncode } from "@p8e/core";
import * as cosmos from "@p8e/proto/cosmos";
import * as metadata from "@p8e/proto/metadata";
import {
  keyOfAccount,
  METADATA_MODULE,
  metadataText,
  metadataTextOfKey,
  moduleAddress,
  requireAccountText,
  scopeBytesOf,
  withType,
} from "./addresses.ts";
import { burn, denominationOwner, isBlocked, mint, transfer } from "./bank.ts";
import { typedEvent as typed } from "./events.ts";
import { type Branch, type LedgerState, pairKey, prefixUnderScope } from "./ledger-state.ts";
import type { MessageContext } from "./message-context.ts";
import { panicRefusal, plainRefusal, Refusal, sdkRefusal } from "./refusal.ts";

/** Writing metadata entities with their indexes and events. Whether they may be written is decided elsewhere. */

/** The scope with that address. */
export function findScope(branch: Branch, id: Uint8Array): metadata.Scope | undefined {
  return branch.get("scopes", hexEncode(id));
}

/** The session with that address. */
export function findSession(branch: Branch, id: Uint8Array): metadata.Session | undefined {
  return branch.get("sessions", hexEncode(id));
}

/** The record with that address. */
export function findRecord(branch: Branch, id: Uint8Array): metadata.Record | undefined {
  return branch.get("records", hexEncode(id));
}

/** The scope specification with that address. */
export function findScopeSpecification(branch: Branch, id: Uint8Array): metadata.ScopeSpecification | undefined {
  return branch.get("scopeSpecifications", hexEncode(id));
}

/** The contract specification with that address. */
export function findContractSpecification(branch: Branch, id: Uint8Array): metadata.ContractSpecification | undefined {
  return branch.get("contractSpecifications", hexEncode(id));
}

/** The record specification with that address. */
export function findRecordSpecification(branch: Branch, id: Uint8Array): metadata.RecordSpecification | undefined {
  return branch.get("recordSpecifications", hexEncode(id));
}

/** The record's address: scope uuid and the hash of its name. A blank name makes the original panic. */
export function recordBytes(sessionId: Uint8Array, name: string): Uint8Array {
  let hash: Uint8Array;
  try {
    hash = goNameHash(name);
  } catch {
    throw panicRefusal("missing name value for record metadata address");
  }
  return withType(0x02, sessionId.subarray(1, 17), hash);
}

function scopeDenom(scopeId: Uint8Array): string {
  return `nft/${metadataText(scopeId)}`;
}

/** Who holds the scope's coin; undefined when nobody does. */
export function valueOwnerOf(state: LedgerState, scopeId: Uint8Array): string | undefined {
  return denominationOwner(state, scopeDenom(scopeId));
}

/** Stores the scope; a value owner named in it goes to the bank first and is not kept here. */
export function putScope(context: MessageContext, given: metadata.Scope): void {
  if (given.valueOwnerAddress !== "") {
    withoutCode("could not write scope: could not set value owner", () =>
      setValueOwner(context, given.scopeId, given.valueOwnerAddress),
    );
  }
  const scope: metadata.Scope = { ...given, valueOwnerAddress: "" };
  const key = hexEncode(scope.scopeId);
  const old = context.branch.get("scopes", key);
  context.branch.set("scopes", key, scope);
  unindexScope(context.branch, key, old);
  for (const address of indexedAddresses(scope)) {
    context.branch.set("scopesByAddress", pairKey(keyOfAccount(address), key), true);
  }
  context.branch.set("scopesBySpecification", pairKey(hexEncode(scope.specificationId), key), true);
  const schema = old === undefined ? metadata.EventScopeCreatedSchema : metadata.EventScopeUpdatedSchema;
  context.events.push(typed(schema, { scopeAddr: metadataText(scope.scopeId) }));
}

function unindexScope(branch: Branch, key: string, scope: metadata.Scope | undefined): void {
  if (scope === undefined) return;
  for (const address of indexedAddresses(scope)) branch.delete("scopesByAddress", pairKey(keyOfAccount(address), key));
  branch.delete("scopesBySpecification", pairKey(hexEncode(scope.specificationId), key));
}

function indexedAddresses(scope: metadata.Scope): Set<string> {
  return new Set([...scope.dataAccess, ...scope.owners.map(({ address }) => address)]);
}

/** Deletes the scope with its coin, records, the sessions those empty, and values. Recordless sessions stay. */
export function removeScope(context: MessageContext, scope: metadata.Scope): void {
  const key = hexEncode(scope.scopeId);
  withoutCode("could not delete scope", () => setValueOwner(context, scope.scopeId, ""));
  for (const [record] of [...context.branch.entries("records", prefixUnderScope("02", key))]) {
    removeRecord(context, hexDecode(record));
  }
  unindexScope(context.branch, key, scope);
  context.branch.delete("scopes", key);
  context.events.push(typed(metadata.EventScopeDeletedSchema, { scopeAddr: metadataText(scope.scopeId) }));
  for (const [value] of [...context.branch.entries("netAssetValues", `${key}/`)]) {
    context.branch.delete("netAssetValues", value);
  }
}

/** Where the original wraps an error in a way that hides its code, only the text is left. */
export function withoutCode(what: string, body: () => void): void {
  try {
    body();
  } catch (error) {
    throw error instanceof Refusal ? plainRefusal(`${what}: ${error.message}`) : error;
  }
}

/**
 * Gives the scope's coin to `owner`, minting it first if there is none; an empty `owner` burns it.
 * @throws Refusal `sdk/4` when the new owner is a module account
 */
function setValueOwner(context: MessageContext, scopeId: Uint8Array, owner: string): void {
  const module = moduleAddress(METADATA_MODULE, context.block.accountPrefix);
  if (owner !== "" && isBlocked(context.branch.state, keyOfAccount(owner))) {
    throw sdkRefusal("unauthorized", `new value owner "${owner}" is not allowed to receive funds`);
  }
  const coin = { denom: scopeDenom(scopeId), amount: 1n };
  const holder = valueOwnerOf(context.branch.state, scopeId);
  if ((holder ?? "") === owner) return;
  if (holder === undefined) mint(context, coin);
  const to = owner === "" ? module : requireAccountText(owner, context.block.accountPrefix);
  transfer(context, holder ?? module, to, [coin]);
  if (owner === "") burn(context, coin);
}

/** Stores a session, with the event of a new or a changed one. */
export function putSession(context: MessageContext, session: metadata.Session): void {
  const key = hexEncode(session.sessionId);
  const isNew = !context.branch.has("sessions", key);
  context.branch.set("sessions", key, session);
  context.events.push(
    typed(isNew ? metadata.EventSessionCreatedSchema : metadata.EventSessionUpdatedSchema, {
      sessionAddr: metadataText(session.sessionId),
      scopeAddr: metadataText(scopeBytesOf(session.sessionId)),
    }),
  );
}

/** Deletes a session that no record names any more. */
export function removeSessionIfEmpty(context: MessageContext, sessionId: Uint8Array): void {
  const { branch } = context;
  const key = hexEncode(sessionId);
  if (!branch.has("sessions", key)) return;
  for (const [, record] of branch.entries("records", prefixUnderScope("02", key))) {
    if (equalBytes(record.sessionId, sessionId)) return;
  }
  branch.delete("sessions", key);
  context.events.push(
    typed(metadata.EventSessionDeletedSchema, {
      sessionAddr: metadataText(sessionId),
      scopeAddr: metadataText(scopeBytesOf(sessionId)),
    }),
  );
}

/** Stores a record, with the event of a new or a changed one. */
export function putRecord(context: MessageContext, recordId: Uint8Array, record: metadata.Record): void {
  const key = hexEncode(recordId);
  const isNew = !context.branch.has("records", key);
  context.branch.set("records", key, record);
  context.events.push(
    typed(isNew ? metadata.EventRecordCreatedSchema : metadata.EventRecordUpdatedSchema, {
      recordAddr: metadataText(recordId),
      sessionAddr: metadataText(record.sessionId),
      scopeAddr: metadataText(scopeBytesOf(recordId)),
    }),
  );
}

/** Deletes a record, and its session when that was its last. */
export function removeRecord(context: MessageContext, recordId: Uint8Array): void {
  const key = hexEncode(recordId);
  const record = context.branch.get("records", key);
  if (record === undefined) return;
  context.branch.delete("records", key);
  context.events.push(
    typed(metadata.EventRecordDeletedSchema, {
      recordAddr: metadataText(recordId),
      scopeAddr: metadataText(scopeBytesOf(recordId)),
    }),
  );
  removeSessionIfEmpty(context, record.sessionId);
}

/** Stores a scope specification with its indexes. */
export function putScopeSpecification(context: MessageContext, specification: metadata.ScopeSpecification): void {
  const { branch } = context;
  const key = hexEncode(specification.specificationId);
  const old = branch.get("scopeSpecifications", key);
  for (const id of old?.contractSpecIds ?? []) {
    branch.delete("scopeSpecificationsByContract", pairKey(hexEncode(id), key));
  }
  for (const id of specification.contractSpecIds) {
    branch.set("scopeSpecificationsByContract", pairKey(hexEncode(id), key), true);
  }
  branch.set("scopeSpecifications", key, specification);
  emitScopeSpecification(context, key, old === undefined ? "created" : "updated");
}

/** False when a scope still uses it. */
export function removeScopeSpecification(context: MessageContext, given: metadata.ScopeSpecification): boolean {
  const { branch } = context;
  const key = hexEncode(given.specificationId);
  if (branch.state.scopesBySpecification.count(`${key}/`) > 0) return false;
  for (const id of given.contractSpecIds) branch.delete("scopeSpecificationsByContract", pairKey(hexEncode(id), key));
  branch.delete("scopeSpecifications", key);
  emitScopeSpecification(context, key, "deleted");
  return true;
}

const scopeSpecificationEvents = {
  created: metadata.EventScopeSpecificationCreatedSchema,
  updated: metadata.EventScopeSpecificationUpdatedSchema,
  deleted: metadata.EventScopeSpecificationDeletedSchema,
};

function emitScopeSpecification(context: MessageContext, key: string, what: "created" | "updated" | "deleted"): void {
  const value = { scopeSpecificationAddr: metadataTextOfKey(key) };
  context.events.push(typed(scopeSpecificationEvents[what], value));
}

/** Stores a contract specification. */
export function putContractSpecification(context: MessageContext, given: metadata.ContractSpecification): void {
  const key = hexEncode(given.specificationId);
  const isNew = !context.branch.has("contractSpecifications", key);
  context.branch.set("contractSpecifications", key, given);
  const schema = isNew
    ? metadata.EventContractSpecificationCreatedSchema
    : metadata.EventContractSpecificationUpdatedSchema;
  context.events.push(typed(schema, { contractSpecificationAddr: metadataTextOfKey(key) }));
}

/** Deletes the contract specification with that key. */
export function removeContractSpecification(context: MessageContext, key: string): void {
  context.branch.delete("contractSpecifications", key);
  const value = { contractSpecificationAddr: metadataTextOfKey(key) };
  context.events.push(typed(metadata.EventContractSpecificationDeletedSchema, value));
}

const recordSpecificationEvents = {
  created: metadata.EventRecordSpecificationCreatedSchema,
  updated: metadata.EventRecordSpecificationUpdatedSchema,
  deleted: metadata.EventRecordSpecificationDeletedSchema,
};

function emitRecordSpecification(context: MessageContext, key: string, what: "created" | "updated" | "deleted"): void {
  const value = {
    recordSpecificationAddr: metadataTextOfKey(key),
    contractSpecificationAddr: metadataTextOfKey(`03${key.slice(2, 34)}`),
  };
  context.events.push(typed(recordSpecificationEvents[what], value));
}

/** Stores a record specification. */
export function putRecordSpecification(context: MessageContext, given: metadata.RecordSpecification): void {
  const key = hexEncode(given.specificationId);
  const isNew = !context.branch.has("recordSpecifications", key);
  context.branch.set("recordSpecifications", key, given);
  emitRecordSpecification(context, key, isNew ? "created" : "updated");
}

/** Deletes the record specification with that key. */
export function removeRecordSpecification(context: MessageContext, key: string): void {
  context.branch.delete("recordSpecifications", key);
  emitRecordSpecification(context, key, "deleted");
}

/** The last event of every metadata endpoint but two. */
export function emitCompleted(context: MessageContext, endpoint: string, signers: readonly string[]): void {
  const value = { module: "metadata", endpoint, signers: [...signers] };
  context.events.push(typed(metadata.EventTxCompletedSchema, value));
}

/** Stores what a scope is worth in one coin, in the place of the value before. */
export function setNetAssetValue(context: MessageContext, scopeId: Uint8Array, given: metadata.NetAssetValue): void {
  // A number that was left out is zero.
  const price = create(cosmos.coin.CoinSchema, { denom: given.price?.denom ?? "", amount: given.price?.amount || "0" });
  const value: metadata.NetAssetValue = {
    ...given,
    price,
    updatedBlockHeight: context.block.height,
    volume: given.volume < 1n ? 1n : given.volume,
  };
  context.events.push(
    typed(metadata.EventSetNetAssetValueSchema, {
      scopeId: metadataText(scopeId),
      price: `${price.amount}${price.denom}`,
      volume: value.volume.toString(),
      source: METADATA_MODULE,
    }),
  );
  context.branch.set("netAssetValues", pairKey(hexEncode(scopeId), price.denom), value);
}
