import { create, toBinary } from "@bufbuild/protobuf";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import {
  type ContentHash,
  goNameHash,
  hashContent,
  hexEncode,
  metadataAddressFromBytes,
  metadataAddressParts,
  P8eError,
  parseContentHash,
  type Role,
  roleFromNumber,
  roles,
  type Uuid,
} from "@p8e/core";
import type { PublicKey } from "@p8e/crypto";
import { packAny } from "@p8e/proto/any";
import * as metadata from "@p8e/proto/metadata";
import * as scope from "@p8e/proto/scope";
import { type Affiliate, keyPairMessage } from "./affiliate.ts";

/** A contract's specification as it was published, with the hash that names it. */
export interface PublishedSpecification {
  /** 16 bytes: the contract specification's identity. */
  readonly hash: ContentHash;
  readonly specification: scope.ContractSpec;
}

/** A value the invoker proposes: serialized bytes and the Java class name of their type. */
export interface Proposal {
  readonly className: string;
  readonly bytes: Uint8Array;
}

/** The scope that a session writes to: one that begins, or one as the ledger has it. */
export type ScopeOfSession =
  | { readonly kind: "new"; readonly uuid: Uuid; readonly specificationUuid: Uuid }
  | {
      readonly kind: "existing";
      readonly uuid: Uuid;
      readonly specificationUuid: Uuid;
      /** As the ledger answered, with sessions and records. */
      readonly snapshot: metadata.ScopeResponse;
      /** The affiliates behind the scope's owners and data access, all of them. */
      readonly owners: readonly Affiliate[];
      readonly dataAccess: readonly Affiliate[];
      /** Those behind the sessions whose records the contract may write anew: they must agree to it. */
      readonly formerParties: readonly Affiliate[];
    };

/** Everything that determines the envelope of a session; the same request gives the same bytes. */
export interface SessionRequest {
  readonly contract: PublishedSpecification;
  readonly scope: ScopeOfSession;
  readonly sessionUuid: Uuid;
  readonly executionUuid: Uuid;
  readonly invoker: Affiliate;
  /** One affiliate for each role of the contract. */
  readonly participants: ReadonlyMap<Role, Affiliate>;
  /** By input name. */
  readonly proposals: ReadonlyMap<string, Proposal>;
  /** Who else may read, beside the participants and the scope's owners. */
  readonly dataAccess: readonly Affiliate[];
  /** The invoker's clock: the only time a contract sees. */
  readonly startTime: Timestamp;
  readonly expirationTime: Timestamp;
  readonly mainNet: boolean;
}

/** A request that was found sound, and what follows from it. */
export interface PackagedSession {
  readonly request: SessionRequest;
  readonly envelope: scope.Envelope;
  /** Encryption keys of everybody who may read, each once. */
  readonly audience: readonly PublicKey[];
  /** What must be in the store before the contract runs. */
  readonly proposals: readonly { readonly name: string; readonly hash: ContentHash; readonly bytes: Uint8Array }[];
  /** Records of the scope that the contract reads, by record name. */
  readonly inputs: readonly { readonly name: string; readonly hash: string; readonly className: string }[];
}

/** Class of the specification message itself, as references to it name it. */
const SPECIFICATION_CLASS = "io.provenance.scope.contract.proto.Specifications$ContractSpec";

/**
 * Checks a session request completely and turns it into the envelope that every party executes. Pure: nothing is
 * stored or sent. (p8e-scope-sdk: sdk/…/SessionBuilder.kt; recitals in the specification's order, start time set.)
 *
 * @throws `session.invalid`, `session.participant_missing`, `session.input_missing`, `session.record_missing` or
 *   `session.type_mismatch`; with several faults, `session.invalid` whose fact `faults` lists all of them
 */
export function packageSession(request: SessionRequest): PackagedSession {
  const { specification, hash } = request.contract;
  throwFaults(faultsOf(request));
  const records = existingRecords(request.scope);
  const proposals: PackagedSession["proposals"][number][] = [];
  for (const [name, proposal] of request.proposals) {
    proposals.push({ name, bytes: proposal.bytes, hash: hashContent(proposal.bytes) });
  }
  const inputs: PackagedSession["inputs"][number][] = [];

  const contract = create(scope.ContractSchema, {
    definition: specification.definition!,
    spec: {
      name: specification.definition?.name ?? "",
      dataLocation: { ref: { hash }, classname: SPECIFICATION_CLASS },
    },
    invoker: keyPairMessage(request.invoker),
    inputs: specification.inputSpecs.map((input) => {
      const record = records.get(nameOnLedger(input.name));
      if (record === undefined) return { name: input.name };
      const parts = metadataAddressParts(metadataAddressFromBytes(record.sessionId));
      const outputHash = record.outputs[0]?.hash ?? "";
      inputs.push({ name: input.name, hash: outputHash, className: record.process?.name ?? "" });
      return {
        name: input.name,
        dataLocation: {
          classname: record.process?.name ?? "",
          ref: {
            scopeUuid: { value: request.scope.uuid },
            sessionUuid: { value: parts.sessionUuid ?? "" },
            hash: outputHash,
          },
        },
      };
    }),
    considerations: specification.functionSpecs.map((called) => ({
      considerationName: called.funcName,
      inputs: called.inputSpecs.flatMap((input) => {
        const proposal = proposals.find((each) => each.name === input.name);
        if (proposal === undefined || input.type !== scope.DefinitionSpec_Type.PROPOSED) return [];
        return [{ name: input.name, hash: proposal.hash, classname: input.resourceLocation?.classname ?? "" }];
      }),
    })),
    recitals: specification.partiesInvolved.flatMap((number) => {
      const role = roleFromNumber(number);
      const affiliate = role === undefined ? undefined : request.participants.get(role);
      return affiliate === undefined ? [] : [{ signerRole: number, signer: keyPairMessage(affiliate) }];
    }),
    timesExecuted: 1,
    startTime: request.startTime,
  });

  const audience = audienceOf(request);
  const existing = request.scope.kind === "existing" ? request.scope : undefined;
  const envelope = create(scope.EnvelopeSchema, {
    ref: {
      scopeUuid: { value: request.scope.uuid },
      sessionUuid: { value: request.sessionUuid },
      hash: hashContent(toBinary(scope.ContractSchema, contract)),
    },
    contract,
    executionUuid: { value: request.executionUuid },
    expirationTime: request.expirationTime,
    ...(existing === undefined ? {} : { scope: packAny(metadata.ScopeResponseSchema, existing.snapshot) }),
    scopeSpecUuid: { value: request.scope.specificationUuid },
    newScope: existing === undefined,
    newSession: true,
    mainNet: request.mainNet,
    dataAccess: distinctKeys([
      ...(existing?.dataAccess ?? []).map((each) => each.encryptionKey),
      ...request.dataAccess.map((each) => each.encryptionKey),
    ]).map((key) => create(scope.PublicKeySchema, { publicKeyBytes: key.uncompressed })),
  });
  return { request, envelope, audience, proposals, inputs };
}

function sessionUuidOf(session: metadata.Session): Uuid | undefined {
  return metadataAddressParts(metadataAddressFromBytes(session.sessionId)).sessionUuid;
}

/** Participants, owners of the scope, parties whose records are superseded, and who has data access; invoker first. */
function audienceOf(request: SessionRequest): readonly PublicKey[] {
  const existing = request.scope.kind === "existing" ? request.scope : undefined;
  const affiliates = [
    request.invoker,
    ...request.participants.values(),
    ...(existing?.owners ?? []),
    ...(existing?.formerParties ?? []),
    ...(existing?.dataAccess ?? []),
    ...request.dataAccess,
  ];
  return distinctKeys(affiliates.map((affiliate) => affiliate.encryptionKey));
}

function distinctKeys(keys: readonly PublicKey[]): PublicKey[] {
  return [...new Map(keys.map((key) => [key.base64, key])).values()];
}

/** Two names are one record on the ledger when they give one id: case, among others, makes no difference. */
function nameOnLedger(name: string): string {
  return hexEncode(goNameHash(name));
}

/** What a scope has before under the names that a contract writes. */
export function recordsBefore(of: ScopeOfSession, names: readonly string[]): ReadonlyMap<string, ContentHash> {
  const records = existingRecords(of);
  const before = new Map<string, ContentHash>();
  for (const name of names) {
    const hash = records.get(nameOnLedger(name))?.outputs[0]?.hash;
    if (hash !== undefined && hash !== "") before.set(name, parseContentHash(hash));
  }
  return before;
}

/** By {@link nameOnLedger}. */
function existingRecords(of: ScopeOfSession): ReadonlyMap<string, metadata.Record> {
  const records = new Map<string, metadata.Record>();
  if (of.kind === "existing") {
    for (const { record } of of.snapshot.records)
      if (record !== undefined) records.set(nameOnLedger(record.name), record);
  }
  return records;
}

function faultsOf(request: SessionRequest): P8eError[] {
  const { specification } = request.contract;
  const faults: P8eError[] = [];
  const wanted = new Set(specification.partiesInvolved.map(roleFromNumber));
  for (const number of specification.partiesInvolved) {
    const role = roleFromNumber(number);
    if (role === undefined || !request.participants.has(role)) {
      const name = role ?? `number ${number}`;
      faults.push(
        new P8eError("session.participant_missing", `the role ${name} has no participant`, { facts: { role: name } }),
      );
    }
  }
  for (const role of request.participants.keys()) {
    if (!wanted.has(role)) {
      faults.push(
        new P8eError("session.invalid", `the contract has no role ${role}`, {
          facts: { role, roles: Object.keys(roles) },
        }),
      );
    }
  }
  const invokes = [...request.participants.values()].some(
    (each) => each.signingKey.base64 === request.invoker.signingKey.base64,
  );
  if (!invokes) faults.push(new P8eError("session.invalid", "the invoker is not among the participants"));

  if (request.scope.kind === "existing") {
    const taken = request.scope.snapshot.sessions.some(
      ({ session }) => session !== undefined && sessionUuidOf(session) === request.sessionUuid,
    );
    // A session names one evidence, and that does not know of records that are added later.
    if (taken) faults.push(new P8eError("session.invalid", "the scope has a session with this id already"));
  }

  const proposed = new Map<string, string>();
  for (const called of specification.functionSpecs) {
    for (const input of called.inputSpecs) {
      if (input.type === scope.DefinitionSpec_Type.PROPOSED)
        proposed.set(input.name, input.resourceLocation?.classname ?? "");
    }
  }
  for (const [name, proposal] of request.proposals) {
    const className = proposed.get(name);
    if (className === undefined) {
      faults.push(
        new P8eError("session.invalid", `the contract takes no input "${name}"`, {
          facts: { input: name, inputs: [...proposed.keys()] },
        }),
      );
    } else if (className !== proposal.className) {
      faults.push(typeMismatch("input", name, className, proposal.className));
    }
  }
  const records = existingRecords(request.scope);
  for (const input of specification.inputSpecs) {
    const record = records.get(nameOnLedger(input.name));
    const className = input.resourceLocation?.classname ?? "";
    if (record === undefined) {
      if (!input.optional) {
        faults.push(
          new P8eError("session.record_missing", `the scope has no record "${input.name}"`, {
            facts: { record: input.name },
          }),
        );
      }
    } else if (record.process?.name !== className) {
      faults.push(typeMismatch("record", input.name, className, record.process?.name ?? ""));
    }
  }
  return faults;
}

function typeMismatch(kind: string, name: string, expected: string, found: string): P8eError {
  return new P8eError("session.type_mismatch", `the ${kind} "${name}" has another type than the contract declares`, {
    facts: { [kind]: name, expected, found },
  });
}

function throwFaults(faults: readonly P8eError[]): void {
  if (faults.length === 0) return;
  if (faults.length === 1) throw faults[0];
  throw new P8eError("session.invalid", `the session has ${faults.length} faults`, {
    facts: { faults: faults.map((fault) => fault.message) },
  });
}
