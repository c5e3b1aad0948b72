import { P8eError } from "@p8e/core";
import type { LocatedProfile, PartnerChange } from "@p8e/party";
import { type CommandDefinition, group } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { showCardChange } from "../screens/show-card-change.ts";

interface Options {
  readonly as?: string;
  readonly name?: string;
  readonly fingerprint?: string;
}

/** How long the own store is waited for; it may be down, and is told at its next start then. */
const PATIENCE_MS = 3000;

/** `p8e party add`. */
export const partyAdd: CommandDefinition = {
  register(program, action) {
    group(program, "party")
      .command("add <card>")
      .description("make a partner known by its card: a file, or - for standard input")
      .option("--as <party>", "who adds; oneself by one's own profile")
      .option("--name <name>", "what to call the partner here; what it calls itself otherwise")
      .option("--fingerprint <digits>", "the fingerprint that the partner told you, instead of a question")
      .action(action(run));
  },
};

async function run(context: CommandContext, file: string, options: Options): Promise<void> {
  const { screen, signal } = context;
  const [party, { partnerView }, { readFile }] = await Promise.all([
    import("@p8e/party"),
    import("@p8e/party/views"),
    import("../support/read-file.ts"),
  ]);
  const located = await context.profile(options.as, "--as");
  party.requireOwnProfile(located);
  const { profile } = located;
  const hint = "p8e party card --out FILE makes a card, at the partner's; - is a card on standard input.";
  const bytes = await readFile(file, { bytesMax: party.CARD_BYTES_MAX, hint, signal });
  const card = party.parsePartyCard(bytes, profile.network, file === "-" ? "standard input" : file);
  const name = options.name === undefined ? undefined : party.parsePartyName(options.name);
  const change = party.changeByCard(profile, card, name);
  const fingerprint = party.partyFingerprint(card, profile.network);
  const before = change.before && partnerView(change.before, profile.network);
  showCardChange(screen, change, { fingerprint, before: before?.fingerprint, signedAt: card.time });
  if (party.isLoopback(card.storeUrl)) {
    screen.warn(
      `${card.storeUrl} is an address of this machine: the card is of use only if the partner's store runs here.`,
    );
  }
  await confirm(context, options.fingerprint, fingerprint);
  const written = await party.updateProfile(
    located,
    (now) => {
      const again = party.changeByCard(now, card, name);
      if (party.samePartner(again.before, change.before)) return party.withPartner(now, again);
      throw new P8eError("state.conflict", `the profile's line of ${change.partner.name} was changed meanwhile`, {
        hint: "Look at p8e party list, and add the card again.",
      });
    },
    { signal },
  );
  screen.say(`${screen.style("green", "✔")} ${change.partner.name} is a partner`);
  if (change.newKeys) await forgetOldKeys(context, written, change);
  const registered = await register(context, written, change.partner.name);
  screen.result({ ...partnerView({ ...change.partner, toRegister: !registered }, profile.network), before });
}

async function confirm({ screen, signal }: CommandContext, given: string | undefined, actual: string): Promise<void> {
  const { isFingerprint } = await import("@p8e/party");
  if (given !== undefined) {
    if (isFingerprint(given, actual)) return;
    throw new P8eError("signature.unexpected_signer", "this card has another fingerprint than the one given", {
      facts: { fingerprint: actual },
      hint: "The card is not of the party that told you that fingerprint, or its keys have changed. Nothing was added.",
    });
  }
  const { processTerminal } = await import("../support/passphrase.ts");
  const terminal = screen.json ? undefined : processTerminal();
  if (terminal === undefined) {
    throw new P8eError("input.invalid", "the fingerprint must be confirmed, and there is no terminal to ask on", {
      facts: { fingerprint: actual },
      hint: "Ask the partner for its fingerprint over another channel, and give it with --fingerprint.",
    });
  }
  const { askYesNo } = await import("../terminal/ask.ts");
  if (await askYesNo(terminal, "Did the partner tell you this fingerprint?", signal)) return;
  throw new P8eError("rpc.cancelled", "nothing was added");
}

/** The store would go on sending to the old ones what names them. */
async function forgetOldKeys({ screen, variables }: CommandContext, located: LocatedProfile, change: PartnerChange) {
  const { forgetInOwnStore } = await import("../support/forget-partner.ts");
  const { signingKey, encryptionKey } = change.before!;
  const kept = [change.partner.signingKey, change.partner.encryptionKey];
  const old = [signingKey, encryptionKey].filter((key) => !kept.includes(key));
  try {
    if ((await forgetInOwnStore(located, old, variables)) !== undefined) return;
  } catch (error) {
    screen.warn(`The old keys could not be taken out of the own store: ${P8eError.from(error).message}`);
  }
  screen.warn("The old keys stay registered with the own store: objects that name them still go to where they were.");
}

/** Whether the own store knows the partner now. A store that is down is told at its next start. */
async function register({ screen, signal }: CommandContext, located: LocatedProfile, name: string): Promise<boolean> {
  const [{ ObjectClient }, { registerPendingPartners, storeTarget }] = await Promise.all([
    import("@p8e/object-client"),
    import("@p8e/party"),
  ]);
  const url = located.profile.party.storeUrl;
  await using store = new ObjectClient({ ...(await storeTarget(located)), patienceMs: PATIENCE_MS });
  try {
    const names = await registerPendingPartners(store, located, { signal });
    screen.say(`${screen.style("green", "✔")} the store at ${url} sends ${names.join(", ")} what is for them`);
    return true;
  } catch (error) {
    const { code, message } = P8eError.from(error);
    if (code === "rpc.cancelled") throw error;
    screen.warn(`The store at ${url} could not be told of ${name} and is told at its next start: ${message}`);
    return false;
  }
}
