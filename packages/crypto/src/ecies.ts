import { timingSafeEqual } from "node:crypto";
import { P8eError, type RandomBytes } from "@p8e/core";
import type { CurveBackend } from "./curve-backend.ts";
import { defaultBackend } from "./default-backend.ts";
import { FRAME_OVERHEAD, frameKey, IV_LENGTH, openFrame, sealFrame, tampered } from "./frame.ts";
import { hkdfSha256 } from "./hmac.ts";
import type { KeyReference } from "./key-reference.ts";
import { generatePrivateKey } from "./private-key.ts";
import { type PublicKey, parsePublicKey } from "./public-key.ts";
import { heapMemory, type SecretMemory, SecretScope } from "./secret-memory.ts";

/*
 * ECIES as the JVM's P8e has it. Z is X of the shared point; K = HKDF-SHA-256(Z, no salt, no info), 64 bytes; the first
 * half encrypts, the second is sealed with a zero IV to make the tag. The tag proves that both sides have the same K and
 * the same associated data; the data is proved by the GCM tag in its own frame. Nothing here commits to a plaintext:
 * only the content hash of an object does.
 */

/** What one recipient needs to recover a short secret. */
export interface Cryptogram {
  /** 65 bytes. */
  readonly ephemeralPublicKey: Uint8Array;
  /** 64 bytes: a frame with a zero IV. */
  readonly tag: Uint8Array;
  /** A frame around the secret. */
  readonly encryptedData: Uint8Array;
}

const NO_BYTES = new Uint8Array();
const KEY_LENGTH = 32;
const TAG_FRAME_LENGTH = KEY_LENGTH + FRAME_OVERHEAD;
/** Zero, and only ever with a key that is used for nothing else but one data frame under a random IV. */
const TAG_IV = new Uint8Array(IV_LENGTH);

/** What sealing and opening a cryptogram can be told. */
export interface EciesOptions {
  readonly associatedData?: string;
  readonly backend?: CurveBackend;
  readonly memory?: SecretMemory;
}

/** Seals `secret` so that only the holder of `recipient`'s private key can open it. A fresh key pair every time. */
export function sealCryptogram(
  recipient: PublicKey,
  secret: Uint8Array,
  options: EciesOptions & { readonly random: RandomBytes },
): Cryptogram {
  const { associatedData = "", backend = defaultBackend(), memory = heapMemory, random } = options;
  using secrets = new SecretScope(memory);
  using ephemeral = generatePrivateKey(random);
  const shared = secrets.adopt(ephemeral.use((scalar) => backend.sharedSecret(scalar, recipient.uncompressed)));
  const { encryptionKey, macKey } = deriveKeys(shared, secrets);
  const key = frameKey(encryptionKey, associatedData);
  return {
    ephemeralPublicKey: ephemeral.publicKey(backend).uncompressed,
    tag: sealFrame(key, TAG_IV, macKey),
    encryptedData: sealFrame(key, random(IV_LENGTH), secret),
  };
}

/**
 * The secret, which the caller wipes. An ephemeral key may be compressed; an IV of zeros is as good as any.
 * @throws `envelope.wrong_key` when the tag is not the one this key makes (or key, tag, ephemeral key or associated data
 * were changed), `envelope.tampered` when anything else was, `key.invalid` when the key reference answers nonsense
 */
export async function openCryptogram(
  key: KeyReference,
  cryptogram: Cryptogram,
  options: EciesOptions = {},
): Promise<Uint8Array> {
  const { associatedData = "", backend = defaultBackend(), memory = heapMemory } = options;
  if (cryptogram.tag.length !== TAG_FRAME_LENGTH) throw tampered("tag length");
  const ephemeral = parseEphemeral(cryptogram.ephemeralPublicKey, backend);
  using secrets = new SecretScope(memory);
  const shared = secrets.adopt(await key.sharedSecret(ephemeral));
  if (shared.length !== KEY_LENGTH) {
    throw new P8eError("key.invalid", "the key answered with a shared secret that is not an X coordinate of 32 bytes");
  }
  const { encryptionKey, macKey } = deriveKeys(shared, secrets);
  const frame = frameKey(encryptionKey, associatedData);
  if (!timingSafeEqual(sealFrame(frame, TAG_IV, macKey), cryptogram.tag)) {
    throw new P8eError("envelope.wrong_key", "this key does not open the cryptogram that bears its name", {
      facts: { publicKey: key.publicKey.base64 },
    });
  }
  return openFrame(frame, cryptogram.encryptedData, 15);
}

function deriveKeys(shared: Uint8Array, secrets: SecretScope): { encryptionKey: Uint8Array; macKey: Uint8Array } {
  const derived = secrets.adopt(hkdfSha256(shared, { salt: NO_BYTES, info: NO_BYTES, length: 2 * KEY_LENGTH }));
  return { encryptionKey: derived.subarray(0, KEY_LENGTH), macKey: derived.subarray(KEY_LENGTH) };
}

function parseEphemeral(bytes: Uint8Array, backend: CurveBackend): PublicKey {
  try {
    return parsePublicKey(bytes, backend);
  } catch (cause) {
    throw tampered("ephemeral key", cause);
  }
}
