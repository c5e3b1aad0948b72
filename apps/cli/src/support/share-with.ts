import { parseMetadataAddress } from "@p8e/core";
import { requireAffiliateOf, requireReader } from "@p8e/party";
import type { ChangeOptions } from "../change-options.ts";
import type { CommandContext } from "../command-context.ts";
import { shorten } from "../terminal/format.ts";
import { agreeTo, feeGranterOf, planResult, writePlan } from "./change-scope.ts";
import { hashNamed } from "./hash-named.ts";
import { lastNamedOr } from "./last-named.ts";

/** What `p8e share` can be told. */
export interface ShareOptions extends ChangeOptions {
  readonly with: string;
}

const FOR_GOOD = "What somebody can open, nobody can take back: p8e unshare only ends what would come.";

/** Makes a scope with everything in it, or one object, readable for a party. */
export async function shareWith(context: CommandContext, text: string, options: ShareOptions): Promise<void> {
  const what = await lastNamedOr(context, text, "hash", "scope");
  return what.startsWith("scope1")
    ? await shareScope(context, what, options)
    : await shareObject(context, what, options);
}

async function shareScope(context: CommandContext, text: string, options: ShareOptions): Promise<void> {
  const { screen, signal } = context;
  const address = parseMetadataAddress(text, "scope");
  await using party = await context.openParty(options.as, "--as", options);
  const reader = requireAffiliateOf(party.profile, options.with);
  const { title } = requireReader(party.profile, options.with);
  const { scopes } = await party.client();
  const plan = await scopes.planShare(address, reader, { feeGranter: feeGranterOf(party, options), signal });
  const shown = {
    heading: `${party.self.title} shares ${shorten(address)} with ${title}`,
    facts: [
      ["objects", `${plan.objects.length}: records, inputs, evidence and contracts`],
      ["ledger", plan.messages.length === 0 ? `${title} may read it already` : `${title} gets data access`],
    ],
    warning: FOR_GOOD,
  } as const;
  if (!(await agreeTo(context, party, plan, shown, options))) {
    screen.result({ dryRun: true, ...planResult(plan), objects: plan.objects });
    return;
  }
  // The objects first: whoever the ledger names can read by then, and an interrupted run is completed by the next.
  const { added, unchanged } = await screen.step(
    `wrapping ${plan.objects.length} objects for ${title}`,
    (onProgress) => scopes.reshare(plan.objects, [reader], { signal, onShared: onProgress }),
    (done) => `${done.added.length} wrapped for ${title}; ${done.unchanged.length} were readable before`,
  );
  const receipt = await writePlan(context, party, plan);
  screen.result({ ...planResult(plan, receipt), added, unchanged });
}

async function shareObject(context: CommandContext, text: string, options: ShareOptions): Promise<void> {
  const { screen, signal } = context;
  await using party = await context.openParty(options.as, "--as", options);
  const hash = await hashNamed(context, text, party.located);
  const reader = requireReader(party.profile, options.with);
  const [store, { encryption }] = [await party.store(), await party.keys()];
  if (options.dryRun) {
    screen.say(`${party.self.title} would share ${shorten(hash)} with ${reader.title}; that costs nothing.`);
    screen.result({ dryRun: true, hash, reader: reader.name });
    return;
  }
  const { added } = await screen.step(
    `wrapping ${shorten(hash)} for ${reader.title}`,
    (onProgress) => store.reshare(hash, { key: encryption, audience: [reader.key], signal, onProgress }),
    (done) => (done.added.length === 0 ? `${reader.title} could open it before` : `${reader.title} can open it`),
  );
  screen.warn(FOR_GOOD);
  screen.result({ hash, reader: reader.name, added: added.length > 0 });
}
