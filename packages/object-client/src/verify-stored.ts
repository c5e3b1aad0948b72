import { type ContentHash, P8eError } from "@p8e/core";
import { type KeyReference, verifyContainer } from "@p8e/crypto";
import { ContainerHeaderParser } from "@p8e/envelope";

/**
 * Whether a stored container decrypts with a key, has this content and carries its signer's signature: the checks of
 * `ObjectClient.get`, for bytes that are there.
 * @param pieces the container from its beginning, the same each time it is asked for
 * @returns the length of the content
 * @throws as `ObjectClient.get`, and what `pieces` throws
 */
export async function verifyStored(
  pieces: () => AsyncIterable<Uint8Array>,
  { hash, key, signal }: { readonly hash: ContentHash; readonly key: KeyReference; readonly signal?: AbortSignal },
): Promise<number> {
  using verified = await verifyContainer({
    header: await headerOf(pieces()),
    payload: () => payloadOf(pieces()),
    key,
    expectedHash: hash,
    signal,
  });
  return verified.plaintextBytes;
}

async function headerOf(pieces: AsyncIterable<Uint8Array>) {
  const parser = new ContainerHeaderParser();
  for await (const piece of pieces) {
    const parsed = parser.feed(piece);
    if (parsed !== undefined) return parsed.header;
  }
  throw new P8eError("envelope.malformed", "the container ends within its header");
}

async function* payloadOf(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  const parser = new ContainerHeaderParser();
  let inPayload = false;
  for await (const piece of pieces) {
    if (inPayload) yield piece;
    else {
      const parsed = parser.feed(piece);
      if (parsed === undefined) continue;
      inPayload = true;
      if (parsed.rest.length > 0) yield parsed.rest;
    }
  }
}
