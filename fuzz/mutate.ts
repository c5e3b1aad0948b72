import { concatBytes, utf8Encode } from "@p8e/core";
import type { Door } from "./door.ts";
import type { Random } from "./random.ts";

const ODD_BYTES = [0, 1, 2, 8, 0x0a, 0x12, 0x22, 0x7b, 0x7f, 0x80, 0x81, 0xc0, 0xed, 0xfe, 0xff];
const ODD_TEXTS = [
  ...["{", "}", "[", "]", '"', ":", ",", "null", "true", "[]", "{}", '""', "-", "0", "1e999", "-0", "1e-1", "0x10"],
  ...["9007199254740993", "99999999999999999999", "\\u0000", "\\ud800", "\ufeff", "é", "__proto__", "constructor", " "],
];
const BIG_ONE_IN = 150;

/** An input made of others: a few changes to one of them. */
export function mutated(random: Random, corpus: readonly Uint8Array[], { bytesMax, words = [] }: Door): Uint8Array {
  let bytes = Uint8Array.from(random.pick(corpus));
  const texts = words.length === 0 ? [] : [...words, ...ODD_TEXTS].map((word) => utf8Encode(word));
  for (let changes = 1 + random.size(6); changes > 0; changes--) {
    bytes = Uint8Array.from(changed(random, bytes, random.pick(corpus), texts));
  }
  if (random.oneIn(BIG_ONE_IN)) bytes = Uint8Array.from(blownUp(random, bytes, bytesMax));
  return bytes.subarray(0, bytesMax);
}

function changed(random: Random, bytes: Uint8Array, other: Uint8Array, texts: readonly Uint8Array[]): Uint8Array {
  const [from, to] = [random.below(bytes.length + 1), random.below(bytes.length + 1)].sort((a, b) => a - b) as [
    number,
    number,
  ];
  const at = from;
  const end = Math.min(to, from + random.size(64));
  const put = (...parts: readonly Uint8Array[]) => concatBytes(bytes.subarray(0, at), ...parts);
  switch (random.below(texts.length > 0 ? 11 : 9)) {
    case 0:
      return put(Uint8Array.of((bytes[at] ?? 0) ^ (1 << random.below(8))), bytes.subarray(at + 1));
    case 1:
      return put(Uint8Array.of(random.pick(ODD_BYTES)), bytes.subarray(at + 1));
    case 2:
      return put(random.bytes(1 + random.size(16)), bytes.subarray(at));
    case 3:
      return put(bytes.subarray(end));
    case 4:
      return put(bytes.subarray(at, end), bytes.subarray(at));
    case 5: {
      const start = random.below(other.length + 1);
      return put(other.subarray(start, start + random.size(256)), bytes.subarray(at));
    }
    case 6:
      return put(other.subarray(Math.min(at, other.length)));
    case 7:
      return put(Uint8Array.of(((bytes[at] ?? 0) + random.pick([1, 255, 16, 128])) & 255), bytes.subarray(at + 1));
    case 8:
      return bytes.subarray(0, at);
    case 9:
      return put(random.pick(texts), bytes.subarray(at));
    default:
      return put(random.pick(texts), bytes.subarray(end));
  }
}

/** A piece of it again and again. */
function blownUp(random: Random, bytes: Uint8Array, bytesMax: number): Uint8Array {
  const start = random.below(bytes.length + 1);
  const piece = bytes.subarray(start, start + 1 + random.size(32));
  if (piece.length === 0) return bytes;
  const times = Math.floor((1 + random.below(bytesMax)) / piece.length);
  const middle = new Uint8Array(piece.length * times);
  for (let index = 0; index < times; index++) middle.set(piece, index * piece.length);
  return concatBytes(bytes.subarray(0, start), middle, bytes.subarray(start));
}
