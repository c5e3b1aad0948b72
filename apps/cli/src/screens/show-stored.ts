import type { Screen } from "../terminal/screen.ts";

/** `p8e put`: what was stored, and how it is read. */
export function showStored(
  screen: Screen,
  stored: {
    readonly hash: string;
    readonly store: string;
    readonly title: string;
    /** The command that reads it. */
    readonly readWith: string;
  },
): void {
  screen.facts([
    ["hash", stored.hash],
    ["store", `${stored.store} (${stored.title})`],
    ["read it with", stored.readWith],
  ]);
}
