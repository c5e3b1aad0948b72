import type { FunctionView } from "@p8e/party/views";
import type { Screen } from "../terminal/screen.ts";
import { type Named, partiesInRoles } from "./named.ts";

/** `p8e contract execute`, before anything is stored or written: who is what, and what the functions came to. */
export function showExecuted(
  screen: Screen,
  {
    parties,
    functions,
  }: {
    readonly parties: readonly { readonly address: string; readonly role: string }[];
    readonly functions: readonly FunctionView[];
  },
  named: Named,
): void {
  screen.facts([["parties", partiesInRoles(parties, named).join("\n")]]);
  screen.table(
    ["function", "outcome", "record", "hash"],
    functions.map((each) => [each.function, each.outcome, each.record, each.hash ?? ""]),
  );
}

/** What it costs, and who must sign beside this party. */
export function showPrice(
  screen: Screen,
  {
    price,
    others,
  }: {
    /** In words. */
    readonly price: string;
    readonly others: readonly { readonly address: string; readonly messages: number }[];
  },
  named: Named,
): void {
  screen.say(`  writing it to the ledger costs ${price}`);
  if (others.length === 0) return;
  screen.table(
    ["must sign too", "messages it lets you write"],
    others.map(({ address, messages }) => [named(address), String(messages)]),
  );
}

/** An execution that others were asked to sign. */
export function showRequested(
  screen: Screen,
  requested: {
    readonly session: string;
    readonly scope: string;
    readonly until: string;
    /** Commands. */
    readonly seeWith: string;
    readonly takeInWith: string;
  },
): void {
  screen.facts([
    ["session", requested.session],
    ["scope", requested.scope],
    ["until", requested.until],
    ["see it with", requested.seeWith],
    ["take in answers with", requested.takeInWith],
  ]);
  screen.note("  What all have signed, it then writes to the ledger.");
}

/** An execution that is on the ledger. */
export function showMemorialized(
  screen: Screen,
  done: {
    readonly scope: string;
    readonly session: string;
    readonly transaction: string;
    /** How success is known. */
    readonly confirmation: "result" | "state" | "block";
    /** A transaction that ran out of gas first, and what it took, in words. */
    readonly outOfGas: { readonly transaction: string; readonly price: string } | undefined;
    /** A command. */
    readonly checkWith: string;
  },
): void {
  const { outOfGas } = done;
  screen.facts([
    ["scope", done.scope],
    ["session", done.session],
    ["transaction", done.transaction],
    ["confirmed by", confirmations[done.confirmation]],
    ["ran out of gas first", outOfGas && `${outOfGas.transaction}, which took ${outOfGas.price}`],
    ["check it with", done.checkWith],
  ]);
}

/** What is not as usual is told. */
const confirmations = {
  result: undefined,
  state: "the ledger's state; this node keeps no results",
  block: "its block alone; this node keeps no results",
} as const;
