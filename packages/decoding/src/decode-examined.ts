import { create, type DescField, type DescMessage, type MessageShape, mergeFromBinary } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { Pacer } from "@p8e/core";

/** What is made at once, in fields; those are counted, too, that a message has and that are not there. */
const PIECE_FIELDS = 20_000;
/** No message within bytes has fewer. */
const MESSAGE_BYTES_MIN = 2;

/**
 * The message in bytes that were examined before, by `checkMessage` or on a thread. Other bytes may not come here. It is
 * made piece by piece, between which the event loop gets its turn, and is what the library would make of the whole.
 *
 * @throws P8eError `rpc.cancelled`
 */
export async function decodeExamined<Desc extends DescMessage>(
  schema: Desc,
  bytes: Uint8Array,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<MessageShape<Desc>> {
  const pieceBytes = Math.max(1, Math.floor((MESSAGE_BYTES_MIN * PIECE_FIELDS) / widthOf(schema)));
  return await decodeInPieces(schema, bytes, pieceBytes, signal);
}

/** As {@link decodeExamined}, some bytes at a time. */
export async function decodeInPieces<Desc extends DescMessage>(
  schema: Desc,
  bytes: Uint8Array,
  pieceBytes: number,
  signal?: AbortSignal,
): Promise<MessageShape<Desc>> {
  const message = create(schema);
  await new Making(pieceBytes, signal).fill(reflect(schema, message, false), bytes);
  return message;
}

/** The most fields that a message has of all that a type leads to. */
function widthOf(schema: DescMessage): number {
  const met = new Set([schema]);
  let width = 1;
  for (const { fields } of met) {
    width = Math.max(width, fields.length);
    for (const { message } of fields) if (message !== undefined) met.add(message);
  }
  return width;
}

/** Where a field stands in bytes, and where what is in it: behind its tag and length, before its end tag. */
interface Piece {
  readonly field: DescField | undefined;
  readonly from: number;
  readonly to: number;
  readonly start: number;
  readonly end: number;
}

class Making {
  readonly #pieceBytes: number;
  readonly #pacer: Pacer;

  constructor(pieceBytes: number, signal: AbortSignal | undefined) {
    this.#pieceBytes = pieceBytes;
    this.#pacer = new Pacer(signal);
  }

  /**
   * Protobuf reads bytes one behind the other as it reads them together, so short fields go to the library some at a time.
   * A message that is long is filled by itself.
   */
  async fill(target: ReflectMessage, bytes: Uint8Array): Promise<void> {
    let from = 0;
    const merge = async (to: number): Promise<void> => {
      if (to > from) mergeFromBinary(target.desc, target.message, bytes.subarray(from, to));
      from = to;
      await this.#pacer.rest();
    };
    if (bytes.length > this.#pieceBytes) {
      for (const { field, start, end, ...piece } of piecesOf(target.desc, bytes)) {
        const { to } = piece;
        if (field?.message !== undefined && to - piece.from > this.#pieceBytes) {
          await merge(piece.from);
          await this.#long(target, field, bytes.subarray(start, end));
          from = to;
        } else if (to - from >= this.#pieceBytes) await merge(to);
      }
    }
    await merge(bytes.length);
  }

  async #long(target: ReflectMessage, field: DescField, content: Uint8Array): Promise<void> {
    switch (field.fieldKind) {
      case "message": {
        const inner = target.isSet(field) ? target.get(field) : reflect(field.message, undefined, false);
        await this.fill(inner, content);
        target.set(field, inner);
        return;
      }
      case "list": {
        const inner = reflect(field.message!, undefined, false);
        await this.fill(inner, content);
        target.get(field).add(inner);
        return;
      }
      case "map": {
        const inner = reflect(field.message!, undefined, false);
        let key: Uint8Array = new Uint8Array();
        const reader = new BinaryReader(content);
        while (reader.pos < reader.len) {
          const from = reader.pos;
          const [number, wireType] = reader.tag();
          const start = reader.pos;
          reader.skip(wireType, number);
          if (number === MAP_VALUE)
            await this.fill(inner, new BinaryReader(content.subarray(start, reader.pos)).bytes());
          // Of many the last counts; there may be as many as there are bytes.
          else if (number === MAP_KEY) key = content.subarray(from, reader.pos);
          await this.#pacer.rest();
        }
        target.get(field).set(keyOf(target.desc, field, key), inner);
      }
    }
  }
}

const MAP_KEY = 1;
const MAP_VALUE = 2;

/** The library reads the key, from an entry that has nothing else, if it has that. */
function keyOf(desc: DescMessage, field: DescField & { fieldKind: "map" }, entry: Uint8Array) {
  const bytes = new BinaryWriter().tag(field.number, WireType.LengthDelimited).bytes(entry).finish();
  const alone = reflect(desc, mergeFromBinary(desc, create(desc), bytes), false);
  const [key] = alone.get(field).keys();
  return key!;
}

function* piecesOf({ fields }: DescMessage, bytes: Uint8Array): Generator<Piece, undefined, void> {
  const byNumber = new Map(fields.map((field) => [field.number, field]));
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const from = reader.pos;
    const [number, wireType] = reader.tag();
    let start = reader.pos;
    if (wireType === WireType.LengthDelimited) {
      const length = reader.uint32();
      start = reader.pos;
      reader.pos += length;
    } else if (wireType !== WireType.StartGroup) reader.skip(wireType, number);
    const end = wireType === WireType.StartGroup ? skipGroup(reader) : reader.pos;
    yield { field: byNumber.get(number), from, to: reader.pos, start, end };
  }
}

/** Where the group ends that began; behind that is its end tag. */
function skipGroup(reader: BinaryReader): number {
  for (;;) {
    const end = reader.pos;
    const [number, wireType] = reader.tag();
    if (wireType === WireType.EndGroup) return end;
    reader.skip(wireType, number);
  }
}
