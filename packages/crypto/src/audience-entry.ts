import { create } from "@bufbuild/protobuf";
import { base64Decode, type RandomBytes, utf8Decode } from "@p8e/core";
import { type Audience, audienceText, type Envelope } from "@p8e/envelope";
import * as envelope from "@p8e/proto/envelope";
import { type EciesOptions, openCryptogram, sealCryptogram } from "./ecies.ts";
import { tampered } from "./frame.ts";
import type { KeyReference } from "./key-reference.ts";
import type { PublicKey } from "./public-key.ts";
import { decodeSecretBase64, encodeSecretBase64 } from "./secret-base64.ts";
import { heapMemory, SecretScope } from "./secret-memory.ts";

/** AES-256, in bytes. */
export const DATA_KEY_LENGTH = 32;
/** What is sealed is the base64 text of the data key, as it was when keys were strings. */
const DATA_KEY_TEXT_LENGTH = 44;

/** The owner's entry has SUBMISSION, every other RETRIEVAL; readers look at neither. */
export type AudienceContext = "owner" | "reader";

/** The data key, sealed for one reader, as an entry of the audience. */
export function sealAudienceEntry(
  recipient: PublicKey,
  dataKey: Uint8Array,
  options: EciesOptions & { readonly random: RandomBytes; readonly context: AudienceContext },
): Audience {
  using secrets = new SecretScope(options.memory ?? heapMemory);
  const text = secrets.allocate(DATA_KEY_TEXT_LENGTH);
  encodeSecretBase64(dataKey, text);
  const cryptogram = sealCryptogram(recipient, text, options);
  const { SUBMISSION, RETRIEVAL } = envelope.ContextType;
  return create(envelope.AudienceSchema, {
    publicKey: audienceText(recipient.uncompressed),
    context: options.context === "owner" ? SUBMISSION : RETRIEVAL,
    tag: audienceText(cryptogram.tag),
    ephemeralPubkey: audienceText(cryptogram.ephemeralPublicKey),
    encryptedDek: audienceText(cryptogram.encryptedData),
  });
}

/** The first entry that bears the key's name, compared as text: what counts is how the key was written, not the point. */
export function findAudienceEntry(decoded: Envelope, publicKey: PublicKey): Audience | undefined {
  const name = Buffer.from(publicKey.base64, "latin1");
  return decoded.audience.find((entry) => name.equals(entry.publicKey));
}

/**
 * Recovers the data key into `secrets`.
 * @throws `envelope.wrong_key`, `envelope.tampered`
 */
export async function openAudienceEntry(
  entry: Audience,
  key: KeyReference,
  secrets: SecretScope,
  options: EciesOptions,
): Promise<Uint8Array> {
  const cryptogram = {
    ephemeralPublicKey: bytesOf(entry.ephemeralPubkey, "ephemeral key"),
    tag: bytesOf(entry.tag, "tag"),
    encryptedData: bytesOf(entry.encryptedDek, "data key"),
  };
  const text = secrets.adopt(await openCryptogram(key, cryptogram, options));
  const dataKey = secrets.allocate(DATA_KEY_LENGTH);
  if (!decodeSecretBase64(text, dataKey)) throw tampered("data key");
  return dataKey;
}

function bytesOf(text: Uint8Array, part: string): Uint8Array {
  try {
    return base64Decode(utf8Decode(text, part), part);
  } catch (cause) {
    throw tampered(part, cause);
  }
}
