import { createHash } from "node:crypto";
import { type ContentHash, digestToContentHash, type HashForm, SHA256_FORM } from "@p8e/core";
import { pieces } from "./byte-source.ts";

/** What a source's content is known by, read once. @throws `rpc.cancelled`, and what the source throws */
export async function hashSource(
  source: AsyncIterable<Uint8Array> | Uint8Array,
  options: { readonly hashForm?: HashForm | undefined; readonly signal?: AbortSignal | undefined } = {},
): Promise<ContentHash> {
  const { hashForm = SHA256_FORM, signal } = options;
  const digest = createHash(hashForm.algorithm);
  for await (const piece of pieces(source, signal)) digest.update(piece);
  return digestToContentHash(digest.digest(), hashForm);
}
