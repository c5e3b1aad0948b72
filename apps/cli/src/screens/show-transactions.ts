import type { TransactionReceipt } from "@p8e/chain";
import type { SentTransaction } from "@p8e/party";
import type { Screen } from "../terminal/screen.ts";

/** `p8e tx show` without a hash. */
export function showTransactions(
  screen: Screen,
  all: readonly (Pick<SentTransaction, "hash" | "signedAt" | "messages"> & { readonly title: string })[],
): void {
  if (all.length === 0) {
    screen.say("None was sent from here by p8e tx send.");
    return;
  }
  screen.table(
    ["signed", "by", "transaction", "messages"],
    all.map(({ signedAt, title, hash, messages }) => [
      signedAt.toISOString(),
      title,
      hash,
      messages.map((url) => url.split(".").at(-1)).join(", "),
    ]),
  );
}

/** `p8e tx show` of one that is in a block. */
export function showReceipt(
  screen: Screen,
  { hash, height, gasLimit, confirmation }: Pick<TransactionReceipt, "hash" | "height" | "gasLimit" | "confirmation">,
  price: string,
  messages: readonly string[] | undefined,
): void {
  screen.say(
    confirmation === "result"
      ? `${screen.style("green", "✔")} ${hash} is in block ${height} and succeeded`
      : `${screen.style("yellow", "?")} ${hash} is in block ${height}; this node does not keep whether it succeeded`,
  );
  screen.facts([
    ["fee", price],
    ["gas limit", gasLimit.toLocaleString("en-US")],
    ["messages", messages?.join(", ")],
  ]);
}

/** `p8e tx show` of one that no block has, and that one may still have. */
export function showPending(
  screen: Screen,
  { hash, timeoutHeight, messages }: Pick<SentTransaction, "hash" | "timeoutHeight" | "messages">,
  height: bigint,
): void {
  screen.say(`No block has ${hash} yet.`);
  screen.facts([
    ["newest block", String(height)],
    ["last that can have it", String(timeoutHeight)],
    ["messages", messages.join(", ")],
  ]);
  screen.note("Ask again; until that block has passed, sending its messages anew could do them twice.");
}
