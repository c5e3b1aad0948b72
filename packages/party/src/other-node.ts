import { type Network, networkNamed, networks, P8eError } from "@p8e/core";
import { USUAL_FEE_MAX } from "./fee-max.ts";
import type { LocatedProfile, ProfileNode } from "./profile/profile.ts";

/** Where a local network's node listens unless something else is said. */
export const LOCAL_NODE_URL = "grpc://127.0.0.1:9090";

/** What stands for one call in the place of what a profile says of its node and its network. */
export interface NodeChoice {
  /** `grpc://HOST:PORT`, or `grpcs://HOST:PORT` with TLS. */
  readonly url?: string | undefined;
  readonly network?: Network | undefined;
}

/**
 * The node to ask of a network, as far as it is known: the one chosen, else the profile's when it is of that network, else
 * the network's own. Authority and RPC endpoint belong to a node: another one has neither.
 * @throws `input.invalid` when none is known
 */
export function nodeOf(
  network: Network,
  url: string | undefined,
  own: Pick<LocatedProfile, "profile"> | undefined,
): ProfileNode {
  const known = own?.profile.network.chainId === network.chainId ? own.profile.node : undefined;
  const usual = network.endpoint?.url ?? (network.name === networks.local.name ? LOCAL_NODE_URL : undefined);
  const wanted = url ?? known?.url ?? usual;
  if (wanted === undefined) {
    throw new P8eError("input.invalid", `no node of the network ${network.name} is known`, {
      hint: "Name one with --node grpcs://HOST:PORT.",
    });
  }
  return known?.url === wanted ? known : { url: wanted };
}

/**
 * A profile at another node, or on another network, for one call. On another network its executions are remembered apart,
 * and where the profile names no most that a transaction may cost, what is usual on that network holds.
 * @throws `input.invalid` when no node of the network is known; `configuration.invalid` when accounts of the network begin
 *   otherwise than the party's
 */
export function atNode(located: LocatedProfile, { url, network: chosen }: NodeChoice): LocatedProfile {
  if (url === undefined && chosen === undefined) return located;
  const { profile } = located;
  const network = chosen ?? profile.network;
  requireSamePrefix(located, network);
  const node = nodeOf(network, url, located);
  if (network.chainId === profile.network.chainId) return { ...located, profile: { ...profile, network, node } };
  const feeMax = profile.feeMax ?? usualFeeMax(network);
  return {
    ...located,
    profile: { ...profile, network, node, ...(feeMax === undefined ? {} : { feeMax }) },
    elsewhere: true,
  };
}

/** What a profile that `p8e init` makes for a network names as the most that a transaction may cost. */
export function usualFeeMax({ name }: Network): string | undefined {
  return name === networks.local.name || networkNamed(name) === undefined ? undefined : USUAL_FEE_MAX;
}

function requireSamePrefix({ profile, file }: LocatedProfile, network: Network): void {
  const { accountPrefix } = profile.network;
  if (accountPrefix === network.accountPrefix) return;
  throw new P8eError(
    "configuration.invalid",
    `accounts of the network ${network.name} begin with ${network.accountPrefix}1, the party's with ${accountPrefix}1`,
    {
      facts: { file, field: "network", network: network.name, address: profile.party.address },
      hint: "p8e init makes a profile for that network, of the same words if they are to be used there.",
    },
  );
}
