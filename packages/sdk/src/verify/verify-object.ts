import type { ContentHash } from "@p8e/core";
import type { PublicKey } from "@p8e/crypto";
import type { CallOptions } from "@p8e/object-client";
import { type Finding, find, type Outcome } from "./outcome.ts";
import type { Verifier } from "./verify-scope.ts";

/** What verifying a single object found. */
export interface VerifiedObject {
  readonly hash: ContentHash;
  readonly outcome: Outcome;
  /** Whether the outcome is `holds`. */
  readonly ok: boolean;
  readonly findings: readonly [Finding];
  /** Of an object that holds. */
  readonly plaintextBytes?: number;
  readonly signer?: PublicKey;
}

/**
 * Whether the reader's own store shows an object whose content has this hash, decrypts, and carries its signer's signature.
 * @throws when the store cannot be asked, as {@link find}
 */
export async function verifyObject(
  { store, key }: Pick<Verifier, "store" | "key">,
  hash: ContentHash,
  options: Pick<CallOptions, "signal" | "onProgress"> = {},
): Promise<VerifiedObject> {
  let found: { readonly plaintextBytes: number; readonly signer: PublicKey } | undefined;
  const finding = await find(`object ${hash}`, async () => {
    await using object = await store.get(hash, { key, ...options });
    found = { plaintextBytes: object.plaintextBytes, signer: object.signer };
    return "decrypts, has this hash, and its signature is right";
  });
  const { outcome } = finding;
  return { hash, outcome, ok: outcome === "holds", findings: [finding], ...found };
}
