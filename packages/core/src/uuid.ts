import type { Brand } from "./brand.ts";
import { hexDecode, hexEncode } from "./bytes.ts";
import { P8eError } from "./errors.ts";

/** Lower-case, hyphenated, 36 characters. Any version and variant: contract specifications have neither. */
export type Uuid = Brand<string, "Uuid">;

const HYPHENATED = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * Accepts what the chain accepts (36 characters, 32 hex digits, `urn:uuid:` prefix, braces) in either case.
 * @throws `uuid.invalid`
 */
export function parseUuid(text: string): Uuid {
  let plain = text.toLowerCase();
  if (plain.startsWith("urn:uuid:")) plain = plain.slice(9);
  else if (plain.startsWith("{") && plain.endsWith("}")) plain = plain.slice(1, -1);
  else if (/^[0-9a-f]{32}$/.test(plain)) plain = hyphenate(plain);
  if (!HYPHENATED.test(plain)) {
    throw new P8eError("uuid.invalid", "not a UUID: expected 8-4-4-4-12 hexadecimal digits", {
      facts: { given: text.slice(0, 64) },
    });
  }
  return plain as Uuid;
}

/** Whether a text is a UUID in its one canonical form. */
export function isUuid(text: string): text is Uuid {
  return HYPHENATED.test(text);
}

/** 16 bytes in text order (not the JVM's two swapped halves). */
export function uuidToBytes(uuid: Uuid): Uint8Array {
  return hexDecode(uuid.replaceAll("-", ""));
}

/** @throws `uuid.invalid` unless there are 16 bytes */
export function uuidFromBytes(bytes: Uint8Array): Uuid {
  if (bytes.length !== 16) {
    throw new P8eError("uuid.invalid", `a UUID has 16 bytes, not ${bytes.length}`, { facts: { length: bytes.length } });
  }
  return hyphenate(hexEncode(bytes)) as Uuid;
}

/** Where random identifiers come from; tests pass a seeded one. */
export type RandomBytes = (length: number) => Uint8Array;

/** Version 4. */
export function randomUuid(random: RandomBytes): Uuid {
  const bytes = new Uint8Array(random(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return uuidFromBytes(bytes);
}

function hyphenate(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
