import { buildContract } from "@p8e/contract";
import { hasCode, mapAtMost, P8eError } from "@p8e/core";
import {
  contractEntryOf,
  type LoanContractName,
  loadSamplePackage,
  recordLoan as recordLoanContract,
  type SamplePackageName,
  type StoredDocument,
  sampleDocuments,
  scopeSpecification,
  syntheticDocument,
} from "@p8e/example-loan";
import type { FoundContract, MemorializedSession, NewSession, PublicationPlan } from "@p8e/sdk";
import type { CommandContext } from "../command-context.ts";
import { mediaTypeOf } from "../support/media-type.ts";
import { passedOf } from "../support/passed-of.ts";
import { priceWords } from "../support/price-words.ts";
import { formatSize } from "../terminal/format.ts";
import type { Stage, ToldDocument } from "./stage.ts";

// What the lender does: publish, be refused, store, record.

type LoanContract = FoundContract<typeof recordLoanContract>;

/** The contracts of the story, by name: who runs each, and who must sign it too. */
const published = [
  ["record-loan", "Lender", ""],
  ["record-loan-validation-request", "Lender", ""],
  ["record-loan-validation-results", "Validator", "Lender, who owns the loan"],
  ["update-e-note", "Lender", "Warehouse bank, who controls the note"],
  ["append-loan-states", "Servicer", "Lender, who owns the loan"],
] as const satisfies readonly (readonly [LoanContractName, string, string])[];

/** Builds the contracts of a loan and publishes them, unless the ledger has them from an earlier telling. */
export async function publishContracts(
  context: CommandContext,
  { lender, bank, validator, servicer, investor }: Stage,
): Promise<LoanContract> {
  const { screen, signal } = context;
  screen.heading("1  The lender publishes contracts");
  screen.say("Their code says what may be recorded of a loan, and by whom. Everybody runs it for themselves.");
  const sandbox = await lender.party.sandbox();
  const built = await screen.step(
    "building the contracts",
    () =>
      mapAtMost(
        2,
        published,
        ([name], stop) => buildContract({ entry: contractEntryOf(name), describe: sandbox.describe, signal: stop }),
        signal,
      ),
    (done) => `${done.length} contracts built: the same bytes for everybody who builds them`,
  );
  const { publisher, sessions } = await lender.party.client();
  const audience = [bank, validator, servicer, investor].map(({ affiliate }) => affiliate.encryptionKey);
  const inWords = await priceWords(context, lender.party);
  const plans: PublicationPlan[] = [];
  await screen.step(
    "publishing them",
    async (progress) => {
      let [written, fee] = [0, 0n];
      for (const each of built) {
        const plan = await publisher.plan({ built: each, scopes: [scopeSpecification], audience }, { signal });
        const done = await publisher.publish(plan, { signal });
        written += done.receipts.length;
        fee += done.fee;
        plans.push(plan);
        progress({ done: plans.length, total: built.length });
      }
      return { written, fee };
    },
    ({ written, fee }) =>
      written === 0
        ? "published in an earlier telling: the ledger has it all"
        : `published: specifications on the ledger for ${inWords(fee)}, code in the lender's store`,
  );
  screen.table(
    ["contract", "who runs it", "who must sign it too"],
    built.map(({ manifest }, index) => [manifest.className, published[index]![1], published[index]![2]]),
  );
  const specification = plans[0]!.scopes[0]!;
  return await sessions.find(recordLoanContract, { kind: "new", specification }, { signal });
}

/** A loan package that breaks a rule is refused, and leaves nothing anywhere. */
export async function refuseBrokenPackage(
  context: CommandContext,
  { lender }: Stage,
  contract: LoanContract,
): Promise<void> {
  const { screen, signal } = context;
  screen.heading("2  A package that breaks a rule is refused");
  const { sessions } = await lender.party.client();
  const prepared = await sessions.prepare(await requestFor(lender, "negative-principal", contract, []), {
    signal,
  });
  const refusal = await screen.step(
    "running the contract on a loan with a negative principal",
    async () => {
      try {
        await sessions.execute(prepared, { signal });
      } catch (error) {
        if (hasCode(error, "contract.failed")) return error;
        throw error;
      }
      throw new P8eError("internal.unexpected", "the contract accepted a package that breaks a rule");
    },
    (error) => `refused by the rule ${String(error.facts.rule)}, at the field ${String(error.facts.field)}`,
  );
  screen.say(`  ${refusal.message}`);
  screen.note("  Nothing was stored and nothing was written to the ledger.");
}

/** Stores the loan's documents, encrypted for lender and bank. */
export async function storeDocuments(
  { screen, signal }: CommandContext,
  { lender, bank }: Stage,
  largestBytes: number,
): Promise<readonly ToldDocument[]> {
  screen.heading("3  The lender stores the loan's documents");
  screen.say("Each is encrypted on the lender's machine, once, with a key that only the two of them can unwrap.");
  const stored = [];
  for (const [index, { fileName, sizeBytes: usualBytes }] of sampleDocuments.entries()) {
    const sizeBytes = index === 0 ? largestBytes : usualBytes;
    const source = { sizeBytes, open: () => syntheticDocument(sizeBytes, fileName) };
    const receipt = await screen.step(
      `encrypting ${fileName}`,
      (onProgress) =>
        lender.store.put(source, {
          owner: lender.keys.encryption.publicKey,
          signer: lender.keys.signing,
          audience: [bank.affiliate.encryptionKey],
          file: { name: fileName, mediaType: mediaTypeOf(fileName) },
          signal,
          onProgress,
        }),
      () => `${fileName}: ${formatSize(sizeBytes)} encrypted and stored durably`,
    );
    stored.push({ fileName, sizeBytes, hash: receipt.hash });
  }
  return stored;
}

/** Runs the contract on a right package, and writes what came of it to the ledger. */
export async function recordLoan(
  context: CommandContext,
  { lender, bank }: Stage,
  contract: LoanContract,
  documents: readonly StoredDocument[],
): Promise<MemorializedSession> {
  const { screen, signal } = context;
  screen.heading("4  The lender runs the contract and writes the result to the ledger");
  const { sessions } = await lender.party.client();
  const request = await requestFor(lender, "sound", contract, documents);
  const prepared = await sessions.prepare({ ...request, dataAccess: [bank.affiliate] }, { signal });
  const executed = await screen.step(
    "running it in the sandbox",
    () => sessions.execute(prepared, { signal }),
    (done) => `all rules hold: ${passedOf(done)} functions ran in the sandbox, without network, clock or files`,
  );
  const priced = await sessions.price(executed, { signal });
  const inWords = await priceWords(context, lender.party);
  screen.say(`  it will cost ${inWords(priced.cost.fee)} to write (known before anything is signed)`);
  const recorded = await screen.step(
    "storing and memorializing",
    (progress) => sessions.memorialize(priced, { signal, onShared: progress }),
    ({ receipt }) =>
      `inputs, results and the signed contract stored; scope, session and ${passedOf(executed)} records on the ledger in block ${receipt.height}`,
  );
  screen.facts([
    ["scope", recorded.scope],
    ["session", recorded.session],
    ["transaction", recorded.receipt.hash],
  ]);
  return recorded;
}

async function requestFor(
  lender: Stage["lender"],
  name: SamplePackageName,
  contract: LoanContract,
  documents: readonly StoredDocument[],
): Promise<NewSession<typeof recordLoanContract>> {
  return {
    contract,
    scope: { kind: "new", specification: contract.scopeSpecification },
    participants: new Map([["OWNER", lender.affiliate]]),
    proposals: await loadSamplePackage(name, documents),
  };
}
