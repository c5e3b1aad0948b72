import { P8eError } from "@p8e/core";
import type { LedgerKind } from "@p8e/environment";
import { type CommandDefinition, ledgerKind, list } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { stay } from "../support/stay.ts";

/** `p8e up`. */
export const up: CommandDefinition = {
  register(program, action) {
    program
      .command("up")
      .description("bring up a local environment and stay: a ledger, and a store for each party")
      .option("--party <names>", "which parties, separated by commas", list, ["lender", "bank"])
      .option(
        "--ledger <kind>",
        "embedded, or provenanced: a real node, run from P8E_PROVENANCED or the path",
        ledgerKind,
      )
      .action(action(run));
  },
};

async function run(
  context: CommandContext,
  options: { readonly party: readonly string[]; readonly ledger?: LedgerKind },
): Promise<void> {
  const { screen, signal } = context;
  if (options.party.length === 0) throw new P8eError("input.invalid", "--party names nobody");
  const [{ bringUp, environmentView }, { showEnvironment }] = await Promise.all([
    import("../support/bring-up.ts"),
    import("../screens/show-environment.ts"),
  ]);
  await using environment = await bringUp(context, options.party, options.ledger);
  showEnvironment(screen, environment.file);
  screen.note(`Everything lies in ${environment.dataDir}; logs in ${environment.dataDir}/logs.`);
  screen.result(environmentView(environment));
  await stay(screen, signal);
}
