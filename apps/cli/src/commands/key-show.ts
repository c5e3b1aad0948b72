import { resolve } from "node:path";
import { encryptionPathBeside, type Network } from "@p8e/core";
import type { PublicKey } from "@p8e/crypto";
import { type CommandDefinition, group } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { showKeys } from "../screens/show-keys.ts";

interface Options {
  readonly network?: string;
  readonly as?: string;
  readonly check: boolean;
}

/** What is public of a party's keys, and whether the keys themselves were opened to tell it. */
interface PublicParts {
  readonly signing: PublicKey;
  readonly encryption: PublicKey;
  readonly opened: boolean;
}

/** `p8e key show`. */
export const keyShow: CommandDefinition = {
  register(program, action) {
    group(program, "key")
      .command("show [reference]")
      .description("the public parts of keys: file:PATH, mnemonic-file:PATH?path=…, env:NAME; the profile's otherwise")
      .option("--network <network>", "whose addresses: local, testnet, mainnet or a file; the profile's otherwise")
      .option("--as <party>", "whose keys, without a reference; one's own by one's own profile")
      .option("--check", "open the keys too, instead of taking the word of profile or file", false)
      .action(action(run));
  },
};

async function run(context: CommandContext, reference: string | undefined, options: Options): Promise<void> {
  const [{ permissionsAreChecked }, { accountAddress }, { keyNetwork }] = await Promise.all([
    import("@p8e/keys"),
    import("@p8e/crypto"),
    import("../support/key-options.ts"),
  ]);
  const { screen } = context;
  const located = reference === undefined ? await context.profile(options.as, "--as") : undefined;
  const network = located?.profile.network ?? (await keyNetwork(context, options.network));
  const parts =
    reference === undefined
      ? await ofProfile(context, options)
      : await ofReference(context, reference, network, options);
  const { signing, encryption, opened } = parts;
  const result = {
    ...(reference === undefined ? {} : { reference }),
    signingKey: signing.base64,
    encryptionKey: encryption.base64,
    address: accountAddress(signing, network.accountPrefix),
    encryptionAddress: accountAddress(encryption, network.accountPrefix),
    signingKeyHex: signing.protoHex,
    encryptionKeyHex: encryption.protoHex,
    opened,
  };
  showKeys(screen, result);
  if (!permissionsAreChecked()) screen.warn("On Windows p8e does not check who can read a key file.");
  screen.result(result);
}

async function ofProfile(context: CommandContext, { as, check }: Options): Promise<PublicParts> {
  const { publicKeyFromBase64 } = await import("@p8e/crypto");
  await using party = await context.openParty(as, "--as");
  if (check) await party.keys();
  const { signingKey, encryptionKey } = party.self;
  return { signing: publicKeyFromBase64(signingKey), encryption: publicKeyFromBase64(encryptionKey), opened: check };
}

async function ofReference(
  { signal, passphrase, variables }: CommandContext,
  reference: string,
  network: Network,
  { check }: Options,
): Promise<PublicParts> {
  const keys = await import("@p8e/keys");
  const { scheme, source } = keys.parseKeyReference(reference, keys.keySchemes);
  if (scheme.name === "file" && !check) {
    const bytes = await keys.readSecretFile(resolve(source), { sizeMax: keys.KEY_FILE_BYTES_MAX, signal });
    try {
      return { ...keys.readPublicKeys(bytes), opened: keys.keyFileForm(bytes) !== "encrypted" };
    } finally {
      bytes.fill(0);
    }
  }
  const paths = { signing: network.derivationPath, encryption: encryptionPathBeside(network.derivationPath) };
  const surroundings = { folder: process.cwd(), variables, passphrase, paths, signal };
  await using open = await keys.openPartyKeys({ signing: reference, encryption: reference }, surroundings);
  return { signing: open.signing.publicKey, encryption: open.encryption.publicKey, opened: true };
}
