import { type CommandDefinition, group } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { type NodeOptions, withNode } from "../node-options.ts";
import { showCost } from "../screens/show-cost.ts";

/** `p8e contract cost`. */
export const contractCostCommand: CommandDefinition = {
  register(program, action) {
    withNode(group(program, "contract").command("cost <file>"))
      .description("what publishing a contract and one execution of it cost on this network; nothing is written")
      .option("--as <party>", "who would publish; oneself by one's own profile")
      .action(action(run));
  },
};

interface CostOptions extends NodeOptions {
  readonly as?: string;
}

async function run(context: CommandContext, file: string, options: CostOptions): Promise<void> {
  const { screen, openParty, signal } = context;
  const [{ contractCost }, { buildStep }, { scopeSpecificationsOf }, { priceWords }] = await Promise.all([
    import("@p8e/sdk"),
    import("../support/build-step.ts"),
    import("../support/scope-specifications-of.ts"),
    import("../support/price-words.ts"),
  ]);
  await using party = await openParty(options.as, "--as", options);
  const built = await buildStep(screen, file, signal);
  const parts = { chain: await party.chain(), publisher: party.self.address };
  const cost = await contractCost(parts, { built, scopes: await scopeSpecificationsOf(file) }, { signal });
  const inWords = await priceWords(context, party);
  const network = party.profile.network.chainId;
  showCost(screen, { className: built.manifest.className, chainId: network, cost }, inWords);
  screen.result({ contract: built.manifest.className, network, ...cost });
}
