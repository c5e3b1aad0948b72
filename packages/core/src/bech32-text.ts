import { bech32 } from "@scure/base";

/** The longest address here, a record specification's, has 67 characters; the limit leaves room and stays a bound. */
const LENGTH_MAX = 120;

/** BIP-173 (not bech32m). */
export function bech32Encode(prefix: string, bytes: Uint8Array): string {
  return bech32.encode(prefix, bech32.toWords(bytes), LENGTH_MAX);
}

/** Accepts all-lower and all-upper case; undefined when the text is not bech32. */
export function bech32Decode(text: string): { readonly prefix: string; readonly bytes: Uint8Array } | undefined {
  if (text.length > LENGTH_MAX) return undefined;
  try {
    const { prefix, words } = bech32.decode(text as `${string}1${string}`, LENGTH_MAX);
    return { prefix, bytes: bech32.fromWords(words) };
  } catch {
    return undefined;
  }
}
