import { P8eError } from "@p8e/core";
import type { CommandDefinition } from "../command.ts";
import type { InitOptions } from "../support/init-profile.ts";

interface Options extends InitOptions {
  readonly compose: boolean;
  readonly party?: string;
}

/** `p8e init`. */
export const init: CommandDefinition = {
  register(program, action) {
    program
      .command("init [folder]")
      .description("make a party's profile: p8e.json, and a folder for its keys and data; overwrites nothing")
      .option("--name <name>", "the party's name: lower-case letters, digits, hyphens")
      .option("--title <title>", "how people call it")
      .option("--network <network>", "local, testnet, mainnet, or the file of another")
      .option("--node <url>", "the node to ask: grpc://HOST:PORT, or grpcs:// with TLS")
      .option("--store <url>", "where one's own store is reached, by its partners too: grpc://HOST:PORT")
      .option(
        "--node-ca <file>",
        "the authority (PEM) that signed the node's certificate, when the system does not know it",
      )
      .option("--store-ca <file>", "the authority (PEM) that signed the own store's certificate")
      .option("--store-elsewhere", "the store does not run here: it is known by its URL alone", false)
      .option("--key <reference>", "keys that there are: file:PATH, mnemonic-file:PATH or env:NAME; otherwise new ones")
      .option("--path <path>", "path of the signing key, the network's otherwise")
      .option("--encryption-path <path>", "path of the encryption key, otherwise beside the signing key's")
      .option("--one-key", "one key for both uses", false)
      .option("--plain", "new keys without a passphrase: only the file's permissions protect them", false)
      .option("--compose", "a development party of deploy/compose: its published keys, the compose file's ports", false)
      .option("--party <party>", "which one, with --compose: lender or bank (default: lender)")
      .action(
        action(async (context, folder: string | undefined, options: Options) => {
          refuseWhatDoesNotFit(options);
          if (options.compose) {
            const { initComposeProfile } = await import("../support/init-compose-profile.ts");
            return initComposeProfile(context, folder ?? ".", options);
          }
          const { initProfile } = await import("../support/init-profile.ts");
          await initProfile(context, folder ?? ".", options);
        }),
      );
  },
};

/** With `--compose` everything is said but which party. @throws `input.invalid` */
function refuseWhatDoesNotFit({ compose, party, ...others }: Options): void {
  if (!compose) {
    if (party === undefined) return;
    throw new P8eError("input.invalid", "--party is for --compose: any other party is called by --name");
  }
  const given = Object.entries(others)
    .filter(([, value]) => value !== undefined && value !== false)
    .map(([name]) => `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`);
  if (given.length === 0) return;
  throw new P8eError("input.invalid", `--compose says everything but --party: leave out ${given.join(", ")}`, {
    facts: { options: given },
  });
}
