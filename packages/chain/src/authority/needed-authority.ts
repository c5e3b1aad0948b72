import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { type AccountAddress, equalBytes, metadataAddressToBytes, parseMetadataAddress } from "@p8e/core";
import { unpackAny } from "@p8e/proto/any";
import * as metadata from "@p8e/proto/metadata";
import type { LedgerMessage } from "../messages/ledger-message.ts";
import { type MetadataMessageName, metadataMessageType } from "../messages/metadata-message-type.ts";
import { KnownMetadata, type MetadataSnapshot, recordId, recordSpecificationId, scopeIdOf } from "./known-metadata.ts";
import {
  everyAccount,
  everyRequired,
  type Party,
  type PartyNeed,
  rolesLacking,
  roleText,
  rolledUp,
} from "./party-rules.ts";

/**
 * Whose authority a message needs: a signature, or a grant to somebody who signs.
 *
 * The rules are the ledger's own (provenance: x/metadata/keeper/signers.go, scope.go, session.go, record.go), for scopes
 * that require party rollup and for those that do not. Specifications are not here: their owners alone sign for them.
 * Two rules need more than metadata and stay the ledger's to apply: an account that never signed counts as a smart
 * contract and may not be a party (`isSilentAccount` tells), and a marker that holds a scope's value has managers who sign.
 */
export interface NeededAuthority extends PartyNeed {
  readonly name: MetadataMessageName;
  /** Why the ledger refuses it whoever signs; as far as it is about parties and what they write for. */
  readonly obstacles: readonly string[];
}

/**
 * One for each message that a scope's parties sign, in the messages' order; other messages are passed over. Messages see
 * what those before them wrote. The snapshot must hold the scopes with their value owners, the sessions and records of
 * what is written, and the specifications; what it does not hold does not exist. Ids are read where `writeScope` and its
 * like put them, not from the uuid fields beside them.
 */
export function neededAuthorities(
  messages: readonly LedgerMessage[],
  snapshot: MetadataSnapshot,
): readonly NeededAuthority[] {
  const known = new KnownMetadata(snapshot);
  return messages.flatMap((message) => rules.get(message.typeUrl)?.apply(message, known) ?? []);
}

/** The ids of scopes, and of what is in scopes, that a message is about; empty for those that no scope's parties sign. */
export function metadataIdsOf(message: LedgerMessage): readonly Uint8Array[] {
  return rules.get(message.typeUrl)?.idsOf(message) ?? [];
}

interface Need extends Partial<PartyNeed> {
  readonly obstacles?: readonly string[];
}

interface Rule {
  readonly idsOf: (message: LedgerMessage) => readonly Uint8Array[];
  readonly apply: (message: LedgerMessage, known: KnownMetadata) => NeededAuthority;
}

/** What a message is about, what it needs, then what it does to what is known. */
function rule<Desc extends DescMessage>(
  name: MetadataMessageName,
  schema: Desc,
  idsOf: (message: MessageShape<Desc>) => readonly (Uint8Array | undefined)[],
  need: (message: MessageShape<Desc>, known: KnownMetadata) => Need,
  effect: (message: MessageShape<Desc>, known: KnownMetadata) => void = () => {},
): readonly [string, Rule] {
  const unpack = ({ typeUrl, value }: LedgerMessage) =>
    unpackAny({ $typeName: "google.protobuf.Any", typeUrl, value: new Uint8Array(value) }, schema);
  return [
    metadataMessageType(name),
    {
      idsOf: (packed) => idsOf(unpack(packed)).flatMap((id) => id ?? []),
      apply: (packed, known) => {
        const message = unpack(packed);
        const needed = need(message, known);
        effect(message, known);
        return { name, everyOf: [], roles: [], obstacles: [], ...needed };
      },
    },
  ];
}

const NO_SCOPE: Need = { obstacles: ["the scope does not exist"] };

const rules: ReadonlyMap<string, Rule> = new Map([
  rule(
    "WriteScope",
    metadata.MsgWriteScopeRequestSchema,
    ({ scope }) => [scope?.scopeId, scope?.specificationId],
    ({ scope }, known) => (scope === undefined ? NO_SCOPE : needOfScope(scope, known)),
    ({ scope }, known) => {
      if (scope === undefined) return;
      // An empty value owner leaves the holder as it is.
      const holder = scope.valueOwnerAddress || known.scope(scope.scopeId)?.valueOwnerAddress || "";
      known.putScope({ ...scope, valueOwnerAddress: holder });
    },
  ),
  rule(
    "DeleteScope",
    metadata.MsgDeleteScopeRequestSchema,
    ({ scopeId }) => [scopeId],
    ({ scopeId }, known) => {
      const scope = known.scope(scopeId);
      if (scope === undefined) return NO_SCOPE;
      return withHolder(needOfOwners(scope, known.scopeSpecification(scope.specificationId)?.partiesInvolved), scope);
    },
    ({ scopeId }, known) => known.deleteScope(scopeId),
  ),
  rule(
    "AddScopeDataAccess",
    metadata.MsgAddScopeDataAccessRequestSchema,
    ({ scopeId }) => [scopeId],
    ({ scopeId, dataAccess }, known) =>
      ofScope(scopeId, known, (scope) =>
        dataAccess.filter((one) => scope.dataAccess.includes(one)).map((one) => `${one} has data access already`),
      ),
    ({ scopeId, dataAccess }, known) =>
      known.changeScope(scopeId, (scope) => ({ dataAccess: [...new Set([...scope.dataAccess, ...dataAccess])] })),
  ),
  rule(
    "DeleteScopeDataAccess",
    metadata.MsgDeleteScopeDataAccessRequestSchema,
    ({ scopeId }) => [scopeId],
    ({ scopeId, dataAccess }, known) =>
      ofScope(scopeId, known, (scope) =>
        dataAccess.filter((one) => !scope.dataAccess.includes(one)).map((one) => `${one} has no data access`),
      ),
    ({ scopeId, dataAccess }, known) =>
      known.changeScope(scopeId, (scope) => ({
        dataAccess: scope.dataAccess.filter((one) => !dataAccess.includes(one)),
      })),
  ),
  rule(
    "AddScopeOwner",
    metadata.MsgAddScopeOwnerRequestSchema,
    ({ scopeId }) => [scopeId],
    ({ scopeId, owners }, known) =>
      ofScope(scopeId, known, (scope, roles) => [
        ...owners.filter((one) => scope.owners.some((other) => isSameParty(one, other))).map(isAlready("an owner")),
        ...lacking([...scope.owners, ...owners], roles),
      ]),
    ({ scopeId, owners }, known) => known.changeScope(scopeId, (scope) => ({ owners: [...scope.owners, ...owners] })),
  ),
  rule(
    "DeleteScopeOwner",
    metadata.MsgDeleteScopeOwnerRequestSchema,
    ({ scopeId }) => [scopeId],
    ({ scopeId, owners }, known) =>
      ofScope(scopeId, known, (scope, roles) => [
        ...owners
          .filter((one) => !scope.owners.some(({ address }) => address === one))
          .map((one) => `${one} is no owner`),
        ...lacking(without(scope.owners, owners), roles),
      ]),
    ({ scopeId, owners }, known) => known.changeScope(scopeId, (scope) => ({ owners: without(scope.owners, owners) })),
  ),
  rule(
    "UpdateValueOwners",
    metadata.MsgUpdateValueOwnersRequestSchema,
    ({ scopeIds }) => scopeIds,
    ({ scopeIds, valueOwnerAddress }, known) => {
      const holders = scopeIds.map((id) => known.scope(id)?.valueOwnerAddress ?? "");
      const obstacles = [
        ...(holders.includes("") ? ["a scope has no value owner, or does not exist"] : []),
        ...(holders.includes(valueOwnerAddress) ? [`${valueOwnerAddress} holds the value already`] : []),
      ];
      return { ...everyAccount(holders.filter((one) => one !== "").map((address) => ({ address }))), obstacles };
    },
    ({ scopeIds, valueOwnerAddress }, known) => {
      for (const id of scopeIds) known.changeScope(id, () => ({ valueOwnerAddress }));
    },
  ),
  rule(
    "WriteSession",
    metadata.MsgWriteSessionRequestSchema,
    ({ session }) => [session?.sessionId],
    ({ session }, known) => (session === undefined ? NO_SCOPE : needOfSession(session, known)),
    ({ session }, known) => {
      if (session !== undefined) known.putSession(session);
    },
  ),
  rule(
    "WriteRecord",
    metadata.MsgWriteRecordRequestSchema,
    ({ record }) => [record?.sessionId],
    ({ record }, known) => (record === undefined ? NO_SCOPE : needOfRecord(record, known)),
    ({ record }, known) => {
      if (record === undefined) return;
      const before = known.record(recordId(record.sessionId, record.name));
      known.putRecord(record);
      if (before !== undefined) known.deleteSessionIfEmpty(before.sessionId);
    },
  ),
  rule(
    "DeleteRecord",
    metadata.MsgDeleteRecordRequestSchema,
    ({ recordId: id }) => [id],
    ({ recordId: id }, known) => {
      const record = known.record(id);
      if (record === undefined) return { obstacles: ["the record does not exist"] };
      const scope = known.scope(scopeIdOf(id));
      if (scope === undefined) return {};
      return needOfOwners(scope, known.recordSpecification(record.specificationId)?.responsibleParties);
    },
    ({ recordId: id }, known) => known.deleteRecord(id),
  ),
  rule(
    "SetAccountData",
    metadata.MsgSetAccountDataRequestSchema,
    ({ metadataAddr }) => [metadataAddr],
    ({ metadataAddr, value }, known) =>
      // What a deleted scope left can be taken away by anybody.
      known.scope(metadataAddr) === undefined && value === "" ? {} : ofScope(metadataAddr, known, () => []),
  ),
  rule(
    "AddNetAssetValues",
    metadata.MsgAddNetAssetValuesRequestSchema,
    ({ scopeId }) => [bytesOf(scopeId)],
    ({ scopeId }, known) => {
      const scope = known.scope(bytesOf(scopeId));
      return scope === undefined ? NO_SCOPE : everyAccount(scope.owners);
    },
  ),
]);

/** This message alone names its scope by text. */
function bytesOf(scope: string): Uint8Array {
  return metadataAddressToBytes(parseMetadataAddress(scope, "scope"));
}

/** What changes a scope other than by writing it whole: its owners' authority. */
function ofScope(
  id: Uint8Array,
  known: KnownMetadata,
  obstacles: (scope: metadata.Scope, roles: readonly metadata.PartyType[]) => readonly string[],
): Need {
  const scope = known.scope(id);
  if (scope === undefined) return NO_SCOPE;
  const roles = known.scopeSpecification(scope.specificationId)?.partiesInvolved;
  if (roles === undefined && scope.requirePartyRollup) return { obstacles: [NO_SCOPE_SPECIFICATION] };
  return { ...needOfOwners(scope, roles), obstacles: obstacles(scope, roles ?? []) };
}

const NO_SCOPE_SPECIFICATION = "the scope specification does not exist";

/** Where the specification that names the roles is gone, all that are not optional. */
function needOfOwners(scope: metadata.Scope, roles: readonly metadata.PartyType[] | undefined): PartyNeed {
  if (!scope.requirePartyRollup) return everyAccount(scope.owners);
  return roles === undefined ? everyRequired(scope.owners) : rolledUp(scope.owners, scope.owners, roles);
}

function withHolder(need: PartyNeed, { valueOwnerAddress }: metadata.Scope): PartyNeed {
  if (valueOwnerAddress === "") return need;
  return { ...need, everyOf: [...new Set([...need.everyOf, valueOwnerAddress as AccountAddress])] };
}

function needOfScope(proposed: metadata.Scope, known: KnownMetadata): Need {
  const existing = known.scope(proposed.scopeId);
  const roles = known.scopeSpecification(proposed.specificationId)?.partiesInvolved;
  const obstacles = roles === undefined ? [NO_SCOPE_SPECIFICATION] : lacking(proposed.owners, roles);
  if (existing === undefined) return { obstacles };
  const { valueOwnerAddress: holder } = existing;
  const isSame = isSameScope(existing, proposed);
  const movesValue = holder !== "" && proposed.valueOwnerAddress !== "" && proposed.valueOwnerAddress !== holder;
  if (isSame && movesValue) return everyAccount([{ address: holder }]);
  const givesValue = holder === "" && proposed.valueOwnerAddress !== "";
  const changesNothing = isSame && !givesValue && !existing.requirePartyRollup;
  const owners = changesNothing ? { everyOf: [], roles: [] } : needOfOwners(existing, roles ?? []);
  return { ...(movesValue ? withHolder(owners, existing) : owners), obstacles };
}

/** But for the value owner. */
function isSameScope(left: metadata.Scope, right: metadata.Scope): boolean {
  const holds = (parties: readonly Party[], party: Party) =>
    parties.some((one) => isSameParty(one, party) && one.optional === party.optional);
  return (
    left.owners.length === right.owners.length &&
    left.owners.every((owner) => holds(right.owners, owner)) &&
    left.dataAccess.length === right.dataAccess.length &&
    left.dataAccess.every((one) => right.dataAccess.includes(one)) &&
    right.dataAccess.every((one) => left.dataAccess.includes(one)) &&
    equalBytes(left.specificationId, right.specificationId) &&
    left.requirePartyRollup === right.requirePartyRollup
  );
}

function needOfSession(proposed: metadata.Session, known: KnownMetadata): Need {
  const scope = known.scope(scopeIdOf(proposed.sessionId));
  if (scope === undefined) return NO_SCOPE;
  const contract = known.contractSpecification(proposed.specificationId);
  if (contract === undefined) return { obstacles: ["the contract specification does not exist"] };
  const listed = known.scopeSpecification(scope.specificationId)?.contractSpecIds ?? [];
  const obstacles = listed.some((id) => equalBytes(id, proposed.specificationId))
    ? []
    : ["the scope specification does not list the contract"];
  const roles = contract.partiesInvolved;
  const existing = known.session(proposed.sessionId);
  if (!scope.requirePartyRollup) {
    return { ...everyAccount(scope.owners), obstacles: [...obstacles, ...lacking(proposed.parties, roles)] };
  }
  const strangers = proposed.parties.filter((party) => !scope.owners.some((owner) => isSameParty(owner, party)));
  const required = [...(existing?.parties ?? []), ...scope.owners];
  return {
    ...rolledUp(required, existing?.parties ?? proposed.parties, roles),
    obstacles: [
      ...obstacles,
      ...strangers.map(({ address, role }) => `${address} (${roleText(role)}) is no owner of the scope`),
      ...lacking(proposed.parties, roles),
    ],
  };
}

function needOfRecord(proposed: metadata.Record, known: KnownMetadata): Need {
  const scope = known.scope(scopeIdOf(proposed.sessionId));
  if (scope === undefined) return NO_SCOPE;
  const session = known.session(proposed.sessionId);
  if (session === undefined) return { obstacles: ["the session does not exist"] };
  const specification = known.recordSpecification(recordSpecificationId(session.specificationId, proposed.name));
  if (specification === undefined) return { obstacles: ["the record specification does not exist"] };
  const before = known.record(recordId(proposed.sessionId, proposed.name));
  const isMoved = before !== undefined && !equalBytes(before.sessionId, proposed.sessionId);
  const superseded = isMoved ? (known.session(before.sessionId)?.parties ?? []) : [];
  const roles = specification.responsibleParties;
  const obstacles = lacking(session.parties, roles);
  if (!scope.requirePartyRollup) return { ...everyAccount([...session.parties, ...superseded]), obstacles };
  return { ...rolledUp([...scope.owners, ...session.parties, ...superseded], session.parties, roles), obstacles };
}

function lacking(parties: readonly Party[], roles: readonly metadata.PartyType[]): readonly string[] {
  return rolesLacking(parties, roles).map((role) => `no party is ${role}`);
}

function without(owners: readonly metadata.Party[], addresses: readonly string[]): metadata.Party[] {
  return owners.filter(({ address }) => !addresses.includes(address));
}

function isSameParty(left: Party, right: Party): boolean {
  return left.address === right.address && left.role === right.role;
}

function isAlready(what: string) {
  return ({ address, role }: Party) => `${address} (${roleText(role)}) is ${what} already`;
}
