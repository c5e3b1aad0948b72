import { type CommandDefinition, collect, FEE_GRANTER_HELP, FEE_MAX_HELP, group, list } from "../command.ts";
import { withNode } from "../node-options.ts";
import type { ExecuteOptions } from "../support/execute-contract.ts";

/** `p8e contract execute`. */
export const contractExecute: CommandDefinition = {
  register(program, action) {
    withNode(group(program, "contract").command("execute <contract>"))
      .description("run a published contract (class name or contractspec1…) and write its result to the ledger")
      .option("--as <party>", "who runs it; oneself by one's own profile")
      .option("--scope <address>", "an existing scope")
      .option("--new-scope <specification>", "begin a new scope: scopespec1…, or the name the party published it under")
      .option(
        "--input <name=file>",
        "a proposed value, as protobuf JSON or .binpb; - for JSON on standard input; may be repeated",
        collect,
        [],
      )
      .option("--participant <role=party>", "who takes a role; may be repeated", collect, [])
      .option("--share <parties>", "who else can read, separated by commas", list, [])
      .option(
        "--deadline <time>",
        "until when others may sign: a time, or how long from now (12h); 24 hours unless given",
      )
      .option("--fee-max <amount>", FEE_MAX_HELP)
      .option("--fee-granter <party>", FEE_GRANTER_HELP)
      .option("--dry-run", "run it and price it, but store and write nothing", false)
      .action(
        action(async (context, contract: string, options: ExecuteOptions) => {
          const { executeContract } = await import("../support/execute-contract.ts");
          await executeContract(context, contract, options);
        }),
      );
  },
};
