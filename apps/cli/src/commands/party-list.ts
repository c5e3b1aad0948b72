import { type CommandDefinition, group } from "../command.ts";
import type { CommandContext } from "../command-context.ts";

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
  screen.table(
    ["name", "who", "address", "store", "fingerprint", ""],
    [
      [self.name, self.title, self.address, self.storeUrl, self.fingerprint, "oneself"],
      ...partners.map((each) => [
        ...[each.name, each.title, each.address, each.storeUrl, each.fingerprint],
        each.registered ? "" : "to be registered at the store's next start",
      ]),
    ],
  );
  screen.result({ self, partners });
}
