import { type CommandDefinition, FEE_MAX_HELP } from "../command.ts";
import { withNode } from "../node-options.ts";
import type { ListenCommandOptions } from "../support/listen.ts";

/** `p8e listen`. */
export const listen: CommandDefinition = {
  register(program, action) {
    withNode(program.command("listen"))
      .description("take in mail as it comes, do what is due, and tell what happens, until Ctrl-C")
      .option("--as <party>", "who listens; oneself by one's own profile")
      .option("--approve-policy <file>", "approve what a rule of this file fits altogether; everything else waits")
      .option("--fee-max <amount>", FEE_MAX_HELP)
      .action(
        action(async (context, options: ListenCommandOptions) => {
          const { listenAs } = await import("../support/listen.ts");
          await listenAs(context, options);
        }),
      );
  },
};
