import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import * as objectStore from "@p8e/proto/object-store";
import { type Codec, messageCodec } from "@p8e/rpc";

/** A message of an object stream to be sent: any ChunkBidi, or data given as it is, with the first chunk's header. */
export type OutgoingChunk =
  | { readonly data: Uint8Array; readonly header?: { readonly name: string; readonly contentLength: bigint } }
  | { readonly message: MessageInitShape<typeof objectStore.ChunkBidiSchema> };

const { ChunkBidiSchema, StreamHeaderSchema } = objectStore;
const decoder = messageCodec(ChunkBidiSchema);

/**
 * ChunkBidi with data written by hand: its few bytes of framing in one part, the data in another, uncopied. The generic
 * encoder copies the data twice, which is most of the cost of a large get.
 */
export const chunkCodec: Codec<objectStore.ChunkBidi, OutgoingChunk> = {
  decode: (bytes) => decoder.decode(bytes),
  encode(chunk) {
    if ("message" in chunk) return toBinary(ChunkBidiSchema, create(ChunkBidiSchema, chunk.message));
    const header = chunk.header
      ? toBinary(StreamHeaderSchema, create(StreamHeaderSchema, chunk.header))
      : new Uint8Array(0);
    const headerField = chunk.header ? [tag(1), ...varint(header.length), ...header] : [];
    const dataPrefix = [tag(2), ...varint(chunk.data.length)];
    const chunkLength = headerField.length + dataPrefix.length + chunk.data.length;
    return [Uint8Array.from([tag(2), ...varint(chunkLength), ...headerField, ...dataPrefix]), chunk.data];
  },
};

/** A field with length-delimited contents. */
function tag(field: number): number {
  return (field << 3) | 2;
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  bytes.push(rest);
  return bytes;
}
