import { create } from "@bufbuild/protobuf";
import { goNameHash, hexEncode, uuidFromBytes } from "@p8e/core";
import * as metadata from "@p8e/proto/metadata";
import {
  contractSpecificationBytesOf,
  metadataBytes,
  metadataKind,
  metadataText,
  withType,
} from "../domain/addresses.ts";
import { contractSpecIdInfo, recordSpecIdInfo, scopeSpecIdInfo } from "../domain/id-info.ts";
import { type LedgerState, prefixUnderContract } from "../domain/ledger-state.ts";
import type { Reading } from "../node/ledger.ts";
import { echo, invalid, parseId, uuidBytes } from "./metadata-ids.ts";
import { paginate } from "./pagination.ts";
import { QueryRefusal } from "./query-refusal.ts";

type Info = { readonly excludeIdInfo: boolean };

function wrapScopeSpecification(specification: metadata.ScopeSpecification, { excludeIdInfo }: Info) {
  const id = specification.specificationId;
  return create(metadata.ScopeSpecificationWrapperSchema, {
    specification,
    ...(excludeIdInfo ? {} : { scopeSpecIdInfo: scopeSpecIdInfo(id) }),
  });
}

function wrapContract(specification: metadata.ContractSpecification, { excludeIdInfo }: Info) {
  const id = specification.specificationId;
  return create(metadata.ContractSpecificationWrapperSchema, {
    specification,
    ...(excludeIdInfo ? {} : { contractSpecIdInfo: contractSpecIdInfo(id) }),
  });
}

function wrapContractId(state: LedgerState, id: Uint8Array, info: Info) {
  const found = state.contractSpecifications.get(hexEncode(id));
  if (found !== undefined) return wrapContract(found, info);
  return create(metadata.ContractSpecificationWrapperSchema, { contractSpecIdInfo: contractSpecIdInfo(id) });
}

function wrapRecordSpecification(specification: metadata.RecordSpecification, { excludeIdInfo }: Info) {
  const id = specification.specificationId;
  return create(metadata.RecordSpecificationWrapperSchema, {
    specification,
    ...(excludeIdInfo ? {} : { recordSpecIdInfo: recordSpecIdInfo(id) }),
  });
}

function recordSpecificationsOf(state: LedgerState, contract: Uint8Array, info: Info) {
  const prefix = prefixUnderContract(hexEncode(contract));
  return [...state.recordSpecifications.entries(prefix)].map(([, found]) => wrapRecordSpecification(found, info));
}

function requireId(text: string, what = "specification id"): string {
  if (text === "") throw invalid(`${what} cannot be empty`);
  return text;
}

/** A contract specification's uuid or address, or the address of one of its record specifications. */
function parseContractId(text: string): Uint8Array {
  const address = metadataBytes(text, "record-specification");
  if (address !== undefined) return contractSpecificationBytesOf(address);
  return parseId(text, "contract-specification", 0x03, "contract specification");
}

/** `ScopeSpecification` */
export function scopeSpecification(
  { state }: Reading,
  request: metadata.ScopeSpecificationRequest,
): metadata.ScopeSpecificationResponse {
  const text = requireId(request.specificationId);
  const id = parseId(text, "scope-specification", 0x04, "scope specification");
  const found = state.scopeSpecifications.get(hexEncode(id));
  if (found === undefined) {
    const scopeSpecification = create(metadata.ScopeSpecificationWrapperSchema, {
      scopeSpecIdInfo: scopeSpecIdInfo(id),
    });
    return create(metadata.ScopeSpecificationResponseSchema, { scopeSpecification, ...echo(request) });
  }
  const contracts = found.contractSpecIds;
  return create(metadata.ScopeSpecificationResponseSchema, {
    scopeSpecification: wrapScopeSpecification(found, request),
    contractSpecs: request.includeContractSpecs ? contracts.map((id) => wrapContractId(state, id, request)) : [],
    recordSpecs: request.includeRecordSpecs
      ? contracts.flatMap((id) => recordSpecificationsOf(state, id, request))
      : [],
    ...echo(request),
  });
}

/** `ContractSpecification` */
export function contractSpecification(
  { state }: Reading,
  request: metadata.ContractSpecificationRequest,
): metadata.ContractSpecificationResponse {
  const id = parseContractId(requireId(request.specificationId));
  return create(metadata.ContractSpecificationResponseSchema, {
    contractSpecification: wrapContractId(state, id, request),
    recordSpecifications: request.includeRecordSpecs ? recordSpecificationsOf(state, id, request) : [],
    ...echo(request),
  });
}

/** `RecordSpecificationsForContractSpecification` */
export function recordSpecificationsForContract(
  { state }: Reading,
  request: metadata.RecordSpecificationsForContractSpecificationRequest,
): metadata.RecordSpecificationsForContractSpecificationResponse {
  const id = parseContractId(requireId(request.specificationId, "contract specification id"));
  return create(metadata.RecordSpecificationsForContractSpecificationResponseSchema, {
    recordSpecifications: recordSpecificationsOf(state, id, request),
    contractSpecificationUuid: uuidFromBytes(id.slice(1)),
    contractSpecificationAddr: metadataText(id),
    ...echo(request),
  });
}

/** `RecordSpecification` */
export function recordSpecification(
  { state }: Reading,
  request: metadata.RecordSpecificationRequest,
): metadata.RecordSpecificationResponse {
  const id = parseRecordSpecificationId(requireId(request.specificationId), request.name);
  const found = state.recordSpecifications.get(hexEncode(id));
  const recordSpecification =
    found === undefined
      ? create(metadata.RecordSpecificationWrapperSchema, { recordSpecIdInfo: recordSpecIdInfo(id) })
      : wrapRecordSpecification(found, request);
  return create(metadata.RecordSpecificationResponseSchema, { recordSpecification, ...echo(request) });
}

function parseRecordSpecificationId(text: string, name: string): Uint8Array {
  const address = metadataBytes(text);
  if (address !== undefined && metadataKind(address) === "record-specification") return address;
  const uuid =
    address !== undefined && metadataKind(address) === "contract-specification" ? address.subarray(1) : uuidBytes(text);
  if (uuid === undefined) {
    throw invalid(`invalid input: could not parse [${text.slice(0, 120)}] into a record specification address`);
  }
  if (name === "") throw invalid("invalid input: a name is required when providing a contract spec id");
  if (name.trim() === "") throw new QueryRefusal("INTERNAL", "missing name value for record spec metadata address");
  return withType(0x05, uuid, goNameHash(name));
}

/** `ScopeSpecificationsAll` */
export function scopeSpecificationsAll(
  { state }: Reading,
  request: metadata.ScopeSpecificationsAllRequest,
): metadata.ScopeSpecificationsAllResponse {
  const { items, pagination } = paginate(state.scopeSpecifications, request.pagination, {
    paging: "metadata",
    bothGiven: "sdk/18",
  });
  const scopeSpecifications = items.map(([, found]) => wrapScopeSpecification(found, request));
  return create(metadata.ScopeSpecificationsAllResponseSchema, { scopeSpecifications, pagination, ...echo(request) });
}

/** `ContractSpecificationsAll` */
export function contractSpecificationsAll(
  { state }: Reading,
  request: metadata.ContractSpecificationsAllRequest,
): metadata.ContractSpecificationsAllResponse {
  const { items, pagination } = paginate(state.contractSpecifications, request.pagination, {
    paging: "metadata",
    bothGiven: "sdk/18",
  });
  const contractSpecifications = items.map(([, found]) => wrapContract(found, request));
  return create(metadata.ContractSpecificationsAllResponseSchema, {
    contractSpecifications,
    pagination,
    ...echo(request),
  });
}

/** `RecordSpecificationsAll` */
export function recordSpecificationsAll(
  { state }: Reading,
  request: metadata.RecordSpecificationsAllRequest,
): metadata.RecordSpecificationsAllResponse {
  const { items, pagination } = paginate(state.recordSpecifications, request.pagination, {
    paging: "metadata",
    bothGiven: "sdk/18",
  });
  const recordSpecifications = items.map(([, found]) => wrapRecordSpecification(found, request));
  return create(metadata.RecordSpecificationsAllResponseSchema, { recordSpecifications, pagination, ...echo(request) });
}
