import { base64Decode, P8eError, utf8Decode } from "@p8e/core";
import type { Audience, Envelope } from "@p8e/envelope";
import { findAudienceEntry, openAudienceEntry } from "./audience-entry.ts";
import type { CurveBackend } from "./curve-backend.ts";
import { defaultBackend } from "./default-backend.ts";
import { type FrameKey, frameKey, openFrame } from "./frame.ts";
import type { KeyReference } from "./key-reference.ts";
import { heapMemory, type SecretMemory, SecretScope } from "./secret-memory.ts";

/** An envelope whose payload is a text, and the key of one of its readers. */
export interface TextEnvelopeOptions {
  readonly envelope: Envelope;
  readonly key: KeyReference;
  /** An entry that travelled beside the envelope; by default the key's own in its audience. */
  readonly entry?: Audience;
  readonly payloadAssociatedData?: string;
  readonly entryAssociatedData?: string;
  readonly backend?: CurveBackend;
  readonly memory?: SecretMemory;
}

/**
 * The plaintext of the old text form, whose ciphertext stands in the protobuf itself: payload 0, as a frame or as the
 * base64 of one. Read only; nothing writes it any more. It carries no signature and has no hash.
 * @throws `envelope.no_recipient`, `envelope.wrong_key`, `envelope.tampered`, `envelope.malformed` without a payload
 */
export async function openTextEnvelope(options: TextEnvelopeOptions): Promise<Uint8Array> {
  const { envelope, key, entry = findAudienceEntry(envelope, key.publicKey) } = options;
  const { backend = defaultBackend(), memory = heapMemory } = options;
  if (entry === undefined) {
    throw new P8eError("envelope.no_recipient", "this key is not in the object's audience", {
      facts: { publicKey: key.publicKey.base64 },
    });
  }
  const cipherText = envelope.payload[0]?.cipherText;
  if (cipherText === undefined) {
    throw new P8eError("envelope.malformed", "the envelope has no payload", { facts: { problem: "payload" } });
  }
  using secrets = new SecretScope(memory);
  const associatedData = options.entryAssociatedData ?? "";
  const dataKey = await openAudienceEntry(entry, key, secrets, { associatedData, backend, memory });
  return openPayload(frameKey(dataKey, options.payloadAssociatedData ?? ""), cipherText);
}

/** The base64 of a frame starts with `AAAA`, and no frame has an IV of 0x41414141 bytes. */
function openPayload(frame: FrameKey, cipherText: Uint8Array): Uint8Array {
  const encoded = cipherText.length >= 4 && cipherText.subarray(0, 4).every((byte) => byte === 0x41);
  return openFrame(frame, encoded ? base64Decode(utf8Decode(cipherText, "payload"), "payload") : cipherText, 16);
}
