import type { KeyReference } from "@p8e/crypto";
import { type ParsedKeyReference, parseKeyReference } from "./key-reference-text.ts";
import type { KeyContext, KeyScheme, KeyUse } from "./key-scheme.ts";
import { environmentScheme } from "./schemes/environment-scheme.ts";
import { fileScheme } from "./schemes/file-scheme.ts";
import { mnemonicFileScheme } from "./schemes/mnemonic-file-scheme.ts";

/** The ways of holding keys that p8e knows by itself. */
export const keySchemes: readonly KeyScheme[] = [fileScheme, mnemonicFileScheme, environmentScheme];

/** The texts that name a party's two keys; they may be the same. */
export type PartyKeyReferences = Readonly<Record<KeyUse, string>>;

/** A party's keys, usable until this is disposed of. */
export interface OpenPartyKeys extends AsyncDisposable {
  readonly signing: KeyReference;
  readonly encryption: KeyReference;
}

/** What opening keys needs; `schemes` are {@link keySchemes} unless others are named. */
export interface OpenKeysOptions extends KeyContext {
  readonly schemes?: readonly KeyScheme[];
}

/**
 * Opens both keys of a party. What both references name is opened once: one reading, one passphrase, one scrypt.
 *
 * @example
 * await using keys = await openPartyKeys({ signing: "file:keys.json", encryption: "file:keys.json" }, context);
 *
 * @throws `configuration.invalid` for a text that is no reference, before anything is opened; otherwise as
 * {@link KeyScheme.open}
 */
export async function openPartyKeys(
  references: PartyKeyReferences,
  { schemes = keySchemes, ...context }: OpenKeysOptions,
): Promise<OpenPartyKeys> {
  const signing = parseKeyReference(references.signing, schemes);
  const encryption = parseKeyReference(references.encryption, schemes);
  await using stack = new AsyncDisposableStack();
  const open = async (parsed: ParsedKeyReference, uses: readonly (readonly [KeyUse, ParsedKeyReference])[]) => {
    const wanted = uses.map(([use, { path }]) => (path === undefined ? { use } : { use, path }));
    return stack.use(await parsed.scheme.open(parsed.source, wanted, context)).keys;
  };
  const together = signing.scheme === encryption.scheme && signing.source === encryption.source;
  // One after the other: a person is asked for one passphrase at a time.
  const [first, second] = together
    ? await open(signing, [
        ["signing", signing],
        ["encryption", encryption],
      ])
    : [...(await open(signing, [["signing", signing]])), ...(await open(encryption, [["encryption", encryption]]))];
  const owned = stack.move();
  return { signing: first!, encryption: second!, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
