import { createHash } from "node:crypto";

/** The name of an input's file. */
export function inputName(input: Uint8Array): string {
  return createHash("sha256").update(input).digest("hex").slice(0, 16);
}
