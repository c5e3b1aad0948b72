import type { CommandDefinition } from "../command.ts";

/** `p8e revoke`: there is nothing that it could do, and it says so. */
export const revoke: CommandDefinition = {
  register(program, action) {
    program
      .command("revoke [what...]")
      .description("why what was shared cannot be taken back, and what can be done instead; does nothing")
      .allowUnknownOption()
      .action(
        action(async () => {
          const { P8eError } = await import("@p8e/core");
          throw new P8eError("input.invalid", "what somebody could open cannot be taken back: nothing was done", {
            hint:
              "A reader's store has the objects and its key opens them; no store and no ledger reaches there. " +
              "p8e unshare SCOPE --with PARTY ends data access, so that nothing to come is shared, " +
              "p8e session reject takes a signature's grant back before it is used, " +
              "and p8e party remove makes the own store send a partner nothing more.",
          });
        }),
      );
  },
};
