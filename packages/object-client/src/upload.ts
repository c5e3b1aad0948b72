import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  type ContentHash,
  contentHashFromBytes,
  contentHashToBytes,
  P8eError,
  parseUuid,
  type Uuid,
  utf8Encode,
} from "@p8e/core";
import type { Seal } from "@p8e/crypto";
import * as objectStore from "@p8e/proto/object-store";

/** Data messages are filled up to this size, as the reference's are. */
export const CHUNK_BYTES = 2_000_000;

/** What a buffer begins with. */
const FIRST_BYTES = 16_384;

type Message = MessageInitShape<typeof objectStore.ChunkBidiSchema>;

/**
 * The messages of a put, in the order the JVM client sends them: stream header, data (the first with its name and the
 * plaintext's length), end, and the three properties that are known only after the last byte
 * (p8e-scope-sdk: os-client/…/OsClient.kt).
 */
export async function* uploadMessages(upload: {
  readonly header: Uint8Array;
  readonly payload: AsyncIterable<Uint8Array>;
  readonly sealed: Promise<Seal>;
  readonly plaintextBytes: number;
  readonly onData?: (bytes: number) => void;
  /** When the last message has been taken over. */
  readonly onSent?: () => void;
}): AsyncGenerator<Message, void, undefined> {
  yield { impl: { case: "multiStreamHeader", value: { streamCount: 1 } } };
  let first = true;
  for await (const data of filledChunks(upload.header, upload.payload)) {
    const header = first ? { header: { name: "DIME", contentLength: BigInt(upload.plaintextBytes) } } : {};
    first = false;
    yield { impl: { case: "chunk", value: { impl: { case: "data", value: data }, ...header } } };
    upload.onData?.(data.length);
  }
  yield { impl: { case: "chunk", value: { impl: { case: "end", value: {} } } } };
  const seal = await upload.sealed;
  yield property("HASH", contentHashToBytes(seal.hash));
  yield property("SIGNATURE", seal.signature);
  yield property("SIGNATURE_PUBLIC_KEY", utf8Encode(seal.signer.pem));
  upload.onSent?.();
}

function property(name: string, value: Uint8Array): Message {
  return {
    impl: {
      case: "chunk",
      value: create(objectStore.ChunkSchema, { header: { name }, impl: { case: "value", value } }),
    },
  };
}

/** Header and payload as chunks of full size; each is a buffer of its own. */
async function* filledChunks(
  header: Uint8Array,
  payload: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  // Most objects are much smaller than a chunk, and a buffer that is not needed costs as much as one that is.
  let chunk = new Uint8Array(FIRST_BYTES);
  let filled = 0;
  for await (const piece of withHeader(header, payload)) {
    for (let offset = 0; offset < piece.length; ) {
      const taken = Math.min(CHUNK_BYTES - filled, piece.length - offset);
      if (filled + taken > chunk.length) chunk = grown(chunk, filled + taken);
      chunk.set(piece.subarray(offset, offset + taken), filled);
      filled += taken;
      offset += taken;
      if (filled === CHUNK_BYTES) {
        yield chunk;
        chunk = new Uint8Array(CHUNK_BYTES);
        filled = 0;
      }
    }
  }
  if (filled > 0) yield chunk.subarray(0, filled);
}

function grown(chunk: Uint8Array<ArrayBuffer>, bytes: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.min(CHUNK_BYTES, Math.max(bytes, chunk.length * 4)));
  larger.set(chunk);
  return larger;
}

async function* withHeader(header: Uint8Array, payload: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield header;
  yield* payload;
}

/** Which object the store says it has. @throws `rpc.protocol` */
export function acknowledgement(answer: objectStore.ObjectResponse): { acknowledged: ContentHash; objectUuid: Uuid } {
  try {
    return { acknowledged: contentHashFromBytes(answer.hash), objectUuid: parseUuid(answer.uuid?.value ?? "") };
  } catch (cause) {
    throw new P8eError("rpc.protocol", "the store's answer names no object", { cause });
  }
}
