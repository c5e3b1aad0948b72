import { utf8Encode } from "./bytes.ts";
import { sha256 } from "./content-hash.ts";
import { P8eError } from "./errors.ts";

/**
 * The chain hashes names in Go: trim by Unicode White_Space, lower-case by simple (one-to-one) case mapping. The JVM
 * and JavaScript trim other characters and use full case mapping, so the three can disagree on exotic names.
 */
const GO_SPACE = "\\u0009-\\u000d\\u0020\\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const GO_TRIM = new RegExp(`^[${GO_SPACE}]+|[${GO_SPACE}]+$`, "g");
const KOTLIN_SPACE = "\\u0009-\\u000d\\u001c-\\u0020\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const KOTLIN_TRIM = new RegExp(`^[${KOTLIN_SPACE}]+|[${KOTLIN_SPACE}]+$`, "g");

/**
 * What may have a lower-case form in a name: letters that Unicode 13 knew, which is what a JVM of release 17 knows. Go
 * and this runtime know later editions, each its own, and would hash a name with a newer capital letter differently.
 */
const CASED_EVERYWHERE =
  /[A-\u1c88\u1c8a-\u2c2e\u2c30-\ua7bf\ua7c2\ua7c4-\ua7c7\ua7c9\ua7f5\uff21-\uff3a\u{10400}-\u{10427}\u{104b0}-\u{104d3}\u{10c80}-\u{10cb2}\u{118a0}-\u{118bf}\u{16e40}-\u{16e5f}\u{1e900}-\u{1e921}]/u;

/** Simple lower-casing: code point by code point, so no final-sigma rule; only U+0130 maps to two code points. */
function goLowerCase(text: string): string {
  let lower = "";
  for (const character of text) lower += character === "\u0130" ? "i" : character.toLowerCase();
  return lower;
}

/**
 * First 16 bytes of SHA-256 of the trimmed, lower-cased UTF-8 name, by Go's rules (x/metadata/types/address.go).
 * For reading what the chain made; to choose names, use {@link nameHash}.
 * @throws `name.invalid` when the name is blank
 */
export function goNameHash(name: string): Uint8Array {
  const normal = goLowerCase(name.replace(GO_TRIM, ""));
  if (normal === "") throw new P8eError("name.invalid", "a record name must not be blank");
  return sha256(utf8Encode(normal)).subarray(0, 16);
}

/**
 * As {@link goNameHash}, but refuses a name on which Go, the JVM and JavaScript disagree, so that every party derives
 * the same address from it.
 * @throws `name.invalid`
 */
export function nameHash(name: string): Uint8Array {
  const go = goLowerCase(name.replace(GO_TRIM, ""));
  const kotlin = name.replace(KOTLIN_TRIM, "").toLowerCase();
  const script = name.trim().toLowerCase();
  if (go !== kotlin || go !== script || hasRecentCapital(name)) {
    throw new P8eError("name.invalid", "this name has different addresses on the chain, the JVM and here", {
      facts: { name: name.slice(0, 200) },
      hint: "Use letters, digits, dots, hyphens and underscores.",
    });
  }
  return goNameHash(name);
}

function hasRecentCapital(name: string): boolean {
  for (const character of name) {
    if (character.toLowerCase() !== character && !CASED_EVERYWHERE.test(character)) return true;
  }
  return false;
}
