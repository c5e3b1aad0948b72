import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import process from "node:process";
import { encryptionPathBeside, type Network, P8eError } from "@p8e/core";
import { accountAddress, type PartyPrivateKeys, systemRandom } from "@p8e/crypto";
import { createKeyFile, type KeyMaterial, type KeyUse, keysOf, permissionsAreChecked } from "@p8e/keys";
import type { CommandContext } from "../command-context.ts";
import type { Screen } from "../terminal/screen.ts";

/** How new keys are derived and kept: the options that `key new` and `key import` share. */
export interface NewKeyOptions {
  readonly path?: string;
  readonly encryptionPath?: string;
  readonly oneKey: boolean;
  readonly plain: boolean;
  readonly words: boolean;
}

/** Public facts of a new key file. */
export interface NewKeyFile {
  readonly file: string;
  /** What names the keys in a profile. */
  readonly reference: Readonly<Record<KeyUse, string>>;
  readonly encrypted: boolean;
  readonly signingKey: string;
  readonly encryptionKey: string;
  readonly address: string;
  readonly encryptionAddress: string;
  /** Absent for keys that were not derived from words. */
  readonly paths?: Readonly<Record<KeyUse, string>>;
}

/** The paths that the options say, the network's where they do not. @throws `input.invalid`, `key.invalid` */
export function keyPaths(network: Network, options: NewKeyOptions): Readonly<Record<KeyUse, string>> {
  const signing = options.path ?? network.derivationPath;
  if (options.oneKey && options.encryptionPath !== undefined) {
    throw new P8eError("input.invalid", "with --one-key there is no --encryption-path");
  }
  return { signing, encryption: options.oneKey ? signing : (options.encryptionPath ?? encryptionPathBeside(signing)) };
}

/**
 * Writes the file, and its folder where that is missing, and says what is in it.
 * @throws `input.invalid` for options that do not fit the material, and as `createKeyFile`
 */
export async function writeNewKeys(
  { screen, signal, passphrase }: CommandContext,
  file: string,
  material: KeyMaterial,
  network: Network,
  options: NewKeyOptions,
): Promise<NewKeyFile> {
  const paths = keyPaths(network, options);
  refuseWhatDoesNotFit(material, options);
  const path = resolve(file);
  requireNoKeyFile(path);
  const keys = keysOf(material, paths);
  using _signing = keys.signing;
  using _encryption = keys.encryption;
  const kept: KeyMaterial = options.words ? material : { kind: "keys", keys };
  // Before a folder is made: who has no passphrase to give leaves nothing behind.
  const given = options.plain ? undefined : await passphrase({ purpose: "create", what: path, signal });
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const protection =
    given === undefined
      ? ({ kind: "plain" } as const)
      : ({ kind: "passphrase", passphrase: async () => given, random: systemRandom } as const);
  await createKeyFile(path, kept, protection, { signal });
  const made: NewKeyFile = {
    file: path,
    reference: referencesTo(path, options.words ? paths : undefined),
    encrypted: !options.plain,
    ...publicParts(keys, network),
    ...(material.kind === "words" ? { paths } : {}),
  };
  showNewKeys(screen, made);
  return made;
}

/** Before anybody thinks of a passphrase; writing the file makes sure. @throws `key.exists` */
export function requireNoKeyFile(path: string): void {
  if (!existsSync(path)) return;
  throw new P8eError("key.exists", `${path} exists already; p8e never overwrites a key`, { facts: { path } });
}

/** Shows new words this once: to a person at a terminal, elsewhere only when asked to; never as JSON. */
export function showWords(screen: Screen, words: string, asked: boolean): void {
  if (screen.json || !(asked || process.stdout.isTTY === true)) {
    screen.warn("The words were not shown, and are gone: the file is the only copy of the keys. Keep a copy of it.");
    return;
  }
  screen.say("");
  screen.say("These words lead to the same keys. They are shown this once: write them down, and show them to nobody.");
  screen.say("");
  screen.say(`  ${words}`);
}

function publicParts(keys: PartyPrivateKeys, network: Network) {
  const signing = keys.signing.publicKey();
  const encryption = keys.encryption.publicKey();
  return {
    signingKey: signing.base64,
    encryptionKey: encryption.base64,
    address: accountAddress(signing, network.accountPrefix),
    encryptionAddress: accountAddress(encryption, network.accountPrefix),
  };
}

function refuseWhatDoesNotFit(material: KeyMaterial, options: NewKeyOptions): void {
  if (material.kind === "words") return;
  if (options.path !== undefined || options.encryptionPath !== undefined) {
    throw new P8eError("input.invalid", "these are keys, not words: they are not derived by a path");
  }
  if (options.words) throw new P8eError("input.invalid", "these are keys: there are no words to keep");
  const { signing, encryption } = material.keys;
  const one = signing.publicKey().equals(encryption.publicKey());
  if (options.oneKey && !one) throw new P8eError("input.invalid", "these are two keys; --one-key takes one");
}

function referencesTo(path: string, paths: Readonly<Record<KeyUse, string>> | undefined) {
  if (paths === undefined) return { signing: `file:${path}`, encryption: `file:${path}` };
  return {
    signing: `mnemonic-file:${path}?path=${paths.signing}`,
    encryption: `mnemonic-file:${path}?path=${paths.encryption}`,
  };
}

function showNewKeys(screen: Screen, made: NewKeyFile): void {
  const protection = made.encrypted ? "under its passphrase" : "NOT encrypted: only the file's permissions protect it";
  screen.say(`${screen.style("green", "✔")} ${made.file}, ${protection}`);
  const one = made.signingKey === made.encryptionKey;
  screen.facts([
    [one ? "key" : "signing key", made.signingKey],
    ["encryption key", one ? undefined : made.encryptionKey],
    ["address", made.address],
    ["address of the encryption key", one ? undefined : made.encryptionAddress],
    ["signing path", made.paths?.signing],
    ["encryption path", one ? undefined : made.paths?.encryption],
    ["named in a profile as", made.reference.signing],
    [
      "and for reading as",
      made.reference.encryption === made.reference.signing ? undefined : made.reference.encryption,
    ],
  ]);
  if (!permissionsAreChecked()) {
    screen.warn("On Windows p8e neither sets nor checks who can read the file: the folder's permissions do.");
  }
}
