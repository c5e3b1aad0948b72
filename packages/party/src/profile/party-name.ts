import { type Brand, P8eError } from "@p8e/core";

/** What a party is called in profiles, options and file names. */
export type PartyName = Brand<string, "PartyName">;

const NAME = /^[a-z][a-z0-9-]{0,30}$/;
/** Windows takes these for devices, whatever follows a dot: names become files. */
const DEVICE = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])$/;
// Characters that move the cursor or turn the direction of writing, and line ends.
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
const TITLE_LENGTH_MAX = 100;

/** @throws `name.invalid` */
export function parsePartyName(text: string): PartyName {
  if (!NAME.test(text) || DEVICE.test(text)) {
    throw new P8eError("name.invalid", "not a name for a party", {
      facts: { given: text.slice(0, 60) },
      hint: "A lower-case letter, then up to 30 letters, digits and hyphens; no name of a Windows device.",
    });
  }
  return text as PartyName;
}

/** Whether a text can be shown as a party's title: free text in one line, at most 100 characters. */
export function isPartyTitle(text: string): boolean {
  return text.trim() !== "" && text.length <= TITLE_LENGTH_MAX && !CONTROL.test(text);
}
