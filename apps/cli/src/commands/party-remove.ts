import { P8eError } from "@p8e/core";
import type { ForgottenKeys } from "@p8e/object-store";
import type { LocatedProfile, PartyDescription } from "@p8e/party";
import { type CommandDefinition, group } from "../command.ts";
import type { CommandContext } from "../command-context.ts";

interface Options {
  readonly as?: string;
  readonly profileOnly: boolean;
}

/** `p8e party remove`. */
export const partyRemove: CommandDefinition = {
  register(program, action) {
    group(program, "party")
      .command("remove <party>")
      .description("forget a partner, by name or address: in the profile, and in the own store with what waits for it")
      .option("--as <party>", "who forgets; oneself by one's own profile")
      .option("--profile-only", "leave the own store as it is", false)
      .action(action(run));
  },
};

async function run(context: CommandContext, text: string, options: Options): Promise<void> {
  const { screen, signal } = context;
  const [party, { partnerView }] = await Promise.all([import("@p8e/party"), import("@p8e/party/views")]);
  const located = await context.profile(options.as, "--as");
  party.requireOwnProfile(located);
  const { profile } = located;
  const { name } = party.requireParty(profile, text);
  const partner = party.partnerNamed(profile, name);
  if (partner === undefined) throw new P8eError("input.invalid", "that is the party itself, not a partner");
  const forgotten = options.profileOnly ? undefined : await forgetInStore(context, located, partner);
  await party.updateProfile(located, (now) => party.withoutPartner(now, name), { signal });
  screen.say(`${screen.style("green", "✔")} ${name} is no partner any more`);
  if (forgotten === undefined) {
    screen.warn(
      `The store at ${profile.party.storeUrl} still knows ${name}'s keys: what names them goes on to ${partner.storeUrl}, ` +
        "and what waits for it stays. The protocol has no call for this; whoever has the store's database can end it.",
    );
  } else {
    const deliveries = forgotten.deliveries === 1 ? "one delivery" : `${forgotten.deliveries} deliveries`;
    screen.say(`${screen.style("green", "✔")} the own store has forgotten the keys, and ${deliveries} that waited`);
  }
  screen.note("  What was sent stays there; nobody can take it back.");
  screen.result({ removed: partnerView(partner, profile.network), store: forgotten ?? null });
}

/** @throws `store.unavailable`, before anything was changed: with the database away the registration would stay behind */
async function forgetInStore(
  { variables }: CommandContext,
  located: LocatedProfile,
  { name, signingKey, encryptionKey }: PartyDescription,
): Promise<ForgottenKeys | undefined> {
  const { forgetInOwnStore } = await import("../support/forget-partner.ts");
  try {
    return await forgetInOwnStore(located, [signingKey, encryptionKey], variables);
  } catch (thrown) {
    const error = P8eError.from(thrown);
    if (error.code !== "store.unavailable" && error.code !== "store.database") throw error;
    throw new P8eError("store.unavailable", "the own store's database cannot be reached; nothing was changed", {
      facts: { party: name },
      hint: "Start the store and try again, or leave the registration in it with --profile-only.",
      cause: error,
    });
  }
}
