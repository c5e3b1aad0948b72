import type { DescMessage, MessageInitShape } from "@bufbuild/protobuf";
import { type Any, timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  contractSpecificationAddress,
  metadataAddressToBytes,
  recordAddress,
  recordSpecificationAddress,
  scopeAddress,
  scopeSpecificationAddress,
  sessionAddress,
  type Uuid,
} from "@p8e/core";
import * as cosmos from "@p8e/proto/cosmos";
import * as metadata from "@p8e/proto/metadata";
import { type Actor, packed } from "./transaction.ts";

/** Messages with values that are right unless a case says otherwise. */
type Init<D extends DescMessage> = Exclude<MessageInitShape<D>, { $typeName: string }>;
/** Fields of a scope. */
export type ScopeInit = Init<typeof metadata.ScopeSchema>;
/** Fields of a session. */
export type SessionInit = Init<typeof metadata.SessionSchema>;
/** Fields of a record. */
export type RecordInit = Init<typeof metadata.RecordSchema>;
/** A party of a scope or session. */
export type PartyInit = { readonly address: string; readonly role: metadata.PartyType; readonly optional?: boolean };

export const { OWNER, SERVICER, PROVENANCE, GENERIC_1 } = metadata.PartyType;
/** SHA-256 of nothing, standing for any content's hash. */
export const HASH = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

/** A party with the role OWNER. */
export function owner({ address }: Pick<Actor, "address">, optional = false): PartyInit {
  return { address, role: OWNER, optional };
}

/** The accounts of signers. */
export function addressesOf(signers: readonly Pick<Actor, "address">[]): string[] {
  return signers.map(({ address }) => address);
}

/** The identifiers of one family: a contract specification, a scope specification and the record specification. */
export interface Family {
  readonly contractUuid: Uuid;
  readonly contract: Uint8Array;
  readonly scopeSpecification: Uint8Array;
  readonly recordSpecification: Uint8Array;
}

/** What the one record of a family is called. */
export const RECORD_NAME = "name";
const INPUT_NAME = "in";
/** The type of its inputs and outputs. */
export const TYPE_NAME = "io.p8e.test.Document";

/** The ids of the three specifications that follow from two uuids. */
export function family(contractUuid: Uuid, scopeSpecificationUuid: Uuid): Family {
  return {
    contractUuid,
    contract: metadataAddressToBytes(contractSpecificationAddress(contractUuid)),
    scopeSpecification: metadataAddressToBytes(scopeSpecificationAddress(scopeSpecificationUuid)),
    recordSpecification: metadataAddressToBytes(recordSpecificationAddress(contractUuid, RECORD_NAME)),
  };
}

/** A contract specification with one role and one record. */
export function writeContract(
  id: Uint8Array,
  owners: readonly Actor[],
  signers: readonly Actor[],
  change: Init<typeof metadata.ContractSpecificationSchema> = {},
): Any {
  return packed(metadata.MsgWriteContractSpecificationRequestSchema, {
    specification: {
      specificationId: id,
      ownerAddresses: addressesOf(owners),
      partiesInvolved: [OWNER],
      source: { case: "hash", value: HASH },
      className: "io.p8e.test.Contract",
      ...change,
    },
    signers: addressesOf(signers),
  });
}

/** A scope specification for these contracts. */
export function writeScopeSpecification(
  id: Uint8Array,
  contracts: readonly Uint8Array[],
  owners: readonly Actor[],
  signers: readonly Actor[],
  change: Init<typeof metadata.ScopeSpecificationSchema> = {},
): Any {
  return packed(metadata.MsgWriteScopeSpecificationRequestSchema, {
    specification: {
      specificationId: id,
      ownerAddresses: addressesOf(owners),
      partiesInvolved: [OWNER],
      contractSpecIds: [...contracts],
      ...change,
    },
    signers: addressesOf(signers),
  });
}

/** The record specification of a contract. */
export function writeRecordSpecification(
  id: Uint8Array,
  signers: readonly Actor[],
  change: Init<typeof metadata.RecordSpecificationSchema> = {},
): Any {
  return packed(metadata.MsgWriteRecordSpecificationRequestSchema, {
    specification: {
      specificationId: id,
      name: RECORD_NAME,
      inputs: [{ name: INPUT_NAME, typeName: TYPE_NAME, source: { case: "hash", value: HASH } }],
      typeName: TYPE_NAME,
      resultType: metadata.DefinitionType.PROPOSED,
      responsibleParties: [OWNER],
      ...change,
    },
    signers: addressesOf(signers),
  });
}

/** Contract, scope and record specification in one go, owned and signed by one. */
export function writeFamily(given: Family, by: Actor): Any[] {
  return [
    writeContract(given.contract, [by], [by]),
    writeScopeSpecification(given.scopeSpecification, [given.contract], [by], [by]),
    writeRecordSpecification(given.recordSpecification, [by]),
  ];
}

/** The id of a scope, 17 bytes. */
export function scopeBytes(uuid: Uuid): Uint8Array {
  return metadataAddressToBytes(scopeAddress(uuid));
}

/** The address of a scope. */
export function scopeText(uuid: Uuid): string {
  return scopeAddress(uuid);
}

/** The id of a session, 33 bytes. */
export function sessionBytes(scope: Uuid, session: Uuid): Uint8Array {
  return metadataAddressToBytes(sessionAddress(scope, session));
}

/** The id of a record, 33 bytes. */
export function recordBytes(scope: Uuid, name = RECORD_NAME): Uint8Array {
  return metadataAddressToBytes(recordAddress(scope, name));
}

/** A scope of a family. */
export function writeScope(
  specification: Family,
  uuid: Uuid,
  owners: readonly PartyInit[],
  signers: readonly Actor[],
  change: ScopeInit = {},
): Any {
  return packed(metadata.MsgWriteScopeRequestSchema, {
    scope: {
      scopeId: scopeBytes(uuid),
      specificationId: specification.scopeSpecification,
      owners: owners.map((party) => ({ ...party })),
      ...change,
    },
    signers: addressesOf(signers),
  });
}

/** A session of a family on a scope. */
export function writeSession(
  specification: Family,
  scope: Uuid,
  session: Uuid,
  parties: readonly PartyInit[],
  signers: readonly Actor[],
  change: SessionInit = {},
): Any {
  return packed(metadata.MsgWriteSessionRequestSchema, {
    session: {
      sessionId: sessionBytes(scope, session),
      specificationId: specification.contract,
      parties: parties.map((party) => ({ ...party })),
      name: "io.p8e.test.Contract",
      ...change,
    },
    signers: addressesOf(signers),
  });
}

/** The record of a session. */
export function writeRecord(scope: Uuid, session: Uuid, signers: readonly Actor[], change: RecordInit = {}): Any {
  return packed(metadata.MsgWriteRecordRequestSchema, {
    record: {
      name: RECORD_NAME,
      sessionId: sessionBytes(scope, session),
      process: { processId: { case: "hash", value: HASH }, name: TYPE_NAME, method: "record" },
      inputs: [input()],
      outputs: [{ hash: HASH, status: metadata.ResultStatus.PASS }],
      ...change,
    },
    signers: addressesOf(signers),
  });
}

/** The input that the record specification asks for. */
export function input(change: Init<typeof metadata.RecordInputSchema> = {}) {
  return {
    name: INPUT_NAME,
    typeName: TYPE_NAME,
    source: { case: "hash" as const, value: HASH },
    status: metadata.RecordInputStatus.PROPOSED,
    ...change,
  };
}

/** How far an authorization goes. */
export interface GrantOptions {
  /** How often it may be used; without it, always. */
  readonly uses?: number;
  readonly expirationMs?: number;
}

/** Lets `grantee` send messages of this type in the name of `granter`. */
export function grant(granter: Actor, grantee: Actor, message: DescMessage, options: GrantOptions = {}): Any {
  const msg = `/${message.typeName}`;
  const { uses, expirationMs } = options;
  const authorization =
    uses === undefined
      ? packed(cosmos.authz.GenericAuthorizationSchema, { msg })
      : packed(cosmos.authz.CountAuthorizationSchema, { msg, allowedAuthorizations: uses });
  return packed(cosmos.authz.MsgGrantSchema, {
    granter: granter.address,
    grantee: grantee.address,
    grant: {
      authorization,
      ...(expirationMs === undefined ? {} : { expiration: timestampFromMs(expirationMs) }),
    },
  });
}
