import { type ContentHash, P8eError, type ScopeAddress } from "@p8e/core";
import { generatePrivateKey, localKey, systemRandom } from "@p8e/crypto";
import { type MemorializedSession, requireHolds } from "@p8e/sdk";
import type { CommandContext } from "../command-context.ts";
import { summarizeFindings } from "../screens/show-findings.ts";
import { priceWords } from "../support/price-words.ts";
import { verifyAt } from "./bank-chapters.ts";
import { shareScope } from "./party-chapters.ts";
import { actorNames, type Stage } from "./stage.ts";

// What the investor buys, and how everybody can believe it; and what nobody else sees.

/** The value of the loan moves to the investor, who verifies all of it first, from its own store. */
export async function sellLoan(context: CommandContext, stage: Stage, scope: ScopeAddress): Promise<void> {
  const { screen, signal } = context;
  const { lender, investor } = stage;
  screen.heading("12  An investor buys the loan");
  await shareScope(context, lender, investor, scope);
  await verifyAt(context, investor, scope);
  const { scopes } = await lender.party.client();
  const inWords = await priceWords(context, lender.party);
  const plan = await scopes.planTransfer(scope, investor.party.self.address, { signal });
  await screen.step(
    "moving the loan's value",
    () => scopes.transfer(plan, { signal }),
    () => `the value belongs to the investor, for ${inWords(plan.cost?.fee ?? 0n)}; the owner and who may read stay`,
  );
  const { valueOwner } = await (await investor.party.client()).reader.scope(scope, { signal });
  if (valueOwner !== investor.party.self.address) {
    throw new P8eError("verify.failed", "the ledger names another value owner", { facts: { valueOwner } });
  }
}

/** The bank, who only reads, runs the first session again. */
export async function replayFirst(
  { screen, signal }: CommandContext,
  { bank }: Stage,
  { scope, session }: MemorializedSession,
): Promise<void> {
  screen.heading("13  The first session is run again");
  screen.say("Signatures say who agreed. Whether the contract really gives what they signed, whoever reads can try.");
  const { reader } = await bank.party.client();
  const report = await screen.step(
    "the warehouse bank runs it again",
    () => reader.replay(scope, { session, signal }),
    ({ sessions }) =>
      `the warehouse bank ran ${sessions[0]?.functions.length ?? 0} functions of it again, on the inputs in its own store`,
  );
  const each = (what: string) => /^function /.test(what);
  const functions = report.findings.filter(({ what, outcome }) => each(what) && outcome === "holds");
  summarizeFindings(screen, { findings: report.findings.filter((finding) => !functions.includes(finding)) });
  screen.say(
    `${screen.style("green", "✔")} ${functions.length} functions: each did what it did then, for as much work`,
  );
  requireHolds(report);
}

/** Asks every store as a stranger, who gets nothing, and says who can read what. */
export async function showWhoCanRead(
  { screen, signal }: CommandContext,
  stage: Stage,
  documents: readonly { readonly hash: ContentHash }[],
): Promise<void> {
  screen.heading("14  Who can read what, and why it can be believed");
  const stranger = localKey(generatePrivateKey(systemRandom));
  const asked = await Promise.all(
    actorNames.map((name) =>
      stage[name].store.get(documents[0]!.hash, { key: stranger, signal }).then(
        () => "the file",
        (error: unknown) => P8eError.from(error).code,
      ),
    ),
  );
  if (asked.some((answer) => answer !== "object.not_found")) {
    throw new P8eError("verify.failed", "a stranger got an answer from a store", { facts: { answers: asked } });
  }
  screen.table(
    ["who", "sees"],
    [
      ["Lender", "the loan and its documents: it encrypted them"],
      ["Warehouse bank", "the same, from its own store: its key is in the audience"],
      [
        "Validator, servicer, investor",
        "the loan, each from its own store; not the documents, whose audience they are not",
      ],
      ["The stores", "ciphertext, sizes, and whose keys may read it; they hold no key"],
      ["The ledger", "hashes, parties and specifications; no data"],
      ["A stranger with a key", "nothing: asked all five stores just now, all say they have no such object"],
    ],
  );
  screen.say(
    "It can be believed because every content has the hash that the ledger holds, every signature covers that content, " +
      "and the contract that made the records is the one whose hash is in its specification.",
  );
}
