import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type AccountAddress,
  type ContractSpecificationAddress,
  type MetadataAddress,
  metadataAddressToBytes,
  type RecordAddress,
  type RecordSpecificationAddress,
  type Role,
  roles,
  type ScopeAddress,
  type ScopeSpecificationAddress,
  type SessionAddress,
} from "@p8e/core";
import { cosmos, metadata, packAny } from "@p8e/proto";
import { type Amount, toCoins } from "./fees.ts";
import { type LedgerMessage, ledgerMessage } from "./ledger-message.ts";

/**
 * Messages a transaction carries, from the values of our domain: addresses as text, roles by name. Addresses travel as
 * bytes, types as `/` and their full name (provenance: x/metadata/types/msgs.go).
 */

export interface LedgerParty {
  readonly address: AccountAddress;
  readonly role: Role;
  /** Only in scopes that require party rollup. */
  readonly optional?: boolean;
}

export interface WriteScopeInput {
  readonly scope: ScopeAddress;
  readonly specification: ScopeSpecificationAddress;
  readonly owners: readonly LedgerParty[];
  readonly dataAccess?: readonly AccountAddress[];
  /** Absent on an update: unchanged. */
  readonly valueOwner?: AccountAddress;
  readonly requirePartyRollup?: boolean;
  readonly signers: readonly AccountAddress[];
}

export function writeScope(input: WriteScopeInput): LedgerMessage {
  return ledgerMessage(metadata.MsgWriteScopeRequestSchema, {
    scope: {
      scopeId: bytes(input.scope),
      specificationId: bytes(input.specification),
      owners: input.owners.map(party),
      dataAccess: [...(input.dataAccess ?? [])],
      valueOwnerAddress: input.valueOwner ?? "",
      requirePartyRollup: input.requirePartyRollup ?? false,
    },
    signers: [...input.signers],
  });
}

/** Addresses already listed are refused by the chain: leave them out. */
export function addScopeDataAccess(input: {
  readonly scope: ScopeAddress;
  readonly dataAccess: readonly AccountAddress[];
  readonly signers: readonly AccountAddress[];
}): LedgerMessage {
  return ledgerMessage(metadata.MsgAddScopeDataAccessRequestSchema, {
    scopeId: bytes(input.scope),
    dataAccess: [...input.dataAccess],
    signers: [...input.signers],
  });
}

export interface WriteSessionInput {
  readonly session: SessionAddress;
  readonly contractSpecification: ContractSpecificationAddress;
  readonly parties: readonly LedgerParty[];
  /** The contract's class name, as indexers expect it. */
  readonly name: string;
  readonly context?: Uint8Array;
  readonly signers: readonly AccountAddress[];
}

export function writeSession(input: WriteSessionInput): LedgerMessage {
  return ledgerMessage(metadata.MsgWriteSessionRequestSchema, {
    session: {
      sessionId: bytes(input.session),
      specificationId: bytes(input.contractSpecification),
      parties: input.parties.map(party),
      name: input.name,
      context: input.context ?? new Uint8Array(),
    },
    signers: [...input.signers],
  });
}

export type RecordResult = "PASS" | "SKIP" | "FAIL";

export interface RecordInputValue {
  readonly name: string;
  readonly typeName: string;
  /** The hash of a proposed value, or the record on the ledger that is read. */
  readonly source: { readonly hash: string } | { readonly record: RecordAddress };
}

export interface WriteRecordInput {
  readonly session: SessionAddress;
  readonly name: string;
  readonly process: {
    readonly source: { readonly hash: string } | { readonly address: string };
    readonly name: string;
    readonly method: string;
  };
  readonly inputs: readonly RecordInputValue[];
  readonly outputs: readonly { readonly hash: string; readonly status: RecordResult }[];
  /** Absent: the chain takes the session's contract's. */
  readonly specification?: RecordSpecificationAddress;
  readonly signers: readonly AccountAddress[];
}

export function writeRecord(input: WriteRecordInput): LedgerMessage {
  const { process } = input;
  return ledgerMessage(metadata.MsgWriteRecordRequestSchema, {
    record: {
      name: input.name,
      sessionId: bytes(input.session),
      process: {
        processId:
          "hash" in process.source
            ? { case: "hash", value: process.source.hash }
            : { case: "address", value: process.source.address },
        name: process.name,
        method: process.method,
      },
      inputs: input.inputs.map(recordInput),
      outputs: input.outputs.map(({ hash, status }) => ({ hash, status: metadata.ResultStatus[status] })),
      specificationId: input.specification === undefined ? new Uint8Array() : bytes(input.specification),
    },
    signers: [...input.signers],
  });
}

function recordInput({ name, typeName, source }: RecordInputValue) {
  return "hash" in source
    ? {
        name,
        typeName,
        source: { case: "hash" as const, value: source.hash },
        status: metadata.RecordInputStatus.PROPOSED,
      }
    : {
        name,
        typeName,
        source: { case: "recordId" as const, value: bytes(source.record) },
        status: metadata.RecordInputStatus.RECORD,
      };
}

export interface SpecificationDescription {
  readonly name: string;
  readonly description?: string;
  readonly websiteUrl?: string;
  readonly iconUrl?: string;
}

export interface WriteScopeSpecificationInput {
  readonly specification: ScopeSpecificationAddress;
  readonly description?: SpecificationDescription;
  readonly owners: readonly AccountAddress[];
  readonly partiesInvolved: readonly Role[];
  /** Newly listed ones must exist already. */
  readonly contractSpecifications?: readonly ContractSpecificationAddress[];
  readonly signers: readonly AccountAddress[];
}

export function writeScopeSpecification(input: WriteScopeSpecificationInput): LedgerMessage {
  return ledgerMessage(metadata.MsgWriteScopeSpecificationRequestSchema, {
    specification: {
      specificationId: bytes(input.specification),
      ...description(input.description),
      ownerAddresses: [...input.owners],
      partiesInvolved: input.partiesInvolved.map((role) => roles[role]),
      contractSpecIds: (input.contractSpecifications ?? []).map(bytes),
    },
    signers: [...input.signers],
  });
}

export interface WriteContractSpecificationInput {
  readonly specification: ContractSpecificationAddress;
  readonly description?: SpecificationDescription;
  readonly owners: readonly AccountAddress[];
  readonly partiesInvolved: readonly Role[];
  readonly source: { readonly hash: string } | { readonly resource: MetadataAddress };
  readonly className: string;
  readonly signers: readonly AccountAddress[];
}

export function writeContractSpecification(input: WriteContractSpecificationInput): LedgerMessage {
  return ledgerMessage(metadata.MsgWriteContractSpecificationRequestSchema, {
    specification: {
      specificationId: bytes(input.specification),
      ...description(input.description),
      ownerAddresses: [...input.owners],
      partiesInvolved: input.partiesInvolved.map((role) => roles[role]),
      source:
        "hash" in input.source
          ? { case: "hash", value: input.source.hash }
          : { case: "resourceId", value: bytes(input.source.resource) },
      className: input.className,
    },
    signers: [...input.signers],
  });
}

export interface WriteRecordSpecificationInput {
  readonly specification: RecordSpecificationAddress;
  readonly name: string;
  readonly inputs: readonly RecordInputValue[];
  readonly typeName: string;
  readonly resultType: "PROPOSED" | "RECORD" | "RECORD_LIST";
  readonly responsibleParties: readonly Role[];
  readonly signers: readonly AccountAddress[];
}

export function writeRecordSpecification(input: WriteRecordSpecificationInput): LedgerMessage {
  return ledgerMessage(metadata.MsgWriteRecordSpecificationRequestSchema, {
    specification: {
      specificationId: bytes(input.specification),
      name: input.name,
      inputs: input.inputs.map(({ name, typeName, source }) => ({
        name,
        typeName,
        source:
          "hash" in source
            ? { case: "hash" as const, value: source.hash }
            : { case: "recordId" as const, value: bytes(source.record) },
      })),
      typeName: input.typeName,
      resultType: metadata.DefinitionType[input.resultType],
      responsibleParties: input.responsibleParties.map((role) => roles[role]),
    },
    signers: [...input.signers],
  });
}

export function addContractSpecificationToScopeSpecification(input: {
  readonly contractSpecification: ContractSpecificationAddress;
  readonly scopeSpecification: ScopeSpecificationAddress;
  readonly signers: readonly AccountAddress[];
}): LedgerMessage {
  return ledgerMessage(metadata.MsgAddContractSpecToScopeSpecRequestSchema, {
    contractSpecificationId: bytes(input.contractSpecification),
    scopeSpecificationId: bytes(input.scopeSpecification),
    signers: [...input.signers],
  });
}

export function sendCoins(input: {
  readonly from: AccountAddress;
  readonly to: AccountAddress;
  readonly amounts: readonly Amount[];
}): LedgerMessage {
  return ledgerMessage(cosmos.bank.MsgSendSchema, {
    fromAddress: input.from,
    toAddress: input.to,
    amount: toCoins(input.amounts),
  });
}

/** Lets `grantee` act for `granter` with one message type; a new grant replaces the one there is. */
export function grantAuthorization(input: {
  readonly granter: AccountAddress;
  readonly grantee: AccountAddress;
  /** `/provenance.metadata.v1.MsgWriteSessionRequest` and so on. */
  readonly messageTypeUrl: string;
  /** How often it may be used; absent: any number of times. Only Provenance's chains know counted grants. */
  readonly uses?: number;
  /** Milliseconds since 1970. */
  readonly expiresAtMs: number;
}): LedgerMessage {
  const authorization =
    input.uses === undefined
      ? packAny(
          cosmos.authz.GenericAuthorizationSchema,
          create(cosmos.authz.GenericAuthorizationSchema, { msg: input.messageTypeUrl }),
        )
      : packAny(
          cosmos.authz.CountAuthorizationSchema,
          create(cosmos.authz.CountAuthorizationSchema, {
            msg: input.messageTypeUrl,
            allowedAuthorizations: input.uses,
          }),
        );
  return ledgerMessage(cosmos.authz.MsgGrantSchema, {
    granter: input.granter,
    grantee: input.grantee,
    grant: { authorization, expiration: timestampFromMs(input.expiresAtMs) },
  });
}

export function revokeAuthorization(input: {
  readonly granter: AccountAddress;
  readonly grantee: AccountAddress;
  readonly messageTypeUrl: string;
}): LedgerMessage {
  return ledgerMessage(cosmos.authz.MsgRevokeSchema, {
    granter: input.granter,
    grantee: input.grantee,
    msgTypeUrl: input.messageTypeUrl,
  });
}

function bytes(address: MetadataAddress): Uint8Array<ArrayBuffer> {
  return new Uint8Array(metadataAddressToBytes(address));
}

function party({ address, role, optional }: LedgerParty) {
  return { address, role: roles[role], optional: optional ?? false };
}

function description(given: SpecificationDescription | undefined) {
  if (given === undefined) return {};
  const { name, description: text, websiteUrl, iconUrl } = given;
  return { description: { name, description: text ?? "", websiteUrl: websiteUrl ?? "", iconUrl: iconUrl ?? "" } };
}
