import { equalBytes, hexEncode } from "@p8e/core";
import * as metadata from "@p8e/proto/metadata";
import { contractSpecificationBytesOf, metadataKind, metadataText } from "../addresses.ts";
import { contractSpecIdInfo, recordSpecIdInfo, scopeSpecIdInfo } from "../id-info.ts";
import { prefixUnderContract } from "../ledger-state.ts";
import type { MessageContext } from "../message-context.ts";
import {
  emitCompleted,
  findContractSpecification,
  findRecordSpecification,
  findScopeSpecification,
  putContractSpecification,
  putRecordSpecification,
  putScopeSpecification,
  removeContractSpecification,
  removeRecordSpecification,
  removeScopeSpecification,
} from "../metadata-store.ts";
import {
  idFromUuid,
  idFromUuidAndName,
  mergeId,
  requireKind,
  requireSignersGiven,
  validateContractSpecification,
  validateRecordSpecification,
  validateScopeSpecification,
} from "../metadata-validation.ts";
import { requireSigners } from "../parties.ts";
import { asInvalidRequest, plainRefusal, sdkRefusal } from "../refusal.ts";
import { define } from "./definition.ts";

type Signed = { readonly signers: readonly string[] };
const signers = (message: Signed): readonly string[] => message.signers;

function requireSpecification<S>(specification: S | undefined): S {
  if (specification === undefined) throw plainRefusal("a specification is required");
  return specification;
}

function requireOwners(context: MessageContext, owners: readonly string[], message: Signed): void {
  asInvalidRequest(() => requireSigners(context, owners, message.signers));
}

function foundContract(context: MessageContext, id: Uint8Array): metadata.ContractSpecification {
  const found =
    metadataKind(id) === "contract-specification" ? findContractSpecification(context.branch, id) : undefined;
  if (found === undefined) throw sdkRefusal("notFound", `contract specification not found with id ${metadataText(id)}`);
  return found;
}

function foundScopeSpecification(context: MessageContext, id: Uint8Array): metadata.ScopeSpecification {
  const found = metadataKind(id) === "scope-specification" ? findScopeSpecification(context.branch, id) : undefined;
  if (found === undefined) throw sdkRefusal("notFound", `scope specification not found with id ${metadataText(id)}`);
  return found;
}

/** `MsgWriteScopeSpecificationRequest` */
export const writeScopeSpecification = define({
  schema: metadata.MsgWriteScopeSpecificationRequestSchema,
  response: metadata.MsgWriteScopeSpecificationResponseSchema,
  signers,
  validate: (message, prefix) => {
    requireSignersGiven(message.signers);
    const given = requireSpecification(message.specification);
    const specificationId = mergeId(
      given.specificationId,
      idFromUuid(0x04, message.specUuid, "spec"),
      "specification id",
    );
    const specification = { ...given, specificationId };
    validateScopeSpecification(specification, prefix);
    return { ...message, specification, specUuid: "" };
  },
  run: (context, message) => {
    const proposed = requireSpecification(message.specification);
    const existing = findScopeSpecification(context.branch, proposed.specificationId);
    if (existing !== undefined) requireOwners(context, existing.ownerAddresses, message);
    for (const id of proposed.contractSpecIds) {
      const isNew = !existing?.contractSpecIds.some((known) => equalBytes(known, id));
      if (isNew && findContractSpecification(context.branch, id) === undefined) {
        throw sdkRefusal("invalidRequest", `contract specification ${metadataText(id)} not found`);
      }
    }
    putScopeSpecification(context, proposed);
    emitCompleted(context, "WriteScopeSpecification", message.signers);
    return { scopeSpecIdInfo: scopeSpecIdInfo(proposed.specificationId) };
  },
});

/** `MsgDeleteScopeSpecificationRequest` */
export const deleteScopeSpecification = define({
  schema: metadata.MsgDeleteScopeSpecificationRequestSchema,
  response: metadata.MsgDeleteScopeSpecificationResponseSchema,
  signers,
  validate: validSigners,
  run: (context, message) => {
    const existing = foundScopeSpecification(context, message.specificationId);
    requireOwners(context, existing.ownerAddresses, message);
    if (!removeScopeSpecification(context, existing)) {
      const id = metadataText(message.specificationId);
      throw sdkRefusal("invalidRequest", `cannot delete scope specification with id ${id}: still in use`);
    }
    emitCompleted(context, "DeleteScopeSpecification", message.signers);
    return {};
  },
});

function validSigners<M extends Signed>(message: M): M {
  requireSignersGiven(message.signers);
  return message;
}

/** `MsgWriteContractSpecificationRequest` */
export const writeContractSpecification = define({
  schema: metadata.MsgWriteContractSpecificationRequestSchema,
  response: metadata.MsgWriteContractSpecificationResponseSchema,
  signers,
  validate: (message, prefix) => {
    requireSignersGiven(message.signers);
    const given = requireSpecification(message.specification);
    const specificationId = mergeId(
      given.specificationId,
      idFromUuid(0x03, message.specUuid, "spec"),
      "specification id",
    );
    const specification = { ...given, specificationId };
    validateContractSpecification(specification, prefix);
    return { ...message, specification, specUuid: "" };
  },
  run: (context, message) => {
    const proposed = requireSpecification(message.specification);
    const existing = findContractSpecification(context.branch, proposed.specificationId);
    if (existing !== undefined) requireOwners(context, existing.ownerAddresses, message);
    putContractSpecification(context, proposed);
    emitCompleted(context, "WriteContractSpecification", message.signers);
    return { contractSpecIdInfo: contractSpecIdInfo(proposed.specificationId) };
  },
});

/** `MsgDeleteContractSpecificationRequest` */
export const deleteContractSpecification = define({
  schema: metadata.MsgDeleteContractSpecificationRequestSchema,
  response: metadata.MsgDeleteContractSpecificationResponseSchema,
  signers,
  validate: validSigners,
  run: (context, message) => {
    const { branch } = context;
    const existing = foundContract(context, message.specificationId);
    requireOwners(context, existing.ownerAddresses, message);
    const key = hexEncode(existing.specificationId);
    if (branch.state.scopeSpecificationsByContract.count(`${key}/`) > 0) {
      const id = metadataText(existing.specificationId);
      throw sdkRefusal("invalidRequest", `cannot delete contract specification with id ${id}: still in use`);
    }
    for (const [record] of [...branch.entries("recordSpecifications", prefixUnderContract(key))]) {
      removeRecordSpecification(context, record);
    }
    removeContractSpecification(context, key);
    emitCompleted(context, "DeleteContractSpecification", message.signers);
    return {};
  },
});

/** `MsgWriteRecordSpecificationRequest` */
export const writeRecordSpecification = define({
  schema: metadata.MsgWriteRecordSpecificationRequestSchema,
  response: metadata.MsgWriteRecordSpecificationResponseSchema,
  signers,
  validate: (message) => {
    requireSignersGiven(message.signers);
    const given = requireSpecification(message.specification);
    const built = idFromUuidAndName(0x05, message.contractSpecUuid, given.name, "specification");
    const specification = {
      ...given,
      specificationId: mergeId(given.specificationId, built, "specification id"),
    };
    validateRecordSpecification(specification);
    return { ...message, specification, contractSpecUuid: "" };
  },
  run: (context, message) => {
    const proposed = requireSpecification(message.specification);
    const contract = foundContract(context, contractSpecificationBytesOf(proposed.specificationId));
    requireOwners(context, contract.ownerAddresses, message);
    const existing = findRecordSpecification(context.branch, proposed.specificationId);
    if (existing !== undefined && existing.name !== proposed.name) {
      throw sdkRefusal(
        "invalidRequest",
        `cannot update record spec name: expected "${existing.name}", got "${proposed.name}"`,
      );
    }
    putRecordSpecification(context, proposed);
    emitCompleted(context, "WriteRecordSpecification", message.signers);
    return { recordSpecIdInfo: recordSpecIdInfo(proposed.specificationId) };
  },
});

/** `MsgDeleteRecordSpecificationRequest` */
export const deleteRecordSpecification = define({
  schema: metadata.MsgDeleteRecordSpecificationRequestSchema,
  response: metadata.MsgDeleteRecordSpecificationResponseSchema,
  signers,
  validate: validSigners,
  run: (context, message) => {
    const id = message.specificationId;
    const key = hexEncode(id);
    if (metadataKind(id) !== "record-specification" || !context.branch.has("recordSpecifications", key)) {
      throw sdkRefusal("notFound", `record specification not found with id ${metadataText(id)}`);
    }
    const contract = foundContract(context, contractSpecificationBytesOf(id));
    requireOwners(context, contract.ownerAddresses, message);
    removeRecordSpecification(context, key);
    emitCompleted(context, "DeleteRecordSpecification", message.signers);
    return {};
  },
});

function validateBothIds<
  M extends Signed & { readonly contractSpecificationId: Uint8Array; readonly scopeSpecificationId: Uint8Array },
>(message: M): M {
  requireKind(message.contractSpecificationId, "contract-specification", "contract specification id");
  requireKind(message.scopeSpecificationId, "scope-specification", "scope specification id");
  requireSignersGiven(message.signers);
  return message;
}

/** `MsgAddContractSpecToScopeSpecRequest` */
export const addContractSpecToScopeSpec = define({
  schema: metadata.MsgAddContractSpecToScopeSpecRequestSchema,
  response: metadata.MsgAddContractSpecToScopeSpecResponseSchema,
  signers,
  validate: validateBothIds,
  run: (context, message) => {
    foundContract(context, message.contractSpecificationId);
    const scopeSpecification = foundScopeSpecification(context, message.scopeSpecificationId);
    requireOwners(context, scopeSpecification.ownerAddresses, message);
    if (scopeSpecification.contractSpecIds.some((id) => equalBytes(id, message.contractSpecificationId))) {
      throw sdkRefusal(
        "invalidRequest",
        `scope spec ${metadataText(message.scopeSpecificationId)} already contains contract spec ${metadataText(message.contractSpecificationId)}`,
      );
    }
    const contractSpecIds = [...scopeSpecification.contractSpecIds, message.contractSpecificationId];
    putScopeSpecification(context, { ...scopeSpecification, contractSpecIds });
    emitCompleted(context, "AddContractSpecToScopeSpec", message.signers);
    return {};
  },
});

/** `MsgDeleteContractSpecFromScopeSpecRequest` */
export const deleteContractSpecFromScopeSpec = define({
  schema: metadata.MsgDeleteContractSpecFromScopeSpecRequestSchema,
  response: metadata.MsgDeleteContractSpecFromScopeSpecResponseSchema,
  signers,
  validate: validateBothIds,
  run: (context, message) => {
    const scopeSpecification = foundScopeSpecification(context, message.scopeSpecificationId);
    requireOwners(context, scopeSpecification.ownerAddresses, message);
    const { contractSpecIds } = scopeSpecification;
    const left = contractSpecIds.filter((id) => !equalBytes(id, message.contractSpecificationId));
    if (left.length === contractSpecIds.length) {
      throw sdkRefusal(
        "notFound",
        `contract specification ${metadataText(message.contractSpecificationId)} not found in scope specification ${metadataText(message.scopeSpecificationId)}`,
      );
    }
    putScopeSpecification(context, { ...scopeSpecification, contractSpecIds: left });
    emitCompleted(context, "DeleteContractSpecFromScopeSpec", message.signers);
    return {};
  },
});
