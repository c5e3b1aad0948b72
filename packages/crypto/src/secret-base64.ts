import { invariant } from "@p8e/core";

/*
 * Base64 of secrets, from buffer to buffer: text would stay in memory for as long as the collector likes, and tables
 * indexed by secret bytes show in the cache. Standard alphabet, padded.
 */

/** Writes the base64 of `bytes` into `text`, which has the exact length. */
export function encodeSecretBase64(bytes: Uint8Array, text: Uint8Array): void {
  invariant(text.length === Math.ceil(bytes.length / 3) * 4, "the text buffer has the wrong length");
  for (let from = 0, to = 0; from < bytes.length; from += 3, to += 4) {
    const [a, b, c] = [bytes[from]!, bytes[from + 1] ?? 0, bytes[from + 2] ?? 0];
    text[to] = character(a >> 2);
    text[to + 1] = character(((a & 3) << 4) | (b >> 4));
    text[to + 2] = from + 1 < bytes.length ? character(((b & 15) << 2) | (c >> 6)) : 0x3d;
    text[to + 3] = from + 2 < bytes.length ? character(c & 63) : 0x3d;
  }
}

/**
 * Reads base64 into `bytes`. False, with `bytes` in an undefined state, unless `text` is the base64 of exactly that many
 * bytes: canonical, though its padding may be missing.
 */
export function decodeSecretBase64(text: Uint8Array, bytes: Uint8Array): boolean {
  const digits = Math.ceil((bytes.length * 8) / 6);
  const padded = Math.ceil(bytes.length / 3) * 4;
  if (text.length !== digits && text.length !== padded) return false;
  for (let index = digits; index < text.length; index++) if (text[index] !== 0x3d) return false;
  let [bits, held, to, faults] = [0, 0, 0, 0];
  for (let from = 0; from < digits; from++) {
    const value = sextet(text[from]!);
    faults |= value >> 8;
    bits = ((bits << 6) | (value & 63)) & 0xfff;
    held += 6;
    if (held >= 8) {
      held -= 8;
      bytes[to++] = (bits >> held) & 0xff;
    }
  }
  return faults === 0 && (bits & ((1 << held) - 1)) === 0;
}

/** The character of a value from 0 to 63: each line moves on from one run of the alphabet to the next. */
function character(value: number): number {
  let code = 65 + value;
  code += ((25 - value) >> 8) & 6;
  code -= ((51 - value) >> 8) & 75;
  code -= ((61 - value) >> 8) & 15;
  code += ((62 - value) >> 8) & 3;
  return code;
}

/** The value of a character, or -1: each line contributes if the character lies in one run of the alphabet. */
function sextet(code: number): number {
  let value = -1;
  value += (((0x40 - code) & (code - 0x5b)) >> 8) & (code - 64);
  value += (((0x60 - code) & (code - 0x7b)) >> 8) & (code - 70);
  value += (((0x2f - code) & (code - 0x3a)) >> 8) & (code + 5);
  value += (((0x2a - code) & (code - 0x2c)) >> 8) & 63;
  value += (((0x2e - code) & (code - 0x30)) >> 8) & 64;
  return value;
}
