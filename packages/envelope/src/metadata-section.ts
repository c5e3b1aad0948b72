import { P8eError, utf8Decode, utf8Encode } from "@p8e/core";
import { malformed } from "./malformed.ts";

/** Header metadata in the order of its bytes. Untrusted: nothing signs it, and a store can change it. */
export type ContainerMetadata = ReadonlyMap<string, string>;

/** Where a client writes its signing key's PEM text. */
export const SIGNATURE_PUBLIC_KEY = "SIGNATURE_PUBLIC_KEY";
/** Present on mail, whatever its value. */
export const MAIL_TYPE = "P8EAPI::TYPE";
/** Where a client of ours keeps what a file was called, sealed for the object's readers. */
export const FILE_ENTRY = "P8E::FILE";

const MAIL_TYPES = ["FRAGMENT_REQUEST", "FRAGMENT_RESPONSE", "ERROR_RESPONSE"] as const;

/** The types of mail that are defined. */
export type MailType = (typeof MAIL_TYPES)[number];

/** Mail is what carries a mail type, known or not. */
export function isMail(metadata: ContainerMetadata): boolean {
  return metadata.has(MAIL_TYPE);
}

/** The mail's type, undefined when the object is no mail or mail of a type nobody has defined. */
export function mailTypeOf(metadata: ContainerMetadata): MailType | undefined {
  const type = metadata.get(MAIL_TYPE);
  return MAIL_TYPES.find((known) => known === type);
}

/**
 * As strict as the reference store: UTF-8, one JSON object, every value a string. Of duplicate keys the last wins.
 * @throws `envelope.malformed`, problem `metadata`
 */
export function decodeMetadata(section: Uint8Array): ContainerMetadata {
  let value: unknown;
  try {
    value = JSON.parse(utf8Decode(section, "metadata"));
  } catch (cause) {
    throw malformed("metadata", { cause });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw malformed("metadata");
  const metadata = new Map<string, string>();
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== "string" || !text.isWellFormed() || !key.isWellFormed()) throw malformed("metadata");
    metadata.set(key, text);
  }
  return metadata;
}

/**
 * The bytes that the JVM's JSON writer gives: compact, in the order given, non-ASCII text and slashes raw, but control
 * characters and both halves of a surrogate pair as upper-case escapes.
 * @throws `input.invalid` for text that is no Unicode (a lone surrogate), which has no UTF-8 form
 */
export function encodeMetadata(entries: Iterable<readonly [string, string]>): Uint8Array {
  const members: string[] = [];
  for (const [key, value] of new Map(entries)) members.push(`${jsonText(key)}:${jsonText(value)}`);
  return utf8Encode(`{${members.join(",")}}`);
}

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\f": "\\f",
  "\r": "\\r",
};

function jsonText(text: string): string {
  if (!text.isWellFormed()) throw new P8eError("input.invalid", "metadata is not Unicode text");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters JSON must escape
  const escaped = text.replace(/["\\\u0000-\u001f\ud800-\udfff]/g, (character) => {
    const code = character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
    return SHORT_ESCAPES[character] ?? `\\u${code}`;
  });
  return `"${escaped}"`;
}
