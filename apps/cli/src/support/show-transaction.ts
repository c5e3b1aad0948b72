import type { TransactionReceipt } from "@p8e/chain";
import { P8eError } from "@p8e/core";
import { type OpenParty, type SentTransaction, sentTransaction, sentTransactions } from "@p8e/party";
import type { CommandContext } from "../command-context.ts";
import type { NodeOptions } from "../node-options.ts";
import { priceWords } from "./price-words.ts";

/** What `p8e tx show` can be told. */
export interface ShowOptions extends NodeOptions {
  readonly as?: string;
}

/**
 * Says what became of a transaction. Nothing is sent.
 * @throws `ledger.transaction_failed`; `ledger.transaction_expired` when no block can have it any more; `ledger.not_found`
 *   for one that this party did not send and the node does not find
 */
export async function showTransaction(context: CommandContext, hash: string, options: ShowOptions): Promise<void> {
  const { screen, openParty, signal } = context;
  await using party = await openParty(options.as, "--as", options);
  const sent = await sentTransaction(party.located, hash);
  const chain = await party.chain();
  if (sent === undefined) {
    const receipt = await chain.transaction(hash, { signal });
    if (receipt === undefined) throw unknown(hash, chain.keepsResults);
    return await showReceipt(context, party, receipt, undefined);
  }
  const found = await chain.standing(sent, { signal });
  if (found.standing === "included") return await showReceipt(context, party, found.receipt, sent);
  const { height } = found;
  const { timeoutHeight } = sent;
  if (found.standing === "expired") {
    throw new P8eError("ledger.transaction_expired", "no block has the transaction, and none can have it any more", {
      facts: { hash: sent.hash, timeoutHeight, height },
      hint: "It did nothing and cost nothing: sending its messages again is safe.",
    });
  }
  screen.say(`No block has ${sent.hash} yet.`);
  screen.facts([
    ["newest block", String(height)],
    ["last that can have it", String(timeoutHeight)],
    ["messages", sent.messages.join(", ")],
  ]);
  screen.note("Ask again; until that block has passed, sending its messages anew could do them twice.");
  screen.result({ transaction: sent.hash, standing: "pending", height, timeoutHeight, messages: sent.messages });
}

/** Those that the party remembers, newest first. */
export async function listTransactions({ screen, openParty }: CommandContext, options: ShowOptions): Promise<void> {
  await using party = await openParty(options.as, "--as", options);
  const all = await sentTransactions(party.located);
  if (all.length === 0) screen.say("None was sent from here by p8e tx send.");
  else {
    screen.table(
      ["signed", "transaction", "messages"],
      all.map(({ signedAt, hash, messages }) => [
        signedAt.toISOString().slice(0, 19),
        hash,
        messages.map((url) => url.split(".").at(-1)).join(", "),
      ]),
    );
  }
  screen.result({
    transactions: all.map(({ hash: transaction, signedAt, ...rest }) => ({
      ...{ transaction, signedAt: signedAt.toISOString(), ...rest },
    })),
  });
}

async function showReceipt(
  context: CommandContext,
  party: OpenParty,
  { hash, height, fee, gasLimit, confirmation }: TransactionReceipt,
  sent: SentTransaction | undefined,
): Promise<void> {
  const { screen } = context;
  const inWords = await priceWords(context, party);
  const succeeded = confirmation === "result";
  screen.say(
    succeeded
      ? `${screen.style("green", "✔")} ${hash} is in block ${height} and succeeded`
      : `${screen.style("yellow", "?")} ${hash} is in block ${height}; this node does not keep whether it succeeded`,
  );
  screen.facts([
    ["fee", inWords(fee)],
    ["gas limit", gasLimit.toLocaleString("en-US")],
    ["messages", sent?.messages.join(", ")],
  ]);
  screen.result({
    ...{ transaction: hash, standing: "included", height, fee, gasLimit, confirmation },
    ...(sent === undefined ? {} : { messages: sent.messages }),
  });
}

function unknown(hash: string, keepsResults: boolean): P8eError {
  return new P8eError("ledger.not_found", "the node has no transaction of this hash", {
    facts: { hash: hash.toUpperCase() },
    hint: keepsResults
      ? "It was not sent from here by p8e tx send; whoever sent it knows until which block it could be included."
      : "This node keeps no index: it finds only what was sent from here by p8e tx send. Ask another with --node.",
  });
}
