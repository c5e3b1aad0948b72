import type { Command } from "commander";

/** What `--node` and `--network` say: for one call in the place of the profile's. */
export interface NodeOptions {
  readonly node?: string;
  readonly network?: string;
}

/** Gives a command that asks a ledger the options of {@link NodeOptions}. */
export function withNode(command: Command): Command {
  return command
    .option("--node <url>", "ask this node instead, this once: grpc://HOST:PORT, or grpcs:// with TLS")
    .option("--network <network>", "the node's: local, testnet, mainnet, or the file of another");
}
