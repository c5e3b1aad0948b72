import type { CommandDefinition } from "../command.ts";
import { withNode } from "../node-options.ts";
import type { IndexCommandOptions } from "../support/index-command.ts";

/** `p8e index`. */
export const indexCommand: CommandDefinition = {
  register(program, action) {
    withNode(program.command("index"))
      .description("keep an index of the records that one may read, for `p8e scope list --where`; until Ctrl-C")
      .option("--as <party>", "whose scopes; one's own by one's own profile")
      .option("--config <file>", "what is indexed where types do not say it, and what is personal data, as JSON")
      .option("--with-personal-data", "index also what the configuration lists as personal data", false)
      .option("--once", "end at the newest block", false)
      .action(
        action(async (context, options: IndexCommandOptions) => {
          const { runIndex } = await import("../support/index-command.ts");
          await runIndex(context, options);
        }),
      );
  },
};
