import { type CommandDefinition, group } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { showParties } from "../screens/show-parties.ts";

/** `p8e party list`. */
export const partyList: CommandDefinition = {
  register(program, action) {
    group(program, "party")
      .command("list")
      .description("oneself and one's partners")
      .option("--as <party>", "whose partners; one's own by one's own profile")
      .action(action(run));
  },
};

async function run({ screen, profile: locate }: CommandContext, options: { readonly as?: string }): Promise<void> {
  const [{ partyFingerprint }, { partnerView, partyView }] = await Promise.all([
    import("@p8e/party/profile"),
    import("@p8e/party/views"),
  ]);
  const { profile } = await locate(options.as, "--as");
  const self = { ...partyView(profile.party), fingerprint: partyFingerprint(profile.party, profile.network) };
  const partners = profile.partners.map((partner) => partnerView(partner, profile.network));
  showParties(screen, self, partners);
  screen.result({ self, partners });
}
