import { withChange } from "../change-options.ts";
import type { CommandDefinition } from "../command.ts";
import type { ShareOptions } from "../support/share-with.ts";

/** `p8e share`. */
export const share: CommandDefinition = {
  register(program, action) {
    withChange(program.command("share <what>"))
      .description("make a scope with everything in it (scope1…), or one object (hash), readable for a party")
      .requiredOption("--with <party>", "who shall read; for an object also a public key")
      .action(
        action(async (context, what: string, options: ShareOptions) => {
          const { shareWith } = await import("../support/share-with.ts");
          await shareWith(context, what, options);
        }),
      );
  },
};
