import type { CommandDefinition } from "../command.ts";

/** `p8e reset`. */
export const reset: CommandDefinition = {
  register(program, action) {
    program
      .command("reset")
      .description(
        "remove an environment, or what a profile's store and ledger hold, after asking; keys of a profile stay",
      )
      .option("--yes", "do not ask", false)
      .action(
        action(async (context, options: { yes: boolean }) => {
          const { resetData } = await import("../support/reset-data.ts");
          await resetData(context, options);
        }),
      );
  },
};
