import { P8eError } from "@p8e/core";
import type { LedgerKind } from "@p8e/environment";
import { type CommandDefinition, ledgerKind, list } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { stay } from "../support/stay.ts";

/** Whom an environment has unless it is told. */
const DEFAULT_PARTIES = ["lender", "bank"] as const;

/** `p8e up`. */
export const up: CommandDefinition = {
  register(program, action) {
    program
      .command("up")
      .description("bring up a local environment and stay: a ledger, and a store for each party")
      .option("--parties <names>", "which parties, separated by commas (default: lender,bank)", list)
      .option("--party <names>", "the same", list)
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
  options: { readonly parties?: readonly string[]; readonly party?: readonly string[]; readonly ledger?: LedgerKind },
): Promise<void> {
  const { screen, signal } = context;
  const given = [...(options.parties ?? []), ...(options.party ?? [])];
  const named = options.parties !== undefined || options.party !== undefined;
  if (named && given.length === 0) throw new P8eError("input.invalid", "--parties names nobody");
  const parties = named ? [...new Set(given)] : DEFAULT_PARTIES;
  const [{ bringUp, environmentView }, { showEnvironment }] = await Promise.all([
    import("../support/bring-up.ts"),
    import("../screens/show-environment.ts"),
  ]);
  await using environment = await bringUp(context, parties, options.ledger);
  showEnvironment(screen, environment.file);
  screen.note(`Everything lies in ${environment.dataDir}; logs in ${environment.dataDir}/logs.`);
  screen.result(environmentView(environment));
  await stay(screen, signal);
}
