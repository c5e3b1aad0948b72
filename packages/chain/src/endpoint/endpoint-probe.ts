import { type AccountPrefix, hasCode, P8eError } from "@p8e/core";
import type { AskOptions, NodeEndpoint } from "./endpoint.ts";

/** What a node says of itself, asked once for each connection. */
export interface NodeDescription {
  /** The chain id. */
  readonly network: string;
  /** Of the application, `v1.30.0` and the like; empty where the node does not say. */
  readonly version: string;
  readonly moniker: string;
  /** Whether the node keeps an index of transactions: recent ones do not by default. */
  readonly indexed: boolean;
  /** Whether it is p8e's embedded ledger, which has the messages of a few modules only. */
  readonly embedded: boolean;
}

/** What the embedded ledger calls itself. */
const EMBEDDED = "p8e-embedded-ledger";

/** What the profile says of the node's chain. */
export interface ExpectedChain {
  readonly chainId: string;
  readonly accountPrefix: AccountPrefix;
}

/**
 * @throws `ledger.wrong_network` if the node serves another chain, or one whose accounts have another prefix
 * @throws `ledger.unsupported_version` if it is older than Provenance 1.26: it has no flat fees
 * @throws `ledger.unavailable` if it cannot be reached
 */
export async function probeNode(
  node: NodeEndpoint,
  { chainId, accountPrefix }: ExpectedChain,
  options: AskOptions = {},
): Promise<NodeDescription> {
  const info = await node.ask((call) => node.blocks.getNodeInfo({}, call), options);
  const network = info.defaultNodeInfo?.network ?? "";
  if (network !== chainId) {
    throw new P8eError("ledger.wrong_network", `the node serves ${network || "no named chain"}, not ${chainId}`, {
      facts: { expected: chainId, actual: network },
      hint: "Chain id and address prefix belong together: check the profile, or what --node and --network say.",
    });
  }
  await requirePrefix(node, accountPrefix, options);
  const version = info.applicationVersion?.version ?? "";
  await requireFlatFees(node, version, options);
  return {
    network,
    version,
    moniker: info.defaultNodeInfo?.moniker ?? "",
    indexed: info.defaultNodeInfo?.other?.txIndex !== "off",
    embedded: info.applicationVersion?.appName === EMBEDDED,
  };
}

/** Nodes that do not tell their prefix are not asked again: their chain id says enough. */
async function requirePrefix(node: NodeEndpoint, expected: AccountPrefix, options: AskOptions): Promise<void> {
  let actual: string;
  try {
    actual = (await node.ask((call) => node.auth.bech32Prefix({}, call), options)).bech32Prefix;
  } catch (error) {
    if (hasCode(error, "rpc.unimplemented")) return;
    throw error;
  }
  if (actual === expected) return;
  throw new P8eError(
    "ledger.wrong_network",
    `accounts of the node's chain begin with ${actual.slice(0, 20)}1, not ${expected}1`,
    {
      facts: { expected, actual: actual.slice(0, 20) },
      hint: "Chain id and address prefix belong together: check the profile's network.",
    },
  );
}

async function requireFlatFees(node: NodeEndpoint, version: string, options: AskOptions): Promise<void> {
  try {
    await node.ask((call) => node.flatFees.params({}, call), options);
  } catch (error) {
    if (!hasCode(error, "rpc.unimplemented")) throw error;
    throw new P8eError("ledger.unsupported_version", "the node has no flat fees: Provenance 1.26 or later is needed", {
      facts: { version },
      cause: error,
      hint: "Name a node that runs a newer version, or wait until this one is upgraded.",
    });
  }
}
