import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { BinaryReader } from "@bufbuild/protobuf/wire";
import { P8eError } from "@p8e/core";
import { type PublicKey, publicKeyFromMessage, verifyMessage } from "@p8e/crypto";
import { scope } from "@p8e/proto";

/**
 * The evidence of a session: its executed and signed envelope, stored for the session's audience. The session on the
 * ledger carries its hash, so that everybody who may read can check later what was signed and by whom.
 */
export function encodeEvidence(envelope: scope.Envelope): Uint8Array {
  return toBinary(scope.EnvelopeSchema, envelope);
}

export interface Evidence {
  readonly envelope: scope.Envelope;
  /** The contract exactly as it stands in the evidence: signatures cover these bytes, never a re-encoding. */
  readonly contractBytes: Uint8Array;
}

const CONTRACT_FIELD = 2;

/** @throws `signature.missing` when it holds no contract, `envelope.malformed` when it is no envelope */
export function decodeEvidence(bytes: Uint8Array): Evidence {
  let envelope: scope.Envelope;
  let contractBytes: Uint8Array | undefined;
  try {
    envelope = fromBinary(scope.EnvelopeSchema, bytes);
    const reader = new BinaryReader(bytes);
    while (reader.pos < reader.len) {
      const [field, wireType] = reader.tag();
      if (field === CONTRACT_FIELD && wireType === 2) {
        // Protocol Buffers would merge a repeated message field; signatures could then cover something else.
        if (contractBytes !== undefined) throw new Error("two contracts");
        contractBytes = reader.bytes();
      } else reader.skip(wireType, field);
    }
  } catch (cause) {
    throw new P8eError("envelope.malformed", "the evidence is not the envelope of an execution", { cause });
  }
  if (contractBytes === undefined || envelope.contract === undefined) {
    throw new P8eError("signature.missing", "the evidence holds no contract");
  }
  return { envelope, contractBytes };
}

/**
 * Verifies every signature and that each party of the contract has signed.
 * @returns who signed
 * @throws `signature.invalid`, `signature.missing` with the roles that did not sign
 */
export function verifyEvidence({ envelope, contractBytes }: Evidence): readonly PublicKey[] {
  const signers = envelope.signatures.map((signature) => verifyMessage(signature, contractBytes));
  const missing = (envelope.contract?.recitals ?? []).filter((recital) => {
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
