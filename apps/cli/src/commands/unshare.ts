import { withChange } from "../change-options.ts";
import type { CommandDefinition } from "../command.ts";
import type { ShareOptions } from "../support/share-with.ts";

/** `p8e unshare`. */
export const unshare: CommandDefinition = {
  register(program, action) {
    withChange(program.command("unshare <what>"))
      .description("end a party's data access to a scope; what it has, it keeps")
      .requiredOption("--with <party>", "with whom nothing more is shared")
      .action(
        action(async (context, what: string, options: ShareOptions) => {
          const { unshareWith } = await import("../support/unshare-with.ts");
          await unshareWith(context, what, options);
        }),
      );
  },
};
