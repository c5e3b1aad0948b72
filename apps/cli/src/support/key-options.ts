import { type Network, networkNamed, networks, P8eError } from "@p8e/core";
import type { Command } from "commander";

/** The options of `key new` and `key import`, on a command. */
export function newKeyOptions(command: Command): Command {
  return command
    .option("--network <network>", "whose paths and addresses: local, testnet, mainnet", "local")
    .option("--path <path>", "path of the signing key, the network's otherwise")
    .option("--encryption-path <path>", "path of the encryption key, otherwise beside the signing key's")
    .option("--one-key", "one key for both uses", false)
    .option("--words", "keep the words in the file, instead of the keys they lead to", false)
    .option("--plain", "without a passphrase: only the file's permissions protect it", false);
}

/** @throws `configuration.invalid` */
export function requireNetwork(name: string): Network {
  const network = networkNamed(name);
  if (network !== undefined) return network;
  throw new P8eError("configuration.invalid", `there is no network "${name.slice(0, 40)}"`, {
    facts: { known: Object.values(networks).map((each) => each.name) },
  });
}
