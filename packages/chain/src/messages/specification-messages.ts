import {
  type AccountAddress,
  type ContractSpecificationAddress,
  type MetadataAddress,
  type RecordSpecificationAddress,
  type Role,
  roles,
  type ScopeSpecificationAddress,
} from "@p8e/core";
import * as metadata from "@p8e/proto/metadata";
import { type LedgerMessage, ledgerMessage } from "./ledger-message.ts";
import { addressBytes, type RecordInputValue } from "./messages.ts";

/** Messages that publish specifications; each is owned by accounts that must sign every later change. */

/** What people read of a specification. */
export interface SpecificationDescription {
  readonly name: string;
  readonly description?: string;
  readonly websiteUrl?: string;
  readonly iconUrl?: string;
}

/** A specification of scopes: who takes part, and which contracts may write to them. */
export interface WriteScopeSpecificationInput {
  readonly specification: ScopeSpecificationAddress;
  readonly description?: SpecificationDescription;
  readonly owners: readonly AccountAddress[];
  readonly partiesInvolved: readonly Role[];
  /** Newly listed ones must exist already. */
  readonly contractSpecifications?: readonly ContractSpecificationAddress[];
  readonly signers: readonly AccountAddress[];
}

/** Writes a specification of scopes, new or in the place of the one that is there. */
export function writeScopeSpecification(input: WriteScopeSpecificationInput): LedgerMessage {
  return ledgerMessage(metadata.MsgWriteScopeSpecificationRequestSchema, {
    specification: {
      specificationId: addressBytes(input.specification),
      ...description(input.description),
      ownerAddresses: [...input.owners],
      partiesInvolved: input.partiesInvolved.map((role) => roles[role]),
      contractSpecIds: (input.contractSpecifications ?? []).map(addressBytes),
    },
    signers: [...input.signers],
  });
}

/** A specification of a contract; `source` is its object's hash, or something on the ledger. */
export interface WriteContractSpecificationInput {
  readonly specification: ContractSpecificationAddress;
  readonly description?: SpecificationDescription;
  readonly owners: readonly AccountAddress[];
  readonly partiesInvolved: readonly Role[];
  readonly source: { readonly hash: string } | { readonly resource: MetadataAddress };
  readonly className: string;
  readonly signers: readonly AccountAddress[];
}

/** Writes a specification of a contract, new or in the place of the one that is there. */
export function writeContractSpecification(input: WriteContractSpecificationInput): LedgerMessage {
  return ledgerMessage(metadata.MsgWriteContractSpecificationRequestSchema, {
    specification: {
      specificationId: addressBytes(input.specification),
      ...description(input.description),
      ownerAddresses: [...input.owners],
      partiesInvolved: input.partiesInvolved.map((role) => roles[role]),
      source:
        "hash" in input.source
          ? { case: "hash", value: input.source.hash }
          : { case: "resourceId", value: addressBytes(input.source.resource) },
      className: input.className,
    },
    signers: [...input.signers],
  });
}

/** A specification of a record that a contract writes: its inputs, its type, and who is responsible for it. */
export interface WriteRecordSpecificationInput {
  readonly specification: RecordSpecificationAddress;
  readonly name: string;
  readonly inputs: readonly RecordInputValue[];
  readonly typeName: string;
  readonly resultType: "PROPOSED" | "RECORD" | "RECORD_LIST";
  readonly responsibleParties: readonly Role[];
  readonly signers: readonly AccountAddress[];
}

/** Writes a specification of a record; the contract's must be on the ledger. */
export function writeRecordSpecification(input: WriteRecordSpecificationInput): LedgerMessage {
  return ledgerMessage(metadata.MsgWriteRecordSpecificationRequestSchema, {
    specification: {
      specificationId: addressBytes(input.specification),
      name: input.name,
      inputs: input.inputs.map(({ name, typeName, source }) => ({
        name,
        typeName,
        source:
          "hash" in source
            ? { case: "hash" as const, value: source.hash }
            : { case: "recordId" as const, value: addressBytes(source.record) },
      })),
      typeName: input.typeName,
      resultType: metadata.DefinitionType[input.resultType],
      responsibleParties: input.responsibleParties.map((role) => roles[role]),
    },
    signers: [...input.signers],
  });
}

/** Lets a contract write to the scopes of a specification; the chain refuses what is listed already. */
export function addContractSpecificationToScopeSpecification(input: {
  readonly contractSpecification: ContractSpecificationAddress;
  readonly scopeSpecification: ScopeSpecificationAddress;
  readonly signers: readonly AccountAddress[];
}): LedgerMessage {
  return ledgerMessage(metadata.MsgAddContractSpecToScopeSpecRequestSchema, {
    contractSpecificationId: addressBytes(input.contractSpecification),
    scopeSpecificationId: addressBytes(input.scopeSpecification),
    signers: [...input.signers],
  });
}

function description(given: SpecificationDescription | undefined) {
  if (given === undefined) return {};
  const { name, description: text, websiteUrl, iconUrl } = given;
  return { description: { name, description: text ?? "", websiteUrl: websiteUrl ?? "", iconUrl: iconUrl ?? "" } };
}
