import { P8eError } from "@p8e/core";
import type { KeyLocation, KeyScheme } from "./key-scheme.ts";

const TEXT_MAX = 4096;
/** At least two characters: a single one is a drive's letter, in a path that lacks its `file:`. */
const SCHEME = /^([a-z][a-z0-9-]{1,30}):(.*)$/s;

/** A reference that was read: how the key is held, and where. */
export interface ParsedKeyReference extends KeyLocation {
  readonly scheme: KeyScheme;
}

/**
 * Reads the text of a key reference, `SCHEME:…`. All that follows the first colon is the scheme's to read, other colons
 * included: `file:C:\keys\lender.json`.
 * @throws `configuration.invalid`, which names the schemes there are. The text is not in the error unless it begins like a
 * reference: it may be a key that somebody put in its place.
 */
export function parseKeyReference(text: string, schemes: readonly KeyScheme[]): ParsedKeyReference {
  const known = schemes.map(({ name }) => `${name}:`);
  const match = text.length <= TEXT_MAX ? SCHEME.exec(text) : null;
  if (match === null) {
    throw new P8eError("configuration.invalid", "a key is named by how it is held and where: SCHEME:WHERE", {
      facts: { known },
      hint: "For a key file write file:PATH.",
    });
  }
  const scheme = schemes.find(({ name }) => name === match[1]);
  if (scheme === undefined) {
    throw new P8eError("configuration.invalid", `keys cannot be held in "${match[1]}:"`, { facts: { known } });
  }
  if (match[2] === "") {
    throw new P8eError("configuration.invalid", `what follows "${match[1]}:" is missing`, { facts: { known } });
  }
  return { scheme, ...scheme.locate(match[2]!) };
}
