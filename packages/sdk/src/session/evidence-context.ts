import { type ContentHash, concatBytes, contentHashToBytes, parseContentHash } from "@p8e/core";

/** First byte of a session's context: what follows is the SHA-256 of the evidence object, whose results name their fuel. */
export const EVIDENCE_CONTEXT_VERSION = 2;
/** Of a session that several parties signed: its evidence holds the mails in which they agreed, too. */
export const AGREEMENT_CONTEXT_VERSION = 3;

/** The versions that are read: in evidence of version 1 nothing is said of fuel. */
const EVIDENCE_CONTEXT_VERSIONS: readonly (number | undefined)[] = [
  1,
  EVIDENCE_CONTEXT_VERSION,
  AGREEMENT_CONTEXT_VERSION,
];

/** The session's context on the ledger: it binds the session to the signed contract that the parties keep. */
export function evidenceContext(evidence: ContentHash, version: number = EVIDENCE_CONTEXT_VERSION): Uint8Array {
  return concatBytes(Uint8Array.of(version), contentHashToBytes(evidence));
}

/** Undefined for sessions written by others, whose context is empty or their own. */
export function evidenceHashOf(context: Uint8Array): ContentHash | undefined {
  if (context.length !== 33 || !EVIDENCE_CONTEXT_VERSIONS.includes(context[0])) return undefined;
  return parseContentHash(Buffer.from(context.subarray(1)).toString("base64"));
}
