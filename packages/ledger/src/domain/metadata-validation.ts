import {
  type AccountPrefix,
  equalBytes,
  goNameHash,
  type MetadataKind,
  parseUuid,
  utf8Encode,
  uuidToBytes,
} from "@p8e/core";
import * as metadata from "@p8e/proto/metadata";
import { isAccount, metadataBytes, metadataKind, metadataText, withType } from "./addresses.ts";
import { isSameParty, roleName } from "./parties.ts";
import { plainRefusal } from "./refusal.ts";

/**
 * Stateless validation of metadata values, in the original's order where the order shows (provenance:
 * x/metadata/types/msgs.go, scope.go, specification.go). Every refusal is `undefined/1`; lengths are in bytes.
 */
export function requireSome(condition: boolean, text: string): void {
  if (!condition) throw plainRefusal(text);
}

/** @throws Refusal `undefined/1` for a message without signers */
export function requireSignersGiven(signers: readonly string[]): void {
  requireSome(signers.length > 0, "at least one signer is required");
}

/** @throws Refusal `undefined/1` for what is no account of this network */
export function requireAccount(text: string, prefix: AccountPrefix, what: string): void {
  requireSome(isAccount(text, prefix), `${what} is not an account address of this network: "${text.slice(0, 120)}"`);
}

/** @throws Refusal `undefined/1` for what is no metadata address of that kind */
export function requireKind(bytes: Uint8Array, kind: MetadataKind, what: string): void {
  requireSome(metadataKind(bytes) === kind, `${what} is not a ${kind} address: "${metadataText(bytes)}"`);
}

function bytesOf(text: string): number {
  return utf8Encode(text).length;
}

/** Parses uuid text as the chain does, or refuses. */
function requireUuid(text: string, what: string): Uint8Array {
  try {
    return uuidToBytes(parseUuid(text));
  } catch {
    throw plainRefusal(`invalid ${what} uuid: "${text.slice(0, 64)}"`);
  }
}

/** The id to use: the given one unless a uuid field builds one; both must agree. */
export function mergeId(given: Uint8Array, built: Uint8Array | undefined, what: string): Uint8Array {
  if (built === undefined) return given;
  requireSome(
    given.length === 0 || equalBytes(given, built),
    `${what} ${metadataText(given)} is different from the one created from its uuid, ${metadataText(built)}`,
  );
  return built;
}

/** The id of that type with that uuid; undefined without one. @throws Refusal `undefined/1` */
export function idFromUuid(type: number, uuidText: string, what: string): Uint8Array | undefined {
  return uuidText === "" ? undefined : withType(type, requireUuid(uuidText, what));
}

function nameHashOrUndefined(name: string): Uint8Array | undefined {
  try {
    return goNameHash(name);
  } catch {
    return undefined;
  }
}

/** The id of that type with that uuid and the name's hash; undefined without a uuid. @throws Refusal `undefined/1` */
export function idFromUuidAndName(type: number, uuidText: string, name: string, what: string): Uint8Array | undefined {
  if (uuidText === "") return undefined;
  const uuid = requireUuid(uuidText, what);
  const hash = nameHashOrUndefined(name);
  if (hash === undefined) throw plainRefusal(`empty ${what} name`);
  return withType(type, uuid, hash);
}

/** Both parts of a session id, or neither. */
export function sessionIdFromComponents(components: metadata.SessionIdComponents | undefined): Uint8Array | undefined {
  if (components === undefined) return undefined;
  const session = components.sessionUuid === "" ? undefined : requireUuid(components.sessionUuid, "session");
  const scope = scopeUuidFromComponents(components.scopeIdentifier);
  if (scope === undefined && session === undefined) return undefined;
  if (scope === undefined) throw plainRefusal("session uuid provided but missing scope uuid or addr");
  if (session === undefined) throw plainRefusal("scope uuid or addr provided but missing session uuid");
  return withType(0x01, scope, session);
}

function scopeUuidFromComponents(identifier: metadata.SessionIdComponents["scopeIdentifier"]): Uint8Array | undefined {
  if (identifier.case === undefined || identifier.value === "") return undefined;
  if (identifier.case === "scopeUuid") return requireUuid(identifier.value, "scope");
  const address = metadataBytes(identifier.value);
  if (address === undefined || address[0]! > 0x02)
    throw plainRefusal(`invalid scope addr: "${identifier.value.slice(0, 120)}"`);
  return address.subarray(1, 17);
}

/** Parties of a scope or session: some, each with an account and a role, none twice. @throws Refusal `undefined/1` */
export function validateParties(parties: readonly metadata.Party[], prefix: AccountPrefix, what: string): void {
  requireSome(parties.length > 0, `${what}: at least one party is required`);
  for (const { address, role } of parties) {
    requireSome(address !== "", `${what}: missing party address`);
    requireAccount(address, prefix, `${what}: party address`);
    const known = role !== metadata.PartyType.UNSPECIFIED && metadata.PartyTypeSchema.value[role] !== undefined;
    requireSome(known, `${what}: invalid party type for party ${address}`);
  }
  for (const [index, party] of parties.entries()) {
    const repeated = parties.slice(index + 1).some((other) => isSameParty(party, other));
    requireSome(!repeated, `${what}: duplicate parties not allowed: ${party.address} (${roleName(party.role)})`);
  }
}

/** Optional parties exist only where a scope rolls its parties up. */
export function validateOptionalParties(allowed: boolean, parties: readonly metadata.Party[]): void {
  if (!allowed && parties.some(({ optional }) => optional)) {
    throw plainRefusal("parties can only be optional when require_party_rollup = true");
  }
}

/** @throws Refusal `undefined/1` for a scope that no state would make valid */
export function validateScope(scope: metadata.Scope, prefix: AccountPrefix): void {
  requireKind(scope.scopeId, "scope", "scope id");
  requireKind(scope.specificationId, "scope-specification", "scope specification id");
  validateParties(scope.owners, prefix, "invalid scope owners");
  validateOptionalParties(scope.requirePartyRollup, scope.owners);
  for (const address of scope.dataAccess) requireAccount(address, prefix, "address in data access on scope");
  if (scope.valueOwnerAddress !== "") requireAccount(scope.valueOwnerAddress, prefix, "value owner address on scope");
}

/** @throws Refusal `undefined/1` for a session that no state would make valid */
export function validateSession(session: metadata.Session, prefix: AccountPrefix): void {
  requireKind(session.sessionId, "session", "session id");
  validateParties(session.parties, prefix, "invalid session parties");
  requireKind(session.specificationId, "contract-specification", "contract specification id");
  requireSome(bytesOf(session.audit?.message ?? "") <= 200, "session audit message exceeds maximum length 200");
}

/** @throws Refusal `undefined/1` for a record that no state would make valid */
export function validateRecord(record: metadata.Record): void {
  requireKind(record.sessionId, "session", "session id of the record");
  if (record.specificationId.length > 0) {
    requireKind(record.specificationId, "record-specification", "record specification id");
  }
  for (const input of record.inputs) validateRecordInput(input);
  for (const { status, hash } of record.outputs) {
    if (status === metadata.ResultStatus.SKIP) continue;
    requireSome(status !== metadata.ResultStatus.UNSPECIFIED, "invalid record output: status unspecified");
    requireSome(hash !== "", "invalid record output: missing required hash");
  }
  requireSome(record.name !== "", "invalid/missing name for record");
  const process = record.process;
  requireSome((process?.method ?? "") !== "", "invalid record process: missing required method");
  requireSome((process?.name ?? "") !== "", "invalid record process: missing required name");
  requireSome(process?.processId.case !== undefined, "invalid record process: missing required process id");
}

function validateRecordInput(input: metadata.RecordInput): void {
  requireSome(input.name !== "", "invalid record input: missing required name");
  requireSome(
    input.status !== metadata.RecordInputStatus.UNSPECIFIED,
    "invalid record input: status unknown or missing",
  );
  const { source } = input;
  if (source.case === undefined) throw plainRefusal("invalid record input: missing required source");
  if (source.case === "hash") {
    const proposed = input.status === metadata.RecordInputStatus.PROPOSED;
    requireSome(proposed, "invalid record input: hash specifier only applies to proposed inputs");
    requireSome(source.value !== "", "invalid record input: missing required hash for proposed value");
  } else {
    const isRecord = input.status === metadata.RecordInputStatus.RECORD;
    requireSome(isRecord, "invalid record input: record id must be used with Record type inputs");
    requireKind(source.value, "record", "invalid record input: record id");
  }
  requireSome(input.typeName !== "", "invalid record input: missing type name");
}

/** @throws Refusal `undefined/1` for a scope specification that no state would make valid */
export function validateScopeSpecification(given: metadata.ScopeSpecification, prefix: AccountPrefix): void {
  validateGenericRoles(given.partiesInvolved, given.description);
  requireKind(given.specificationId, "scope-specification", "scope specification id");
  validateDescription(given.description, "ScopeSpecification.Description");
  requireSome(given.ownerAddresses.length > 0, "the ScopeSpecification must have at least one owner");
  for (const owner of given.ownerAddresses) requireAccount(owner, prefix, "owner address on ScopeSpecification");
  requireSome(given.partiesInvolved.length > 0, "the ScopeSpecification must have at least one party involved");
  for (const id of given.contractSpecIds) requireKind(id, "contract-specification", "contract specification id");
}

/** @throws Refusal `undefined/1` for a contract specification that no state would make valid */
export function validateContractSpecification(given: metadata.ContractSpecification, prefix: AccountPrefix): void {
  validateGenericRoles(given.partiesInvolved, given.description);
  requireKind(given.specificationId, "contract-specification", "contract specification id");
  validateDescription(given.description, "ContractSpecification.Description");
  requireSome(given.ownerAddresses.length > 0, "invalid owner addresses count (expected > 0 got: 0)");
  for (const owner of given.ownerAddresses) requireAccount(owner, prefix, "owner address");
  requireSome(given.partiesInvolved.length > 0, "invalid parties involved count (expected > 0 got: 0)");
  const { source } = given;
  if (source.case === undefined) throw plainRefusal("a source is required");
  if (source.case === "hash") requireSome(source.value !== "", "source hash cannot be empty");
  else requireSome(metadataKind(source.value) !== undefined, "invalid source resource id");
  requireLength(given.className, 1000, "class name");
}

/** @throws Refusal `undefined/1` for a record specification that no state would make valid */
export function validateRecordSpecification(given: metadata.RecordSpecification): void {
  requireKind(given.specificationId, "record-specification", "record specification id");
  requireLength(given.name, 200, "record specification name");
  const hash = nameHashOrUndefined(given.name);
  const fits = hash !== undefined && equalBytes(hash, given.specificationId.subarray(17));
  requireSome(fits, `invalid record specification id value for its name: ${metadataText(given.specificationId)}`);
  for (const input of given.inputs) {
    requireLength(input.name, 200, "input specification name");
    requireLength(input.typeName, 1000, "input specification type name");
    const { source } = input;
    if (source.case === undefined) throw plainRefusal("input specification source is required");
    if (source.case === "hash") requireSome(source.value !== "", "input specification source hash cannot be empty");
    else requireKind(source.value, "record", "input specification source record id");
  }
  requireLength(given.typeName, 1000, "record specification type name");
  requireSome(given.responsibleParties.length > 0, "invalid responsible parties count (expected > 0 got: 0)");
  const typed = given.resultType !== metadata.DefinitionType.UNSPECIFIED;
  requireSome(typed, "record specification result type cannot be unspecified");
}

function requireLength(text: string, most: number, what: string): void {
  requireSome(text !== "", `${what} cannot be empty`);
  requireSome(bytesOf(text) <= most, `${what} exceeds maximum length (expected <= ${most} got: ${bytesOf(text)})`);
}

function validateDescription(given: metadata.Description | undefined, path: string): void {
  if (given === undefined) return;
  requireLength(given.name, 200, `description ${path}.Name`);
  requireSome(bytesOf(given.description) <= 5000, `description ${path}.Description exceeds maximum length`);
  for (const [name, url] of [["WebsiteUrl", given.websiteUrl] as const, ["IconUrl", given.iconUrl] as const]) {
    if (url === "") continue;
    requireSome(bytesOf(url) <= 2048, `url ${path}.${name} exceeds maximum length`);
    requireSome(/https?:\/\/|data:.*,/.test(url), `url ${path}.${name} must use the http, https, or data protocol`);
  }
}

/** The generic roles mean something only when the specification says what. */
function validateGenericRoles(
  roles: readonly metadata.PartyType[],
  description: metadata.Description | undefined,
): void {
  const generic = roles.find((role) => role >= metadata.PartyType.GENERIC_1 && role <= metadata.PartyType.GENERIC_6);
  if (generic !== undefined && (description?.description ?? "").trim() === "") {
    throw plainRefusal(`role ${roleName(generic)} requires a description that says what it means`);
  }
}
