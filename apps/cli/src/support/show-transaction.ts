import type { TransactionReceipt } from "@p8e/chain";
import { P8eError } from "@p8e/core";
import {
  connectNode,
  type LocatedProfile,
  requireTransactionHash,
  type SentTransaction,
  sentHashesBeginning,
  sentTransaction,
  sentTransactions,
} from "@p8e/party";
import type { CommandContext } from "../command-context.ts";
import type { NodeOptions } from "../node-options.ts";
import { showPending, showReceipt, showTransactions } from "../screens/show-transactions.ts";
import { priceWords } from "./price-words.ts";
import { transactionPlaces } from "./transaction-places.ts";

/** What `p8e tx show` can be told. */
export interface ShowOptions extends NodeOptions {
  readonly as?: string;
}

/**
 * Says what became of a transaction. Nothing is sent.
 * @throws `ledger.transaction_failed`; `ledger.transaction_expired` when no block can have it any more; `ledger.not_found`
 *   for one that was not sent from here and the node does not find
 */
export async function showTransaction(context: CommandContext, text: string, options: ShowOptions): Promise<void> {
  const { screen, signal } = context;
  const { node, senders } = await transactionPlaces(context, options);
  const hash = await transactionNamed(senders, text);
  const remembered = await Promise.all(senders.map((sender) => sentTransaction(sender, hash)));
  const sent = remembered.find((each) => each !== undefined);
  await using chain = await connectNode(node, { signal });
  const inWords = await priceWords(context, { chain: async () => chain, profile: node.profile });
  if (sent === undefined) {
    const receipt = await chain.transaction(requireTransactionHash(hash), { signal });
    if (receipt === undefined) throw unknown(hash, chain.keepsResults);
    return tellReceipt(context, receipt, inWords, undefined);
  }
  const found = await chain.standing(sent, { signal });
  if (found.standing === "included") return tellReceipt(context, found.receipt, inWords, sent);
  const { height } = found;
  const { timeoutHeight } = sent;
  if (found.standing === "expired") {
    throw new P8eError("ledger.transaction_expired", "no block has the transaction, and none can have it any more", {
      facts: { hash: sent.hash, timeoutHeight, height },
      hint: "It did nothing and cost nothing: sending its messages again is safe.",
    });
  }
  showPending(screen, sent, height);
  screen.result({ transaction: sent.hash, standing: "pending", height, timeoutHeight, messages: sent.messages });
}

/**
 * The hash in full, or the one of those that were sent from here that begins so.
 * @throws `hash.ambiguous`, `ledger.not_found`
 */
async function transactionNamed(senders: readonly LocatedProfile[], text: string): Promise<string> {
  if (!/^[0-9A-Fa-f]{4,63}$/.test(text)) return text;
  const found = (await Promise.all(senders.map((sender) => sentHashesBeginning(sender, text)))).flat();
  const hashes = [...new Set(found)];
  if (hashes.length === 1) return hashes[0]!;
  if (hashes.length === 0) {
    throw new P8eError("ledger.not_found", "no transaction was sent from here whose hash begins so", {
      facts: { beginning: text },
      hint: "Give the whole hash, of 64 hexadecimal digits.",
    });
  }
  throw new P8eError("hash.ambiguous", "several transactions have hashes that begin so", {
    facts: { beginning: text, hashes: hashes.slice(0, 10) },
    hint: "Give more of the one that is meant.",
  });
}

/** Those that are remembered, newest first. */
export async function listTransactions(context: CommandContext, options: ShowOptions): Promise<void> {
  const { screen } = context;
  const { senders } = await transactionPlaces(context, options);
  const lists = await Promise.all(
    senders.map(async (sender) => {
      const { name, title } = sender.profile.party;
      return (await sentTransactions(sender)).map((sent) => ({ party: name, title, ...sent }));
    }),
  );
  const all = lists.flat().sort((one, other) => other.signedAt.getTime() - one.signedAt.getTime());
  showTransactions(screen, all);
  screen.result({
    transactions: all.map(({ hash: transaction, signedAt, title: _, ...rest }) => ({
      ...{ transaction, signedAt: signedAt.toISOString(), ...rest },
    })),
  });
}

function tellReceipt(
  { screen }: CommandContext,
  receipt: TransactionReceipt,
  inWords: (nhash: bigint) => string,
  sent: SentTransaction | undefined,
): void {
  const { hash, height, fee, gasLimit, confirmation } = receipt;
  showReceipt(screen, receipt, inWords(fee), sent?.messages);
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
