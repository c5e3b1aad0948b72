import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { equalBytes, P8eError, sha256 } from "@p8e/core";
import { type KeyReference, type PublicKey, parsePublicKey, signBytes, verifyBytes } from "@p8e/crypto";
import { decodeMessage } from "@p8e/decoding";
import type { MailType } from "@p8e/envelope";
import * as wire from "@p8e/proto/agreement";

/** Version of what parties of a session write to each other (docs/protocol/agreement.md). */
export const AGREEMENT_VERSION = 1;

/** What one mail says. */
export type AgreementWords = Exclude<wire.AgreementMail["said"], { case: undefined }>;

/** A mail's content with its sender's signature over it: what evidence keeps. */
export interface SignedMail {
  readonly content: Uint8Array;
  /** DER, over SHA-512 of the content. */
  readonly signature: Uint8Array;
  readonly signer: PublicKey;
}

/** A mail's content. The same is said again as another `sending`, since a store takes equal objects for one. */
export function encodeWords(
  said: MessageInitShape<typeof wire.AgreementMailSchema>["said"] & object,
  sending = 0,
): Uint8Array {
  const mail = create(wire.AgreementMailSchema, { version: AGREEMENT_VERSION, sending, said });
  return toBinary(wire.AgreementMailSchema, mail);
}

/**
 * What a mail says.
 * @throws `envelope.malformed` for bytes that are none of these mails or in another form than the one that encoding
 *   gives; `session.not_supported` for a mail of another version, or one that the JVM's SDK writes
 */
export function decodeWords(content: Uint8Array): AgreementWords {
  const code = "envelope.malformed";
  const mail = decodeMessage(wire.AgreementMailSchema, content, { what: "the mail", code });
  if (mail.version !== AGREEMENT_VERSION) {
    const ours = mail.version !== 0;
    throw new P8eError("session.not_supported", `the mail is ${ours ? "of another version" : "not p8e's own"}`, {
      facts: { version: mail.version, supported: AGREEMENT_VERSION },
      hint: ours
        ? "Its sender runs another version of p8e."
        : "Sessions that a party of the JVM's SDK starts cannot be signed here.",
    });
  }
  if (!equalBytes(toBinary(wire.AgreementMailSchema, mail), content) || mail.said.case === undefined) {
    throw new P8eError(code, "the mail is not in the one form that encoding gives");
  }
  return mail.said;
}

/** Under which name a store keeps a mail: the JVM's words for the same step. */
export function mailTypeFor(said: AgreementWords): MailType {
  if (said.case === "request") return "FRAGMENT_REQUEST";
  if (said.case === "reply") return "FRAGMENT_RESPONSE";
  const committed = said.case === "end" && said.value.outcome === wire.AgreementEnd_Outcome.COMMITTED;
  return committed ? "FRAGMENT_RESPONSE" : "ERROR_RESPONSE";
}

/** What replies and refusals name: SHA-256 of the request, however often it is sent. */
export function requestHash(request: wire.AgreementRequest): Uint8Array {
  return sha256(toBinary(wire.AgreementRequestSchema, request));
}

/** The request that a mail carries, which was read before it was kept. */
export function requestOf({ content }: Pick<SignedMail, "content">): wire.AgreementRequest {
  return decodeWords(content).value as wire.AgreementRequest;
}

/** Signs a mail's content for evidence, as the object that carries it is signed. */
export async function signWords(content: Uint8Array, key: KeyReference): Promise<SignedMail> {
  return { content, signature: await signBytes(key, content), signer: key.publicKey };
}

/** The form that mails and evidence carry. */
export function signedMailMessage({ content, signature, signer }: SignedMail): wire.SignedMail {
  return create(wire.SignedMailSchema, { content, signature, signer: signer.uncompressed });
}

/**
 * A mail that somebody passes on, with what it says.
 * @throws `signature.missing`, `signature.invalid`, and as {@link decodeWords}
 */
export function readSignedMail(message: wire.SignedMail | undefined): SignedMail & { readonly said: AgreementWords } {
  if (message === undefined) throw new P8eError("signature.missing", "a signed mail is missing");
  const { content, signature } = message;
  const signer = signerOf(message);
  if (!verifyBytes(signer, content, signature)) {
    throw new P8eError("signature.invalid", "the signature of a mail does not cover it", {
      facts: { publicKey: signer.base64 },
    });
  }
  return { content, signature, signer, said: decodeWords(content) };
}

function signerOf({ signer }: wire.SignedMail): PublicKey {
  try {
    return parsePublicKey(signer);
  } catch (cause) {
    throw new P8eError("signature.invalid", "a signed mail does not name its signer's key", { cause });
  }
}
