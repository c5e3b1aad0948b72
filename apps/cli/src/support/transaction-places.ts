import type { LocatedNode, LocatedProfile } from "@p8e/party";
import type { CommandContext } from "../command-context.ts";
import type { NodeOptions } from "../node-options.ts";

/** Where to look for transactions: the node to ask, and those whose memory tells what they sent. */
export interface TransactionPlaces {
  readonly node: LocatedNode;
  readonly senders: readonly LocatedProfile[];
}

/**
 * The node that a party's own profile, an environment or the options name, with the party; in an environment with all its
 * parties unless one is named; with nobody where only a node is named.
 * @throws as `CommandContext.profile`; `input.invalid`, `configuration.invalid`
 */
export async function transactionPlaces(
  context: CommandContext,
  options: NodeOptions & { readonly as?: string },
): Promise<TransactionPlaces> {
  const [{ atNode }, { chooseNetwork }] = await Promise.all([import("@p8e/party"), import("./choose-network.ts")]);
  const source = await context.source();
  const named = options.node !== undefined || options.network !== undefined;
  if (source === undefined && named && options.as === undefined) {
    const { nodeToAsk } = await import("./node-to-ask.ts");
    return { node: await nodeToAsk(context, options), senders: [] };
  }
  const network = options.network === undefined ? undefined : (await chooseNetwork(options.network)).network;
  const there = (located: LocatedProfile) => atNode(located, { url: options.node, network });
  if (source?.kind !== "environment" || options.as !== undefined) {
    const located = there(await context.profile(options.as, "--as"));
    return { node: located, senders: [located] };
  }
  const first = there(await context.anyProfile());
  const { profilesOf, requireEnvironment } = await import("@p8e/environment");
  const all = profilesOf(source.dataDir, await requireEnvironment(source.dataDir));
  return { node: first, senders: all.map(there) };
}
