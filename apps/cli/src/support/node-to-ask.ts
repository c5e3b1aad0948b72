import { networks } from "@p8e/core";
import { type LocatedNode, type LocatedProfile, nodeOf } from "@p8e/party";
import type { CommandContext } from "../command-context.ts";
import type { NodeOptions } from "../node-options.ts";
import { chooseNetwork } from "./choose-network.ts";

/** A node that a command asks for itself, not for a party. */
export interface NodeToAsk extends LocatedNode {
  /** Whose keys and partners go with it; absent where no profile of this network is at hand. */
  readonly own: LocatedProfile | undefined;
}

/**
 * Which node `--node` and `--network` mean; what they leave out is the profile's, else the network's own.
 * @throws `input.invalid` when no node is known, `configuration.invalid`
 */
export async function nodeToAsk(context: CommandContext, options: NodeOptions): Promise<NodeToAsk> {
  const located = await locate(context);
  const wanted = options.network === undefined ? undefined : (await chooseNetwork(options.network)).network;
  const own = wanted === undefined || located?.profile.network.chainId === wanted.chainId ? located : undefined;
  const network = own?.profile.network ?? wanted ?? networks.local;
  return { profile: { network, node: nodeOf(network, options.node, own) }, folder: own?.folder ?? ".", own };
}

/** The profile that is at hand, or an environment's first; undefined where there is none, running or not. */
async function locate(context: CommandContext): Promise<LocatedProfile | undefined> {
  const source = await context.source();
  if (source === undefined) return undefined;
  if (source.kind === "profile") {
    const { readProfile } = await import("@p8e/party/profile");
    return readProfile(source.file);
  }
  const { profilesOf, readEnvironmentFile } = await import("@p8e/environment/profiles");
  const file = await readEnvironmentFile(source.dataDir);
  return file === undefined ? undefined : profilesOf(source.dataDir, file)[0];
}
