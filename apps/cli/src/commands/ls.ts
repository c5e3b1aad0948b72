import type { CommandDefinition } from "../command.ts";

/** `p8e ls`. */
export const ls: CommandDefinition = {
  register(program, action) {
    program
      .command("ls")
      .description("what one's own store holds for oneself, the newest first, 50 at a time; mail apart")
      .option("--as <party>", "whose store, and who reads the names; oneself by one's own profile")
      .option("--after <hash>", "those before this one, which the page before ended with")
      .action(
        action(async (context, options: { readonly as?: string; readonly after?: string }) => {
          const { listOwnObjects } = await import("../support/list-own-objects.ts");
          await listOwnObjects(context, options);
        }),
      );
  },
};
