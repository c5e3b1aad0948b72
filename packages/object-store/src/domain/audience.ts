import { base64Encode, compareBytes, utf8Encode } from "@p8e/core";

/** A key as the database and the key cache know it: base64 text of the uncompressed point, compared as text. */
export type KeyText = string;

/** From the raw bytes that requests carry. */
export function keyText(raw: Uint8Array): KeyText {
  return base64Encode(raw);
}

/**
 * What makes two uploads the same object: the hash and everybody who can read it. Keys are sorted by their bytes, as
 * every store must, or a replica would not recognise its original.
 */
export function uniqueHash(hash: string, audience: readonly KeyText[]): string {
  const sorted = [...audience].map((key) => ({ key, bytes: utf8Encode(key) }));
  sorted.sort((left, right) => compareBytes(left.bytes, right.bytes));
  return [hash, ...sorted.map(({ key }) => key)].join(";");
}

/** What is known of a key: we serve it, another store does, or nobody has said. */
export type KeyState = "local" | "remote" | "unknown";

/** What a key's registration says; undefined when there is none. */
export function keyStateOf(registration: { readonly url: string } | undefined): KeyState {
  if (registration === undefined) return "unknown";
  return registration.url === "" ? "local" : "remote";
}

/** Whom a new object has to be sent to: every reader but its owner whose key is not served here. */
export function keysToReplicate(
  audience: readonly KeyText[],
  owner: KeyText | undefined,
  stateOf: (key: KeyText) => KeyState,
): readonly KeyText[] {
  return audience.filter((key) => key !== owner && stateOf(key) !== "local");
}
