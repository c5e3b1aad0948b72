import { parseMetadataAddress } from "@p8e/core";
import type { ChangeOptions } from "../change-options.ts";
import type { CommandContext } from "../command-context.ts";
import { shorten } from "../terminal/format.ts";
import { accountOf, agreeTo, feeGranterOf, nameOf, planResult, writePlan } from "./change-scope.ts";
import { lastNamedOr } from "./last-named.ts";

/** What `p8e scope transfer` can be told. */
export interface TransferOptions extends ChangeOptions {
  readonly to: string;
}

/** Moves a scope's value to another owner. */
export async function transferValue(context: CommandContext, text: string, options: TransferOptions): Promise<void> {
  const { screen, signal } = context;
  const address = parseMetadataAddress(await lastNamedOr(context, text, "scope"), "scope");
  await using party = await context.openParty(options.as, "--as", options);
  const to = accountOf(party, options.to);
  const { scopes } = await party.client();
  const plan = await scopes.planTransfer(address, to, { feeGranter: feeGranterOf(party, options), signal });
  const isThere = plan.messages.length === 0;
  const shown = {
    heading: `The value of ${shorten(address)} goes to ${nameOf(party, to)}`,
    facts: [
      ["value owner", isThere ? `${nameOf(party, to)} already` : `${nameOf(party, plan.from)}, who signs`],
      ["stays", "owners, their roles, and who may read"],
    ],
    ...(isThere ? {} : { warning: `Only ${nameOf(party, to)} can move it from then on.` }),
  } as const;
  if (!(await agreeTo(context, party, plan, shown, options))) {
    screen.result({ dryRun: true, ...planResult(plan), from: plan.from, to });
    return;
  }
  const receipt = await writePlan(context, party, plan);
  screen.result({ ...planResult(plan, receipt), from: plan.from, to });
}
