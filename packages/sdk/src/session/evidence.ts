import { toBinary } from "@bufbuild/protobuf";
import { BinaryReader } from "@bufbuild/protobuf/wire";
import { equalBytes, isP8eError, P8eError } from "@p8e/core";
import { type PublicKey, publicKeyFromMessage, verifyMessage } from "@p8e/crypto";
import { type DecodingBudget, decodeMessage, messageBudget } from "@p8e/decoding";
import * as scope from "@p8e/proto/scope";

/**
 * The evidence of a session: its executed and signed envelope, stored for the session's audience. The session on the
 * ledger carries its hash, so that everybody who may read can check later what was signed and by whom.
 */
export function encodeEvidence(envelope: scope.Envelope): Uint8Array {
  return toBinary(scope.EnvelopeSchema, envelope);
}

/** Evidence, decoded and in its only form; nothing in it is verified yet. */
export interface Evidence {
  readonly envelope: scope.Envelope;
  /** The contract exactly as it stands in the evidence: signatures cover these bytes, never a re-encoding. */
  readonly contractBytes: Uint8Array;
  /** What `contractBytes` say, and nothing that stands beside them. */
  readonly contract: scope.Contract;
}

/**
 * A contract of a hundred functions with ten inputs each has some 20,000 fields. Evidence is read several times over on the
 * main thread, which this keeps short.
 */
export const evidenceBudget: DecodingBudget = Object.freeze({ ...messageBudget, fields: 50_000 });

const CONTRACT_FIELD = 2;
/** More parties than a contract can have roles, several times over. */
const SIGNATURES_MAX = 100;

/**
 * Protocol Buffers let one message be written in many ways: repeated fields merge, and decoders differ on a field of
 * another wire type than declared. What is signed must read alike for everybody, so only the one form that encoding
 * gives is accepted.
 *
 * @throws `signature.missing` when it holds no contract, `envelope.malformed` when it is no envelope or in another form,
 * `input.too_large` when it costs more than evidence is given
 */
export function decodeEvidence(bytes: Uint8Array): Evidence {
  let envelope: scope.Envelope;
  let contractBytes: Uint8Array | undefined;
  try {
    const budget = { budget: evidenceBudget };
    const whole = { what: "the evidence", code: "envelope.malformed" } as const;
    envelope = decodeMessage(scope.EnvelopeSchema, bytes, whole, budget);
    if (!equalBytes(toBinary(scope.EnvelopeSchema, envelope), bytes)) throw new Error("not in its only form");
    const reader = new BinaryReader(bytes);
    while (reader.pos < reader.len) {
      const [field, wireType] = reader.tag();
      if (field === CONTRACT_FIELD) contractBytes = reader.bytes();
      else reader.skip(wireType, field);
    }
    if (contractBytes !== undefined) {
      const context = { what: "the evidence's contract", code: "envelope.malformed" } as const;
      return { envelope, contractBytes, contract: decodeMessage(scope.ContractSchema, contractBytes, context, budget) };
    }
  } catch (cause) {
    if (isP8eError(cause)) throw cause;
    throw new P8eError("envelope.malformed", "the evidence is not the envelope of an execution", { cause });
  }
  throw new P8eError("signature.missing", "the evidence holds no contract");
}

/**
 * Verifies every signature and that each party of the contract has signed.
 * @returns who signed
 * @throws `signature.invalid`, `signature.missing` with the roles that did not sign, `input.too_large`
 */
export function verifyEvidence({ envelope, contract, contractBytes }: Evidence): readonly PublicKey[] {
  const count = envelope.signatures.length;
  if (count > SIGNATURES_MAX) {
    throw new P8eError("input.too_large", "the evidence has more signatures than a contract can have parties", {
      facts: { count, limit: SIGNATURES_MAX },
    });
  }
  const signers = envelope.signatures.map((signature) => verifyMessage(signature, contractBytes));
  const missing = contract.recitals.filter((recital) => {
    const key = recital.signer?.signingPublicKey;
    return key === undefined || !signers.some((signer) => signer.equals(publicKeyFromMessage(key)));
  });
  if (signers.length === 0 || missing.length > 0) {
    throw new P8eError("signature.missing", "not every party of the contract has signed it", {
      facts: { roles: missing.map((recital) => roleName(recital.signerRole)) },
    });
  }
  return signers;
}

function roleName(number: number): string {
  return Object.entries(scope.PartyType).find(([, value]) => value === number)?.[0] ?? String(number);
}
