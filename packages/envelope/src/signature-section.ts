import { base64Decode, base64Encode, utf8Decode, utf8Encode } from "@p8e/core";
import { type ContainerHeader, encodeContainerHeader } from "./container-header.ts";
import { malformed } from "./malformed.ts";
import { type ContainerMetadata, SIGNATURE_PUBLIC_KEY } from "./metadata-section.ts";

/** One entry of the signature section: opaque bytes to the store. */
export interface ContainerSignature {
  /** DER of an ECDSA signature over the plaintext, 68 to 72 bytes as a rule. */
  readonly signature: Uint8Array;
  /** The signer's PEM text, as bytes. */
  readonly publicKey: Uint8Array;
}

/** Exactly the bytes of the reference store and client: compact, `signature` before `publicKey`, base64 of each. */
export function encodeSignatures(signatures: readonly ContainerSignature[]): Uint8Array {
  const entries = signatures.map(
    ({ signature, publicKey }) => `{"signature":"${base64Encode(signature)}","publicKey":"${base64Encode(publicKey)}"}`,
  );
  return utf8Encode(`[${entries.join(",")}]`);
}

/**
 * An empty section reads as no signature. Properties besides the two are ignored.
 * @throws `envelope.malformed`, problem `signatures`
 */
export function decodeSignatures(section: Uint8Array): readonly ContainerSignature[] {
  if (section.length === 0) return [];
  try {
    const value: unknown = JSON.parse(utf8Decode(section, "signatures"));
    if (!Array.isArray(value)) throw malformed("signatures");
    return value.map((entry: unknown) => {
      if (typeof entry !== "object" || entry === null) throw malformed("signatures");
      const { signature, publicKey } = entry as { signature?: unknown; publicKey?: unknown };
      if (typeof signature !== "string" || typeof publicKey !== "string") throw malformed("signatures");
      return { signature: base64Decode(signature, "signature"), publicKey: base64Decode(publicKey, "public key") };
    });
  } catch (cause) {
    throw malformed("signatures", { cause });
  }
}

/**
 * The header a store keeps: whatever signature section came in is replaced by one entry, every other byte stays. A
 * pure function of its arguments, so a stored container that is sent on with the same two values is reproduced.
 */
export function rewriteSignatures(header: ContainerHeader, entry: ContainerSignature): Uint8Array {
  return encodeContainerHeader(header.uuid, { ...header.sections, signatures: encodeSignatures([entry]) });
}

/** `[{"signature":"","publicKey":""}]` without the two base64 texts. */
const ENTRY_OVERHEAD = 33;
/** Base64 of 70, 71 or 72 bytes of DER: all but about one signature in three hundred. */
const SIGNATURE_TEXT_LENGTH = 96;
/** Base64 of the 174 characters that every secp256k1 key's PEM has. */
const PEM_TEXT_LENGTH = 232;

/**
 * How long the header will be once the signature is known, so that a payload can be written at its final offset while
 * it arrives. Signature and key come after the payload; the key is in the client's metadata beforehand. A guess: a
 * shorter signature or a sender that names no key makes it wrong, and the payload has to be moved.
 */
export function predictStoredHeaderLength(header: ContainerHeader, metadata: ContainerMetadata): number {
  const pem = metadata.get(SIGNATURE_PUBLIC_KEY);
  const keyLength = pem === undefined ? PEM_TEXT_LENGTH : Math.ceil(Buffer.byteLength(pem) / 3) * 4;
  const section = ENTRY_OVERHEAD + keyLength + SIGNATURE_TEXT_LENGTH;
  return header.bytes.length - header.sections.signatures.length + section;
}
