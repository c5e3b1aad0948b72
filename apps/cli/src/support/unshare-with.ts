import { P8eError, parseMetadataAddress } from "@p8e/core";
import { requireAffiliateOf, requireReader } from "@p8e/party";
import type { CommandContext } from "../command-context.ts";
import { shorten } from "../terminal/format.ts";
import { agreeTo, feeGranterOf, planResult, writePlan } from "./change-scope.ts";
import { hashOrBeginning } from "./hash-named.ts";
import { lastNamedOr } from "./last-named.ts";
import type { ShareOptions } from "./share-with.ts";

/** Takes a party's data access to a scope away, and says what stays. */
export async function unshareWith(context: CommandContext, text: string, options: ShareOptions): Promise<void> {
  const what = await lastNamedOr(context, text, "scope");
  if (!what.startsWith("scope1")) throw nothingToEnd(what);
  const { screen, signal } = context;
  const address = parseMetadataAddress(what, "scope");
  await using party = await context.openParty(options.as, "--as", options);
  const reader = requireAffiliateOf(party.profile, options.with);
  const { title } = requireReader(party.profile, options.with);
  const { scopes } = await party.client();
  const plan = await scopes.planUnshare(address, reader, { feeGranter: feeGranterOf(party, options), signal });
  const shown = {
    heading: `${party.self.title} shares nothing more of ${shorten(address)} with ${title}`,
    facts: [["ledger", plan.messages.length === 0 ? `${title} has no data access` : `${title} loses data access`]],
    warning: `${title} keeps what it has: its store has the objects, and its key opens them. Sessions to come share nothing with it.`,
  } as const;
  if (!(await agreeTo(context, party, plan, shown, options))) {
    screen.result({ dryRun: true, ...planResult(plan) });
    return;
  }
  const receipt = await writePlan(context, party, plan);
  screen.result(planResult(plan, receipt));
}

/** One object is shared once, by whoever shares it: there is nothing that would share it again. */
function nothingToEnd(what: string): P8eError {
  return new P8eError("input.invalid", "an object that was shared cannot be taken back, and nothing shares it again", {
    facts: hashOrBeginning(what),
    hint: "p8e unshare SCOPE ends the data access that would give a party the objects of sessions to come.",
  });
}
