import type { TransactionReceipt } from "@p8e/chain";
import { type AccountAddress, parseAccountAddress } from "@p8e/core";
import { type OpenParty, partyOfAddress, requireParty, sendMessages } from "@p8e/party";
import type { ScopePlan } from "@p8e/sdk";
import type { ChangeOptions } from "../change-options.ts";
import type { CommandContext } from "../command-context.ts";
import { confirm } from "./confirm.ts";
import { priceWords } from "./price-words.ts";

/** Who pays instead of the party: by name or address. @throws `key.unavailable`, `address.invalid` */
export function feeGranterOf(
  party: OpenParty,
  { feeGranter }: Pick<ChangeOptions, "feeGranter">,
): AccountAddress | undefined {
  return feeGranter === undefined ? undefined : accountOf(party, feeGranter);
}

/** The account of a known party, or any by its address. @throws `key.unavailable`, `address.invalid` */
export function accountOf({ profile }: OpenParty, text: string): AccountAddress {
  const { accountPrefix } = profile.network;
  return text.startsWith(`${accountPrefix}1`)
    ? parseAccountAddress(text, accountPrefix)
    : requireParty(profile, text).address;
}

/** Shows what is planned with its price, and asks. False when it was only to be shown. */
export async function agreeTo(
  context: CommandContext,
  party: OpenParty,
  plan: ScopePlan,
  shown: {
    readonly heading: string;
    readonly facts: readonly (readonly [string, string])[];
    readonly warning?: string;
  },
  options: ChangeOptions,
): Promise<boolean> {
  const { screen } = context;
  const inWords = await priceWords(context, party);
  screen.heading(shown.heading);
  const payer = plan.feeGranter === undefined ? [] : [["paid by", nameOf(party, plan.feeGranter)] as const];
  const costs = plan.cost === undefined ? "nothing: the ledger says so already" : inWords(plan.cost.fee);
  screen.facts([...shown.facts, ["costs", costs], ...payer]);
  if (shown.warning !== undefined) screen.warn(shown.warning);
  if (options.dryRun) return false;
  const hint = "--yes does it without asking, --dry-run only shows.";
  if (!options.yes) await confirm(context, { question: "Do it?", what: "do it", hint });
  return true;
}

/** Sends the plan's messages at no more than its price; undefined when there are none. */
export async function writePlan(
  context: CommandContext,
  party: OpenParty,
  { messages, cost, feeGranter }: ScopePlan,
): Promise<TransactionReceipt | undefined> {
  const { screen, signal } = context;
  if (cost === undefined) return undefined;
  const inWords = await priceWords(context, party);
  return await screen.step(
    "writing to the ledger",
    () =>
      sendMessages(party, messages, {
        ...{ agreed: cost, feeGranter, signal },
        onSigned: ({ hash, timeoutHeight }) =>
          screen.tell(`  transaction ${hash}, which no block after ${timeoutHeight} can have`, {
            transaction: hash,
            timeoutHeight,
          }),
      }),
    ({ height, fee }) => `in block ${height} for ${inWords(fee)}`,
  );
}

/** What a program is told of a plan, and of the transaction that carried it out. */
export function planResult({ scope, cost }: ScopePlan, receipt?: TransactionReceipt) {
  return {
    scope,
    fee: receipt?.fee ?? cost?.fee ?? 0n,
    ...(receipt === undefined ? {} : { transaction: receipt.hash, height: receipt.height }),
  };
}

/** What a person calls an account. */
export function nameOf(party: OpenParty, address: string): string {
  return partyOfAddress(party.profile, address)?.title ?? address;
}
