import { type CommandDefinition, group } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { showSetAside } from "../screens/show-set-aside.ts";

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
  const named = (address: string) => partyOfAddress(party.profile, address)?.title ?? address;
  showSetAside(screen, letters, named);
  screen.result({ setAside: letters.map(quarantineView) });
}
