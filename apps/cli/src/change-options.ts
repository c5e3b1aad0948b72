import type { Command } from "commander";
import { FEE_GRANTER_HELP, FEE_MAX_HELP } from "./command.ts";
import { type NodeOptions, withNode } from "./node-options.ts";

/** What commands that change a scope on the ledger can be told. */
export interface ChangeOptions extends NodeOptions {
  readonly as?: string;
  readonly feeMax?: string;
  readonly feeGranter?: string;
  readonly dryRun: boolean;
  readonly yes: boolean;
}

/** Gives a command the options of {@link ChangeOptions}. */
export function withChange(command: Command): Command {
  return withNode(command)
    .option("--as <party>", "who does it; oneself by one's own profile")
    .option("--fee-max <amount>", FEE_MAX_HELP)
    .option("--fee-granter <party>", FEE_GRANTER_HELP)
    .option("--dry-run", "show and price it, but change nothing", false)
    .option("--yes", "do it without asking", false);
}
