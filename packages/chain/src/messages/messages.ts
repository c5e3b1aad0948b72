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
import * as metadata from "@p8e/proto/metadata";
import { type LedgerMessage, ledgerMessage } from "./ledger-message.ts";

/**
 * Messages a transaction carries, from the values of our domain: addresses as text, roles by name. Addresses travel as
 * bytes, types as `/` and their full name (provenance: x/metadata/types/msgs.go).
 */

/** An account in its role: an owner of a scope, a party of a session. */
export interface LedgerParty {
  readonly address: AccountAddress;
  readonly role: Role;
  /** Only in scopes that require party rollup. */
  readonly optional?: boolean;
}

/** A scope as it is to be. */
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

/** Writes a scope, new or in the place of the one that is there. */
export function writeScope(input: WriteScopeInput): LedgerMessage {
  return ledgerMessage(metadata.MsgWriteScopeRequestSchema, {
    scope: {
      scopeId: addressBytes(input.scope),
      specificationId: addressBytes(input.specification),
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
    scopeId: addressBytes(input.scope),
    dataAccess: [...input.dataAccess],
    signers: [...input.signers],
  });
}

/** Takes data access away. Addresses that are not listed are refused by the chain: leave them out. */
export function deleteScopeDataAccess(input: {
  readonly scope: ScopeAddress;
  readonly dataAccess: readonly AccountAddress[];
  readonly signers: readonly AccountAddress[];
}): LedgerMessage {
  return ledgerMessage(metadata.MsgDeleteScopeDataAccessRequestSchema, {
    scopeId: addressBytes(input.scope),
    dataAccess: [...input.dataAccess],
    signers: [...input.signers],
  });
}

/**
 * Moves the value of scopes to another owner; their owners and roles stay as they are. Signed by who holds the value now.
 * A scope whose value nobody holds, or the new owner holds already, is refused by the chain: leave it out.
 */
export function updateValueOwners(input: {
  readonly scopes: readonly ScopeAddress[];
  readonly valueOwner: AccountAddress;
  readonly signers: readonly AccountAddress[];
}): LedgerMessage {
  return ledgerMessage(metadata.MsgUpdateValueOwnersRequestSchema, {
    scopeIds: input.scopes.map(addressBytes),
    valueOwnerAddress: input.valueOwner,
    signers: [...input.signers],
  });
}

/** A session as it is to be. */
export interface WriteSessionInput {
  readonly session: SessionAddress;
  readonly contractSpecification: ContractSpecificationAddress;
  readonly parties: readonly LedgerParty[];
  /** The contract's class name, as indexers expect it. */
  readonly name: string;
  readonly context?: Uint8Array;
  readonly signers: readonly AccountAddress[];
}

/** Writes a session of a scope, new or in the place of the one that is there. */
export function writeSession(input: WriteSessionInput): LedgerMessage {
  return ledgerMessage(metadata.MsgWriteSessionRequestSchema, {
    session: {
      sessionId: addressBytes(input.session),
      specificationId: addressBytes(input.contractSpecification),
      parties: input.parties.map(party),
      name: input.name,
      context: input.context ?? new Uint8Array(),
    },
    signers: [...input.signers],
  });
}

/** What came of the function that made an output. */
export type RecordResult = "PASS" | "SKIP" | "FAIL";

/** What went into a record: its name, its Java class name, and where it came from. */
export interface RecordInputValue {
  readonly name: string;
  readonly typeName: string;
  /** The hash of a proposed value, or the record on the ledger that is read. */
  readonly source: { readonly hash: string } | { readonly record: RecordAddress };
}

/** A record as it is to be: what made it, of what, and the hashes of what came out. */
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

/** Writes a record into its session's scope, in the place of one of the same name. */
export function writeRecord(input: WriteRecordInput): LedgerMessage {
  const { process } = input;
  return ledgerMessage(metadata.MsgWriteRecordRequestSchema, {
    record: {
      name: input.name,
      sessionId: addressBytes(input.session),
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
      specificationId: input.specification === undefined ? new Uint8Array() : addressBytes(input.specification),
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
        source: { case: "recordId" as const, value: addressBytes(source.record) },
        status: metadata.RecordInputStatus.RECORD,
      };
}

/** As messages carry them. */
export function addressBytes(address: MetadataAddress): Uint8Array<ArrayBuffer> {
  return new Uint8Array(metadataAddressToBytes(address));
}

function party({ address, role, optional }: LedgerParty) {
  return { address, role: roles[role], optional: optional ?? false };
}
