import { create, equals } from "@bufbuild/protobuf";
import { type Timestamp, timestampFromMs } from "@bufbuild/protobuf/wkt";
import { equalBytes } from "@p8e/core";
import * as metadata from "@p8e/proto/metadata";
import { metadataKind, metadataText, scopeBytesOf } from "../addresses.ts";
import { recordIdInfo, sessionIdInfo } from "../id-info.ts";
import type { MessageContext } from "../message-context.ts";
import {
  emitCompleted,
  findContractSpecification,
  findRecord,
  findRecordSpecification,
  findScope,
  findScopeSpecification,
  findSession,
  putRecord,
  putSession,
  recordBytes,
  removeRecord,
  removeSessionIfEmpty,
} from "../metadata-store.ts";
import {
  idFromUuid,
  idFromUuidAndName,
  mergeId,
  requireSignersGiven,
  sessionIdFromComponents,
  validateOptionalParties,
  validateRecord,
  validateSession,
} from "../metadata-validation.ts";
import {
  addressesOf,
  isSameParty,
  requiredAddressesOf,
  requireProvenanceRole,
  requireRolesPresent,
  requireSigners,
  requireSignersWithParties,
  roleName,
} from "../parties.ts";
import { checkRecordShape } from "../record-shape.ts";
import { asInvalidRequest, plainRefusal } from "../refusal.ts";
import { define } from "./definition.ts";

const signers = (message: { readonly signers: readonly string[] }): readonly string[] => message.signers;

/** The original's zero time, which is what a session that was never updated shows. */
function yearOne(): Timestamp {
  return { $typeName: "google.protobuf.Timestamp", seconds: -62135596800n, nanos: 0 };
}

/** `MsgWriteSessionRequest` */
export const writeSession = define({
  schema: metadata.MsgWriteSessionRequestSchema,
  response: metadata.MsgWriteSessionResponseSchema,
  signers,
  validate: (message, prefix) => {
    requireSignersGiven(message.signers);
    const given = sessionOf(message);
    const built = sessionIdFromComponents(message.sessionIdComponents);
    const session: metadata.Session = {
      ...given,
      sessionId: mergeId(given.sessionId, built, "session id"),
      specificationId: mergeId(given.specificationId, idFromUuid(0x03, message.specUuid, "spec"), "specification id"),
    };
    validateSession(session, prefix);
    return { ...message, session, sessionIdComponents: undefined, specUuid: "" };
  },
  run: (context, message) => {
    const proposed = sessionOf(message);
    const existing = findSession(context.branch, proposed.sessionId);
    asInvalidRequest(() => checkWriteSession(context, existing, proposed, message.signers));
    putSession(context, { ...proposed, audit: audit(context, existing?.audit, message.signers) });
    emitCompleted(context, "WriteSession", message.signers);
    return { sessionIdInfo: sessionIdInfo(proposed.sessionId) };
  },
});

function sessionOf(message: metadata.MsgWriteSessionRequest): metadata.Session {
  if (message.session === undefined) throw plainRefusal("a session is required");
  return message.session;
}

function audit(
  context: MessageContext,
  old: metadata.AuditFields | undefined,
  given: readonly string[],
): metadata.AuditFields {
  const now = timestampFromMs(context.block.timeMs);
  const by = given.join(", ");
  const fresh = { createdDate: now, createdBy: by, updatedDate: yearOne(), updatedBy: "", version: 1, message: "" };
  if (old === undefined) return create(metadata.AuditFieldsSchema, fresh);
  return { ...old, updatedDate: now, updatedBy: by, version: old.version + 1, message: "" };
}

function checkWriteSession(
  context: MessageContext,
  existing: metadata.Session | undefined,
  proposed: metadata.Session,
  given: readonly string[],
): void {
  if (existing !== undefined) {
    if (!equalBytes(existing.specificationId, proposed.specificationId)) {
      throw plainRefusal(
        `cannot update specification identifier. expected ${metadataText(existing.specificationId)}, got ${metadataText(proposed.specificationId)}`,
      );
    }
    if (proposed.name === "") throw plainRefusal("proposed name to existing session must not be empty");
  }
  const scopeId = scopeBytesOf(proposed.sessionId);
  const scope = findScope(context.branch, scopeId);
  if (scope === undefined) throw plainRefusal(`scope not found for scope id ${metadataText(scopeId)}`);
  validateOptionalParties(scope.requirePartyRollup, proposed.parties);
  const specificationText = metadataText(proposed.specificationId);
  const contract = findContractSpecification(context.branch, proposed.specificationId);
  if (contract === undefined) throw plainRefusal(`cannot find contract specification ${specificationText}`);
  const scopeSpecification = findScopeSpecification(context.branch, scope.specificationId);
  if (scopeSpecification === undefined) {
    throw plainRefusal(`scope spec not found with id ${metadataText(scope.specificationId)}`);
  }
  if (!scopeSpecification.contractSpecIds.some((id) => equalBytes(id, proposed.specificationId))) {
    throw plainRefusal(
      `contract spec ${specificationText} not listed in scope spec ${metadataText(scope.specificationId)}`,
    );
  }
  checkSessionParties(context, scope, existing, proposed, contract.partiesInvolved, given);
  if (existing !== undefined) checkAudit(existing.audit, proposed.audit);
}

function checkSessionParties(
  context: MessageContext,
  scope: metadata.Scope,
  existing: metadata.Session | undefined,
  proposed: metadata.Session,
  roles: readonly metadata.PartyType[],
  given: readonly string[],
): void {
  if (!scope.requirePartyRollup) {
    requireRolesPresent(proposed.parties, roles);
    requireProvenanceRole(context, proposed.parties);
    requireSigners(context, addressesOf(scope.owners), given);
    return;
  }
  const strangers = proposed.parties.filter((party) => !scope.owners.some((owner) => isSameParty(owner, party)));
  if (strangers.length > 0) {
    const names = strangers.map(({ address, role }) => `${address} (${roleName(role)})`).join(", ");
    throw plainRefusal(
      `not all session parties in scope owners: missing ${strangers.length === 1 ? "party" : "parties"}: ${names}`,
    );
  }
  if (existing !== undefined) {
    requireRolesPresent(proposed.parties, roles);
    requireProvenanceRole(context, proposed.parties);
  }
  const required = [...(existing?.parties ?? []), ...scope.owners];
  requireSignersWithParties(context, required, existing?.parties ?? proposed.parties, roles, given);
}

/** The ledger alone writes audit fields: a writer leaves them out or repeats them. */
function checkAudit(existing: metadata.AuditFields | undefined, proposed: metadata.AuditFields | undefined): void {
  if (proposed === undefined) return;
  if (existing !== undefined && equals(metadata.AuditFieldsSchema, existing, proposed)) return;
  throw plainRefusal("attempt to modify audit fields, modification not allowed");
}

/** `MsgWriteRecordRequest` */
export const writeRecord = define({
  schema: metadata.MsgWriteRecordRequestSchema,
  response: metadata.MsgWriteRecordResponseSchema,
  signers,
  validate: (message) => {
    requireSignersGiven(message.signers);
    const given = recordOf(message);
    const built = sessionIdFromComponents(message.sessionIdComponents);
    const specification = idFromUuidAndName(0x05, message.contractSpecUuid, given.name, "record");
    const record: metadata.Record = {
      ...given,
      sessionId: mergeId(given.sessionId, built, "session id"),
      specificationId: mergeId(given.specificationId, specification, "specification id"),
    };
    validateRecord(record);
    return { ...message, record, sessionIdComponents: undefined, contractSpecUuid: "" };
  },
  run: (context, message) => {
    const proposed = recordOf(message);
    const id = recordBytes(proposed.sessionId, proposed.name);
    const existing = findRecord(context.branch, id);
    const record = asInvalidRequest(() => checkWriteRecord(context, existing, proposed, message.signers));
    putRecord(context, id, record);
    if (existing !== undefined && !equalBytes(existing.sessionId, record.sessionId)) {
      removeSessionIfEmpty(context, existing.sessionId);
    }
    emitCompleted(context, "WriteRecord", message.signers);
    return { recordIdInfo: recordIdInfo(id) };
  },
});

function recordOf(message: metadata.MsgWriteRecordRequest): metadata.Record {
  if (message.record === undefined) throw plainRefusal("a record is required");
  return message.record;
}

/** Returns the record to store: the proposed one with its specification's id filled in. */
function checkWriteRecord(
  context: MessageContext,
  existing: metadata.Record | undefined,
  proposed: metadata.Record,
  given: readonly string[],
): metadata.Record {
  const { branch } = context;
  let oldSession: metadata.Session | undefined;
  if (existing !== undefined) {
    if (existing.name !== proposed.name) throw plainRefusal("the Name field of records cannot be changed");
    if (!equalBytes(existing.sessionId, proposed.sessionId)) oldSession = findSession(branch, existing.sessionId);
    const bothKnown = existing.specificationId.length > 0 && proposed.specificationId.length > 0;
    if (bothKnown && !equalBytes(existing.specificationId, proposed.specificationId)) {
      throw plainRefusal("the SpecificationId of records cannot be changed");
    }
  }
  const scopeId = scopeBytesOf(proposed.sessionId);
  const scope = findScope(branch, scopeId);
  if (scope === undefined) throw plainRefusal(`scope not found with id ${metadataText(scopeId)}`);
  const session = findSession(branch, proposed.sessionId);
  if (session === undefined) {
    throw plainRefusal(`session not found for session id ${metadataText(proposed.sessionId)}`);
  }
  const specificationId = recordBytes(session.specificationId, proposed.name);
  specificationId[0] = 0x05;
  if (proposed.specificationId.length > 0 && !equalBytes(proposed.specificationId, specificationId)) {
    throw plainRefusal(
      `proposed specification id ${metadataText(proposed.specificationId)} does not match expected specification id ${metadataText(specificationId)}`,
    );
  }
  const specification = findRecordSpecification(branch, specificationId);
  if (specification === undefined) {
    throw plainRefusal(
      `record specification not found for record specification id ${metadataText(specificationId)} (record name "${proposed.name}")`,
    );
  }
  checkRecordSigners(context, scope, session, oldSession, specification.responsibleParties, given);
  checkRecordShape(branch, proposed, specification);
  return { ...proposed, specificationId };
}

function checkRecordSigners(
  context: MessageContext,
  scope: metadata.Scope,
  session: metadata.Session,
  oldSession: metadata.Session | undefined,
  roles: readonly metadata.PartyType[],
  given: readonly string[],
): void {
  const old = oldSession?.parties ?? [];
  if (!scope.requirePartyRollup) {
    requireRolesPresent(session.parties, roles);
    requireSigners(context, addressesOf([...session.parties, ...old]), given);
    return;
  }
  const required = [...scope.owners, ...session.parties, ...old];
  requireSignersWithParties(context, required, session.parties, roles, given);
}

/** `MsgDeleteRecordRequest` */
export const deleteRecord = define({
  schema: metadata.MsgDeleteRecordRequestSchema,
  response: metadata.MsgDeleteRecordResponseSchema,
  signers,
  validate: (message) => {
    requireSignersGiven(message.signers);
    return message;
  },
  run: (context, message) => {
    asInvalidRequest(() => checkDeleteRecord(context, message.recordId, message.signers));
    removeRecord(context, message.recordId);
    emitCompleted(context, "DeleteRecord", message.signers);
    return {};
  },
});

function checkDeleteRecord(context: MessageContext, id: Uint8Array, given: readonly string[]): void {
  const record = metadataKind(id) === "record" ? findRecord(context.branch, id) : undefined;
  if (record === undefined) throw plainRefusal(`record does not exist to delete: ${metadataText(id)}`);
  const scope = findScope(context.branch, scopeBytesOf(id));
  if (scope === undefined) return;
  if (!scope.requirePartyRollup) {
    requireSigners(context, addressesOf(scope.owners), given);
    return;
  }
  const specification = findRecordSpecification(context.branch, record.specificationId);
  if (specification === undefined) requireSigners(context, requiredAddressesOf(scope.owners), given);
  else requireSignersWithParties(context, scope.owners, scope.owners, specification.responsibleParties, given);
}
