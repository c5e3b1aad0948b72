import { P8eError } from "./errors.ts";

const utf8Encoder = new TextEncoder();
const utf8Decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A lone surrogate becomes U+FFFD. */
export function utf8Encode(text: string): Uint8Array {
  return utf8Encoder.encode(text);
}

/** Strict: refuses invalid UTF-8 with `bytes.invalid` and keeps a byte order mark. `what` names the field in the error. */
export function utf8Decode(bytes: Uint8Array, what = "text"): string {
  try {
    return utf8Decoder.decode(bytes);
  } catch (cause) {
    throw new P8eError("bytes.invalid", `${what} is not valid UTF-8`, { cause, facts: { field: what } });
  }
}

/** Lower case. */
export function hexEncode(bytes: Uint8Array): string {
  return view(bytes).toString("hex");
}

/** Either case; refuses odd lengths and other characters with `bytes.invalid`. */
export function hexDecode(text: string, what = "hex text"): Uint8Array {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) {
    throw new P8eError("bytes.invalid", `${what} is not hexadecimal`, { facts: { field: what } });
  }
  return own(Buffer.from(text, "hex"));
}

/** Standard alphabet, padded, no line breaks. */
export function base64Encode(bytes: Uint8Array): string {
  return view(bytes).toString("base64");
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/**
 * Standard alphabet only. Missing padding is accepted (JVM peers write and accept it); half padding, white space, the
 * URL alphabet and stray trailing bits are refused with `bytes.invalid`.
 */
export function base64Decode(text: string, what = "base64 text"): Uint8Array {
  const bare = text.replace(/=+$/, "");
  const padded = bare.padEnd(Math.ceil(bare.length / 4) * 4, "=");
  if (!BASE64.test(text) || (text !== bare && text !== padded)) throw notBase64(what);
  const bytes = Buffer.from(bare, "base64");
  if (bytes.toString("base64") !== padded) throw notBase64(what);
  return own(bytes);
}

function notBase64(what: string): P8eError {
  return new P8eError("bytes.invalid", `${what} is not standard base64`, { facts: { field: what } });
}

/** A new array; the parts are copied. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** Not constant time: for public values only. */
export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && view(left).equals(view(right));
}

/** Bytewise ascending, as PostgreSQL and the reference sort keys. */
export function compareBytes(left: Uint8Array, right: Uint8Array): number {
  return Buffer.compare(left, right);
}

function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A plain Uint8Array that does not share Buffer's pool. */
function own(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer);
}
