import { type CommandDefinition, group } from "../command.ts";
import type { CommandContext } from "../command-context.ts";

const LIMIT = 100;

/** `p8e mail set-aside`. */
export const mailSetAside: CommandDefinition = {
  register(program, action) {
    group(program, "mail")
      .command("set-aside")
      .description("mail that was set aside, the newest first, and why")
      .option("--as <party>", "whose; one's own by one's own profile")
      .action(action(run));
  },
};

async function run(context: CommandContext, options: { readonly as?: string }): Promise<void> {
  const { screen } = context;
  const [{ partyOfAddress }, { quarantineView }] = await Promise.all([
    import("@p8e/party"),
    import("@p8e/party/views"),
  ]);
  await using party = await context.openParty(options.as, "--as");
  const letters = await (await party.state()).quarantine.list(LIMIT);
  const named = (address: string | undefined) =>
    address === undefined ? "nobody can say" : (partyOfAddress(party.profile, address)?.title ?? address);
  if (letters.length === 0) screen.say("No mail was set aside.");
  else {
    screen.table(
      ["when", "from", "why", ""],
      letters.map(({ atMs, sender, reason, message }) => [
        new Date(atMs).toISOString(),
        named(sender),
        reasons[reason],
        message,
      ]),
    );
    screen.note("Who sent it is what the mail says; what was not opened proves nothing.");
  }
  screen.result({ setAside: letters.map(quarantineView) });
}

const reasons = { stranger: "from a stranger", unusable: "unusable", gave_up: "given up" } as const;
