import { resolve } from "node:path";
import process from "node:process";
import { type CommandDefinition, group } from "../command.ts";
import type { CommandContext } from "../command-context.ts";

interface Options {
  readonly network: string;
  readonly check: boolean;
}

/** `p8e key show`. */
export const keyShow: CommandDefinition = {
  register(program, action) {
    group(program, "key")
      .command("show <reference>")
      .description("the public parts of a party's keys: file:PATH, mnemonic-file:PATH?path=…, env:NAME")
      .option("--network <network>", "whose addresses: local, testnet, mainnet", "local")
      .option("--check", "open a file under a passphrase too, instead of taking its word", false)
      .action(action(run));
  },
};

async function run(context: CommandContext, reference: string, options: Options): Promise<void> {
  const [keys, { accountAddress }, { requireNetwork }, core] = await Promise.all([
    import("@p8e/keys"),
    import("@p8e/crypto"),
    import("../support/key-options.ts"),
    import("@p8e/core"),
  ]);
  const { screen, signal, passphrase } = context;
  const network = requireNetwork(options.network);
  const { scheme, source } = keys.parseKeyReference(reference, keys.keySchemes);
  const shown = await (async () => {
    if (scheme.name === "file" && !options.check) {
      const bytes = await keys.readSecretFile(resolve(source), { sizeMax: keys.KEY_FILE_BYTES_MAX, signal });
      try {
        const opened = keys.keyFileForm(bytes) !== "encrypted";
        return { ...keys.readPublicKeys(bytes), opened };
      } finally {
        bytes.fill(0);
      }
    }
    const paths = { signing: network.derivationPath, encryption: core.encryptionPathBeside(network.derivationPath) };
    const surroundings = { folder: process.cwd(), variables: process.env, passphrase, paths, signal };
    await using open = await keys.openPartyKeys({ signing: reference, encryption: reference }, surroundings);
    return { signing: open.signing.publicKey, encryption: open.encryption.publicKey, opened: true };
  })();
  const { signing, encryption, opened } = shown;
  const one = signing.equals(encryption);
  const result = {
    reference,
    signingKey: signing.base64,
    encryptionKey: encryption.base64,
    address: accountAddress(signing, network.accountPrefix),
    encryptionAddress: accountAddress(encryption, network.accountPrefix),
    signingKeyHex: signing.protoHex,
    encryptionKeyHex: encryption.protoHex,
    opened,
  };
  screen.facts([
    [one ? "key" : "signing key", result.signingKey],
    [one ? "key as hex" : "signing key as hex", result.signingKeyHex],
    ["address", result.address],
    ["encryption key", one ? undefined : result.encryptionKey],
    ["encryption key as hex", one ? undefined : result.encryptionKeyHex],
    ["its address", one ? undefined : result.encryptionAddress],
  ]);
  if (!opened) screen.note("  as the file says; --check opens it with its passphrase");
  if (scheme.name !== "env" && !keys.permissionsAreChecked()) {
    screen.warn("On Windows p8e does not check who can read the file.");
  }
  screen.result(result);
}
