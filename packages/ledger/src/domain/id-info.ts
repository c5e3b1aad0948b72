import { create } from "@bufbuild/protobuf";
import { type Uuid, uuidFromBytes } from "@p8e/core";
import * as metadata from "@p8e/proto/metadata";
import { contractSpecificationBytesOf, metadataText, scopeBytesOf } from "./addresses.ts";

/** The parts of metadata addresses as responses repeat them (ledger specification 2.4). */
function parts(id: Uint8Array): { prefix: Uint8Array; primary: Uint8Array; secondary: Uint8Array; uuid: Uuid } {
  const primary = id.slice(1, 17);
  return { prefix: id.slice(0, 1), primary, secondary: id.slice(17), uuid: uuidFromBytes(primary) };
}

/** A scope's id taken apart. */
export function scopeIdInfo(id: Uint8Array): metadata.ScopeIdInfo {
  const { prefix, primary, uuid } = parts(id);
  return create(metadata.ScopeIdInfoSchema, {
    scopeId: id,
    scopeIdPrefix: prefix,
    scopeIdScopeUuid: primary,
    scopeAddr: metadataText(id),
    scopeUuid: uuid,
  });
}

/** A session's id taken apart. */
export function sessionIdInfo(id: Uint8Array): metadata.SessionIdInfo {
  const { prefix, primary, secondary } = parts(id);
  return create(metadata.SessionIdInfoSchema, {
    sessionId: id,
    sessionIdPrefix: prefix,
    sessionIdScopeUuid: primary,
    sessionIdSessionUuid: secondary,
    sessionAddr: metadataText(id),
    sessionUuid: uuidFromBytes(secondary),
    scopeIdInfo: scopeIdInfo(scopeBytesOf(id)),
  });
}

/** A record's id taken apart. */
export function recordIdInfo(id: Uint8Array): metadata.RecordIdInfo {
  const { prefix, primary, secondary } = parts(id);
  return create(metadata.RecordIdInfoSchema, {
    recordId: id,
    recordIdPrefix: prefix,
    recordIdScopeUuid: primary,
    recordIdHashedName: secondary,
    recordAddr: metadataText(id),
    scopeIdInfo: scopeIdInfo(scopeBytesOf(id)),
  });
}

/** A scope specification's id taken apart. */
export function scopeSpecIdInfo(id: Uint8Array): metadata.ScopeSpecIdInfo {
  const { prefix, primary, uuid } = parts(id);
  return create(metadata.ScopeSpecIdInfoSchema, {
    scopeSpecId: id,
    scopeSpecIdPrefix: prefix,
    scopeSpecIdScopeSpecUuid: primary,
    scopeSpecAddr: metadataText(id),
    scopeSpecUuid: uuid,
  });
}

/** A contract specification's id taken apart. */
export function contractSpecIdInfo(id: Uint8Array): metadata.ContractSpecIdInfo {
  const { prefix, primary, uuid } = parts(id);
  return create(metadata.ContractSpecIdInfoSchema, {
    contractSpecId: id,
    contractSpecIdPrefix: prefix,
    contractSpecIdContractSpecUuid: primary,
    contractSpecAddr: metadataText(id),
    contractSpecUuid: uuid,
  });
}

/** A record specification's id taken apart. */
export function recordSpecIdInfo(id: Uint8Array): metadata.RecordSpecIdInfo {
  const { prefix, primary, secondary } = parts(id);
  return create(metadata.RecordSpecIdInfoSchema, {
    recordSpecId: id,
    recordSpecIdPrefix: prefix,
    recordSpecIdContractSpecUuid: primary,
    recordSpecIdHashedName: secondary,
    recordSpecAddr: metadataText(id),
    contractSpecIdInfo: contractSpecIdInfo(contractSpecificationBytesOf(id)),
  });
}
