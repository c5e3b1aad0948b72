import type { FileDescription } from "@p8e/crypto";
import { safeFileName } from "../support/safe-file-name.ts";
import { shorten } from "../terminal/format.ts";
import type { Screen } from "../terminal/screen.ts";

/** Of an object that nobody who is known here has signed. */
export const UNKNOWN_SIGNER = "nobody here knows the signer; name the one you expect with --from";

/** `p8e get`: whose it is, and what it was called. */
export function showFetched(
  screen: Screen,
  {
    signer,
    signerTitle,
    file,
  }: {
    readonly signer: string;
    readonly signerTitle: string | undefined;
    readonly file: FileDescription | undefined;
  },
): void {
  screen.facts([
    ["signed by", signerTitle ?? `an unknown key, ${shorten(signer)}`],
    [
      "stored as",
      file === undefined ? undefined : [safeFileName(file.name), file.mediaType].filter(Boolean).join(", "),
    ],
  ]);
  if (signerTitle === undefined) screen.warn(UNKNOWN_SIGNER);
}
