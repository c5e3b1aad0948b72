import { readSecretFile } from "../files/secret-file.ts";
import { PASSPHRASE_BYTES_MAX, type PassphraseSource, passphraseFromBytes } from "./passphrase-source.ts";

/** A passphrase kept in a file, its first line: as private as a key file, and refused like one. */
export function passphraseFromFile(path: string): PassphraseSource {
  const source = async ({ signal }: { readonly signal?: AbortSignal | undefined }) =>
    passphraseFromBytes(await readSecretFile(path, { sizeMax: PASSPHRASE_BYTES_MAX + 2, signal }));
  return Object.assign(source, { from: path });
}
