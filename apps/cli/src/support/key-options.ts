import { type Network, networks } from "@p8e/core";
import type { Command } from "commander";
import type { CommandContext } from "../command-context.ts";

/** The options of `key new` and `key import`, on a command. */
export function newKeyOptions(command: Command): Command {
  return command
    .option(
      "--network <network>",
      "whose paths and addresses: local, testnet, mainnet or a file; the profile's otherwise",
    )
    .option("--path <path>", "path of the signing key, the network's otherwise")
    .option("--encryption-path <path>", "path of the encryption key, otherwise beside the signing key's")
    .option("--one-key", "one key for both uses", false)
    .option("--words", "keep the words in the file, instead of the keys they lead to", false)
    .option("--plain", "without a passphrase: only the file's permissions protect it", false);
}

/**
 * The network whose paths and addresses are meant: the one named, else that of the profile that is there, else the local one.
 * @throws `configuration.invalid`
 */
export async function keyNetwork(context: CommandContext, named: string | undefined): Promise<Network> {
  if (named !== undefined) return (await (await import("./choose-network.ts")).chooseNetwork(named)).network;
  const source = await context.source();
  if (source?.kind !== "profile") return networks.local;
  return (await (await import("@p8e/party/profile")).readProfile(source.file)).profile.network;
}
