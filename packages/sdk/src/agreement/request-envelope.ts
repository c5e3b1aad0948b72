import { clone, create, toBinary } from "@bufbuild/protobuf";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { equalBytes, hashContent, P8eError, parseUuid, type Uuid } from "@p8e/core";
import { type PublicKey, publicKeyFromMessage, verifyMessage } from "@p8e/crypto";
import * as scope from "@p8e/proto/scope";
import { decodeEvidence, type Evidence } from "../session/evidence.ts";

/** An executed envelope with one signature, as requests and replies carry it. */
export interface SignedEnvelope extends Evidence {
  /** Whose signature it is; it was verified. */
  readonly signer: PublicKey;
  readonly executionUuid: Uuid;
  readonly scopeUuid: Uuid;
  readonly sessionUuid: Uuid;
  readonly deadlineMs: number;
}

/**
 * Reads an envelope that one party has signed, and verifies its signature over the contract's bytes as they stand.
 * @throws `envelope.malformed`, `signature.invalid`, `signature.missing` when it has no signature, or more than one
 */
export function readSignedEnvelope(bytes: Uint8Array): SignedEnvelope {
  const evidence = decodeEvidence(bytes);
  const { envelope, contractBytes } = evidence;
  const [signature] = envelope.signatures;
  if (signature === undefined || envelope.signatures.length !== 1) {
    throw new P8eError("signature.missing", "the envelope does not carry exactly its sender's signature", {
      facts: { signatures: envelope.signatures.length },
    });
  }
  if (envelope.expirationTime === undefined) throw malformed("no deadline");
  const deadlineMs = timestampMs(envelope.expirationTime);
  if (!Number.isSafeInteger(deadlineMs)) throw malformed("a deadline that is no time");
  return {
    ...evidence,
    signer: verifyMessage(signature, contractBytes),
    executionUuid: parseUuid(envelope.executionUuid?.value ?? ""),
    scopeUuid: parseUuid(envelope.ref?.scopeUuid?.value ?? ""),
    sessionUuid: parseUuid(envelope.ref?.sessionUuid?.value ?? ""),
    deadlineMs,
  };
}

function malformed(what: string): P8eError {
  return new P8eError("envelope.malformed", `the envelope has ${what}`);
}

/** What stands around the contract, field by field: what a contract's signature does not cover. */
const AROUND = {
  execution: (envelope: scope.Envelope) => envelope.executionUuid?.value ?? "",
  scope: (envelope: scope.Envelope) => envelope.ref?.scopeUuid?.value ?? "",
  session: (envelope: scope.Envelope) => envelope.ref?.sessionUuid?.value ?? "",
  "contract before it ran": (envelope: scope.Envelope) => envelope.ref?.hash ?? "",
  "new scope": (envelope: scope.Envelope) => String(envelope.newScope),
  "new session": (envelope: scope.Envelope) => String(envelope.newSession),
  network: (envelope: scope.Envelope) => (envelope.mainNet ? "main net" : "no main net"),
  deadline: ({ expirationTime: at }: scope.Envelope) => (at === undefined ? "none" : `${at.seconds}.${at.nanos}`),
  "scope specification": (envelope: scope.Envelope) => envelope.scopeSpecUuid?.value ?? "",
  "data access": (envelope: scope.Envelope) =>
    envelope.dataAccess.map((key) => publicKeyFromMessage(key).base64).join(),
  "scope before": (envelope: scope.Envelope) =>
    envelope.scope === undefined ? "none" : hashContent(envelope.scope.value),
} as const satisfies Record<string, (envelope: scope.Envelope) => string>;

/**
 * Whether two envelopes are the same around the contract and its signatures.
 * @throws `session.differs` with the facts `field`, `expected` and `found`
 */
export function requireSameAround(ours: scope.Envelope, theirs: scope.Envelope, whose: string): void {
  for (const [field, of] of Object.entries(AROUND)) {
    const [expected, found] = [of(ours), of(theirs)];
    if (expected !== found) throw differs(field, whose, { expected, found });
  }
  // Whatever else there is, or will be.
  if (!equalBytes(around(ours), around(theirs))) throw differs("envelope", whose, {});
}

/** What a contract says, part by part, its results apart. */
const CONTRACT_PARTS = {
  definition: "definition",
  specification: "spec",
  invoker: "invoker",
  records: "inputs",
  recitals: "recitals",
  "start time": "startTime",
  "proposed inputs": "considerations",
} as const satisfies Record<string, keyof scope.Contract>;

/**
 * Whether two contracts are the same but for their results.
 * @throws `session.differs` with the part that is not
 */
export function requireSameContract(ours: scope.Contract, theirs: scope.Contract, whose: string): void {
  const [own, other] = [unexecuted(ours), unexecuted(theirs)];
  for (const [part, field] of Object.entries(CONTRACT_PARTS)) {
    const bytesOf = (contract: scope.Contract) =>
      toBinary(scope.ContractSchema, Object.assign(create(scope.ContractSchema), { [field]: contract[field] }));
    if (!equalBytes(bytesOf(own), bytesOf(other))) throw differs(part, whose, {});
  }
  const whole = (contract: scope.Contract) => toBinary(scope.ContractSchema, contract);
  if (!equalBytes(whole(own), whole(other))) throw differs("contract", whose, {});
}

/** @throws `session.differs` */
export function differs(field: string, whose: string, facts: Readonly<Record<string, string>>): P8eError {
  return new P8eError("session.differs", `${whose} says otherwise: ${field}`, {
    facts: { field, ...facts },
    hint: "Nothing was signed or merged. Ask whoever sent it.",
  });
}

function around(envelope: scope.Envelope): Uint8Array {
  const copy = clone(scope.EnvelopeSchema, envelope);
  copy.signatures = [];
  delete copy.contract;
  return toBinary(scope.EnvelopeSchema, copy);
}

/** A contract as it was before anybody ran it. */
export function unexecuted(contract: scope.Contract): scope.Contract {
  const copy = clone(scope.ContractSchema, contract);
  for (const consideration of copy.considerations) delete consideration.result;
  return copy;
}
