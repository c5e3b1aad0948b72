import { type CommandDefinition, group } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { type NodeOptions, withNode } from "../node-options.ts";

/** `p8e contract diff`. */
export const contractDiff: CommandDefinition = {
  register(program, action) {
    withNode(group(program, "contract").command("diff <file>"))
      .description("compare a contract with what the ledger has, and name the scopes and contracts that it would break")
      .option("--as <party>", "who would publish; oneself by one's own profile")
      .action(action(run));
  },
};

interface DiffOptions extends NodeOptions {
  readonly as?: string;
}

async function run(context: CommandContext, file: string, options: DiffOptions): Promise<void> {
  const { screen, openParty, signal } = context;
  const [{ requireNothingBroken }, { buildStep }, { scopeSpecificationsOf }, { showComparison }] = await Promise.all([
    import("@p8e/sdk"),
    import("../support/build-step.ts"),
    import("../support/scope-specifications-of.ts"),
    import("../screens/show-comparison.ts"),
  ]);
  await using party = await openParty(options.as, "--as", options);
  const built = await buildStep(screen, file, signal);
  const { publisher } = await party.client();
  const comparison = await publisher.compare({ built, scopes: await scopeSpecificationsOf(file) }, { signal });
  showComparison(screen, comparison);
  screen.result(comparison);
  requireNothingBroken(comparison);
}
