import { P8eError } from "@p8e/core";
import { type PublicKey, publicKeyFromPem } from "@p8e/crypto";
import {
  type ContainerHeader,
  decodeEnvelope,
  decodeSignatures,
  type EnvelopeLimits,
  parseContainer,
} from "@p8e/envelope";
import type { Mail } from "./mailbox.ts";

/** What one letter may cost before it is known whose it is. What our store takes as mail is no longer than this. */
const LETTER_BYTES_MAX = 4 * 1024 * 1024;
/** Far more than a session has parties. */
const AUDIENCE_MAX = 200;
const LIMITS: EnvelopeLimits = {
  metadataBytes: 16 * 1024,
  uriBytes: 1024,
  signatureBytes: 8 * 1024,
  envelopeBytes: 256 * 1024,
  envelopeFields: AUDIENCE_MAX + 20,
};

/**
 * Who says that he has signed a letter, found out without opening it: no decryption, no curve arithmetic but the reading of
 * one point. Nothing proves it yet; but who lies here fails when the letter is opened.
 * @throws `input.too_large`, `envelope.malformed`, `envelope.too_large`, `signature.missing`, `key.invalid`
 */
export function claimedSender({ container }: Mail): PublicKey {
  if (container.length > LETTER_BYTES_MAX) {
    throw new P8eError("input.too_large", "the mail is longer than mail may be", {
      facts: { bytes: container.length, limit: LETTER_BYTES_MAX },
    });
  }
  const { header } = parseContainer(container, LIMITS);
  const { audience } = decodeEnvelope(header.sections.envelope, LIMITS);
  if (audience.length > AUDIENCE_MAX) throw tooManyReaders(audience.length);
  return signerOf(header);
}

function signerOf(header: ContainerHeader): PublicKey {
  const [signature] = decodeSignatures(header.sections.signatures);
  if (signature === undefined) {
    throw new P8eError("signature.missing", "the mail carries no signature", { facts: { objectUuid: header.uuid } });
  }
  return publicKeyFromPem(new TextDecoder().decode(signature.publicKey.subarray(0, 1024)));
}

function tooManyReaders(count: number): P8eError {
  return new P8eError("input.too_large", "the mail has more readers than a session has parties", {
    facts: { count, limit: AUDIENCE_MAX },
  });
}
