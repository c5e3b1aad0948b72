import { type ContentHash, P8eError, type ScopeAddress, type Uuid } from "@p8e/core";
import { documentUri, loadContractSample, loanContracts, syntheticDocument } from "@p8e/example-loan";
import { type ApprovalPolicy, listen, parseApprovalPolicy } from "@p8e/sdk";
import type { CommandContext } from "../command-context.ts";
import { priceWords } from "../support/price-words.ts";
import { approve, askOthers, executeRequest, nameAt, runErrand, standAt, untilAllKnow } from "./agreement-scenes.ts";
import { type Actor, type Stage, the } from "./stage.ts";
import { untilArrived } from "./until-arrived.ts";

// What several parties sign: a validation, a note, a month of servicing; and what one of them does not sign.

const DOCUMENT_BYTES = 4000;
const PATIENCE_MS = 60_000;

/** The lender asks for a validation; the validator answers, and the lender, who owns the loan, signs that too. */
export async function validateLoan(context: CommandContext, stage: Stage, scope: ScopeAddress): Promise<Uuid> {
  const { screen, signal } = context;
  const { lender, validator } = stage;
  screen.heading("8  A validator looks at the loan");
  const { inputs } = await loadContractSample("record-loan-validation-request");
  const asked = await runErrand(context, lender, {
    contract: loanContracts["record-loan-validation-request"],
    ...{ scope, participants: { OWNER: lender.affiliate }, proposals: inputs },
    dataAccess: [validator.affiliate],
  });
  const { sessions } = await lender.party.client();
  await screen.step(
    "recording the request",
    () => sessions.memorialize(asked, { signal }),
    ({ receipt }) => `the request is on the ledger in block ${receipt.height}; the validator may read the loan now`,
  );
  const { inputs: answer } = await loadContractSample("record-loan-validation-results");
  const hash = await storeSmall(context, validator, "synthetic-validation.txt", [lender]);
  const { results } = answer.resultSubmission;
  results!.uri = documentUri(hash);
  results!.checksum!.checksum = hash;
  const priced = await runErrand(context, validator, {
    contract: loanContracts["record-loan-validation-results"],
    ...{ scope, participants: { VALIDATOR: validator.affiliate }, proposals: answer },
  });
  const execution = await askOthers(context, validator, priced);
  await approve(context, lender, execution);
  await untilAllKnow(context, [validator, lender], execution, "committed", "the validator's results are on the ledger");
  return execution;
}

/** Owner and controller put a corrected note in the place of the old one. */
export async function changeNote(context: CommandContext, stage: Stage, scope: ScopeAddress): Promise<Uuid> {
  const { screen } = context;
  const { lender, bank } = stage;
  screen.heading("9  Owner and controller change the note");
  screen.say(
    "The note was corrected. Neither the lender, who owns it, nor the bank, who controls it, can do that alone.",
  );
  const priced = await runErrand(
    context,
    lender,
    await noteErrand(context, lender, bank, scope, "synthetic-note-2.txt"),
  );
  const execution = await askOthers(context, lender, priced);
  await approve(context, bank, execution);
  await untilAllKnow(context, [lender, bank], execution, "committed", "the corrected note is on the ledger");
  return execution;
}

/** A servicer appends what became of the loan; the lender's policy approves it, after the same look. */
export async function serviceLoan(context: CommandContext, stage: Stage, scope: ScopeAddress): Promise<Uuid> {
  const { screen, signal } = context;
  const { lender, servicer } = stage;
  screen.heading("10  A servicer adds two months");
  await shareScope(context, lender, servicer, scope);
  const { inputs } = await loadContractSample("append-loan-states");
  for (const state of inputs.newLoanStates.loanState) {
    const hash = await storeSmall(context, servicer, `synthetic-state-${state.id?.value}.txt`, [lender]);
    state.uri = documentUri(hash);
    state.checksum!.checksum = hash;
  }
  const contract = loanContracts["append-loan-states"];
  const participants = { SERVICER: servicer.affiliate };
  const priced = await runErrand(context, servicer, { contract, scope, participants, proposals: inputs });
  const execution = await askOthers(context, servicer, priced);
  const { manifest, specification, scopeSpecification } = priced.executed.prepared.contract;
  const rule = {
    name: "servicing",
    contract: specification.hash,
    invokers: [servicer.party.self.address],
    scopeSpecification,
    limits: { messages: 2, hours: 25, perDay: 1000, fee: "1000000000000" },
  };
  screen.say("Nobody at the lender is asked: a rule of its policy fits altogether. Rules are data:");
  screen.facts([
    ["rule", rule.name],
    ["contract", `${manifest.className}, by its hash ${rule.contract}`],
    ["asked by", nameAt(lender, rule.invokers[0]!)],
    ["at most", `${rule.limits.messages} messages on the ledger each time, ${rule.limits.perDay} times a day`],
  ]);
  const policy = parseApprovalPolicy(JSON.stringify({ format: 1, rules: [rule] }));
  await screen.step(
    "the lender listens",
    () => untilApproved(lender, execution, policy, signal),
    () => "the lender's environment executes it, finds the same results, and signs by its rule",
  );
  await untilAllKnow(context, [servicer, lender], execution, "committed", "both months are on the ledger");
  return execution;
}

/** Three would have to sign, and one of them does not: nothing is written, and all three know why. */
export async function refuseNote(context: CommandContext, stage: Stage, scope: ScopeAddress): Promise<Uuid> {
  const { screen, signal } = context;
  const { lender, bank, servicer } = stage;
  screen.heading("11  One of three says no");
  screen.say("The lender wants the servicer to control the note. The bank, who controls it now, has a say in that.");
  const errand = await noteErrand(context, lender, servicer, scope, "synthetic-note-3.txt");
  const priced = await runErrand(context, lender, errand);
  const execution = await askOthers(context, lender, priced);
  await approve(context, servicer, execution);
  await executeRequest(context, bank, execution);
  const { agreements } = await bank.party.client();
  await screen.step(
    "the bank refuses",
    () => agreements.reject(execution, "the note is our security until the loan is repaid", { signal }),
    () => "the warehouse bank does not sign, and says why",
  );
  const all = [lender, servicer, bank];
  await untilAllKnow(context, all, execution, "rejected", "nothing reaches the ledger, and all three know the reason");
  const rows = all.map(async (actor) => {
    const { state, reason = "" } = await standAt(actor, execution);
    return [actor.party.self.title, state, reason];
  });
  screen.table(["at", "the session is", "because"], await Promise.all(rows));
  return execution;
}

/** Gives a party data access on the ledger, and the objects of the scope wrapped for its key. */
export async function shareScope(
  context: CommandContext,
  owner: Actor,
  reader: Actor,
  address: ScopeAddress,
): Promise<void> {
  const { screen, signal } = context;
  const { scopes } = await owner.party.client();
  const inWords = await priceWords(context, owner.party);
  await screen.step(
    `sharing the loan with ${the(reader)}`,
    (progress) =>
      untilArrived({ who: the(owner), what: "all objects of the loan", signal }, async () => {
        const plan = await scopes.planShare(address, reader.affiliate, { signal });
        const { added } = await scopes.share(plan, { signal, onShared: progress });
        return { fee: plan.cost?.fee ?? 0n, wrapped: added.length };
      }),
    ({ fee, wrapped }) =>
      `${the(reader)} may read it now, for ${inWords(fee)}: ${wrapped} keys were wrapped for it, nothing was encrypted anew`,
  );
}

/** What puts another document in the place of the loan's note. */
async function noteErrand(
  context: CommandContext,
  owner: Actor,
  controller: Actor,
  scope: ScopeAddress,
  fileName: string,
) {
  const { inputs } = await loadContractSample("update-e-note");
  const hash = await storeSmall(context, owner, fileName, [controller]);
  const note = inputs.newENote;
  note.fileName = fileName;
  note.uri = documentUri(hash);
  note.checksum!.checksum = hash;
  const participants = { OWNER: owner.affiliate, CONTROLLER: controller.affiliate };
  return { contract: loanContracts["update-e-note"], scope, participants, proposals: inputs };
}

/** A document that a record is to name, in the store of who names it. */
async function storeSmall(
  { signal }: CommandContext,
  owner: Actor,
  fileName: string,
  readers: readonly Actor[],
): Promise<ContentHash> {
  const { store, keys } = owner;
  const source = { sizeBytes: DOCUMENT_BYTES, open: () => syntheticDocument(DOCUMENT_BYTES, fileName) };
  const audience = readers.map(({ affiliate }) => affiliate.encryptionKey);
  return (await store.put(source, { owner: keys.encryption.publicKey, signer: keys.signing, audience, signal })).hash;
}

/** Listens with a policy until it has approved a request. */
async function untilApproved(
  actor: Actor,
  execution: Uuid,
  policy: ApprovalPolicy,
  signal: AbortSignal,
): Promise<void> {
  const said: string[] = [];
  const stop = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
  for await (const news of listen(await actor.party.client(), { policy, signal: stop })) {
    if (news.kind === "approved" && news.execution === execution) return;
    if ((news.kind === "undecided" || news.kind === "unsound") && news.execution === execution) {
      const why = news.kind === "unsound" ? news.error.message : JSON.stringify(news.why);
      throw new P8eError("internal.unexpected", `the policy does not approve what it was written for: ${why}`);
    }
    if ("error" in news) said.push(news.error.message);
  }
  if (signal.aborted) throw new P8eError("rpc.cancelled", "the story was interrupted");
  throw new P8eError("internal.unexpected", `the policy has not approved: ${said.at(-1) ?? "no request came"}`);
}
