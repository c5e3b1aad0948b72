import { type DescMessage, type MessageShape, toBinary } from "@bufbuild/protobuf";
import { buildContract } from "@p8e/contract";
import { type ContentHash, P8eError, parseContentHash, type ScopeSpecificationAddress } from "@p8e/core";
import { generatePrivateKey, localKey, systemRandom } from "@p8e/crypto";
import { affiliateOfEntry } from "@p8e/environment";
import {
  AssetSchema,
  contractEntry,
  inputSchemas,
  LoanDocumentsSchema,
  type LoanPackage,
  LoanSchema,
  loadSamplePackage,
  type SamplePackageName,
  type StoredDocument,
  sampleDocuments,
  scopeSpecification,
  syntheticDocument,
} from "@p8e/example-loan";
import { javaClassName, unpackAny } from "@p8e/proto";
import { hydrate, type MemorializedSession, type NewSession, type Proposal, readScope, verifyScope } from "@p8e/sdk";
import type { CommandContext } from "../command-context.ts";
import { showEnvironmentFile, stay } from "../commands/environment-commands.ts";
import { showFindings } from "../commands/ledger-commands.ts";
import { formatFee, formatSize } from "../terminal/format.ts";
import { openStage, type Stage, untilArrived } from "./stage.ts";

const MEGABYTE = 1_000_000;

/** `npm start`: the whole story of one loan, on real parts, told as it happens. */
export async function story(
  context: CommandContext,
  options: { readonly once: boolean; readonly documentMb: number },
): Promise<void> {
  const { screen } = context;
  const began = performance.now();
  screen.say(screen.style("bold", "One loan, two companies, nobody else"));
  screen.say("A lender shares a loan file with its warehouse bank. Everybody else learns nothing,");
  screen.say("and both can prove at any time what was agreed. Everything below really happens.");

  screen.heading("The stage");
  await using stage = await openStage(context);
  showEnvironmentFile(screen, stage.lender.file);
  screen.note("A store keeps a party's files encrypted and cannot read them. The ledger sees hashes only.");
  await finishInterrupted(context, stage);

  const specification = await publishContract(context, stage);
  await refuseBrokenPackage(context, stage, specification);
  const documents = await storeDocuments(context, stage, options.documentMb * MEGABYTE);
  const recorded = await recordLoan(context, stage, specification, documents);
  await replicate(context, stage, recorded, documents);
  await verifyAtBank(context, stage, recorded);
  await readLoanAtBank(context, stage, recorded, documents);
  await showWhoCanRead(context, stage, documents);

  screen.heading("Try it yourself");
  const { dataDir } = context;
  const data = dataDir === "./.p8e" ? "" : ` --data ${dataDir}`;
  screen.say(`  npx p8e scope show ${recorded.scope}${data}`);
  screen.say(`  npx p8e verify ${recorded.scope} --as bank${data}`);
  screen.say(`  npx p8e get ${documents.at(-1)!.hash} --as bank --from lender --out deed.txt${data}`);
  screen.say(`  npx p8e why ${documents[0]!.hash} --store lender${data}`);
  screen.say(`\nThe story took ${((performance.now() - began) / 1000).toFixed(1)} s.`);
  screen.result({
    scope: recorded.scope,
    session: recorded.session,
    transaction: recorded.receipt.hash,
    documents,
    milliseconds: Math.round(performance.now() - began),
  });
  if (!options.once && stage.owned) await stay(screen, context.signal);
}

/** A crash in the middle of an earlier telling left something half-way: it is completed, never repeated. */
async function finishInterrupted({ screen, signal }: CommandContext, { lender }: Stage): Promise<void> {
  for (const { session, error } of await (await lender.client()).resume({ signal })) {
    if (session) screen.say(`${screen.style("green", "✔")} completed what was interrupted: ${session.scope}`);
    else screen.warn(`an interrupted session failed for good: ${error?.message}`);
  }
}

async function publishContract(
  { screen, signal }: CommandContext,
  { lender, bank }: Stage,
): Promise<ScopeSpecificationAddress> {
  screen.heading("1  The lender publishes a contract");
  screen.say("Its code says what a loan package must look like, and which records come of it.");
  const sandbox = lender.sandbox();
  const built = await screen.step(
    "building the contract",
    () => buildContract({ entry: contractEntry, describe: (bundle) => sandbox.describe(bundle) }),
    ({ manifest }) =>
      `${manifest.className} built: ${formatSize(manifest.bundle.sizeBytes)}, the same bytes for everybody who builds it`,
  );
  const client = await lender.client();
  const audience = [affiliateOfEntry(bank.entry).encryptionKey];
  const plan = await client.planPublication({ built, scopes: [scopeSpecification], audience }, { signal });
  await screen.step(
    "publishing it",
    () => client.publish(plan, { signal }),
    ({ receipts, fee }) =>
      receipts.length === 0
        ? "published in an earlier telling: the ledger has it all"
        : `published: ${plan.steps.length} specifications and links on the ledger for ${formatFee(fee)}, code in the lender's store`,
  );
  screen.facts([
    ["contract", plan.contract],
    ["code hash", built.manifest.bundle.hash],
  ]);
  return plan.scopes[0]!;
}

async function refuseBrokenPackage(
  context: CommandContext,
  { lender }: Stage,
  specification: ScopeSpecificationAddress,
): Promise<void> {
  const { screen, signal } = context;
  screen.heading("2  A package that breaks a rule is refused");
  const client = await lender.client();
  const prepared = await client.prepare(await requestFor(lender, "negative-principal", specification, []), {
    signal,
  });
  const refusal = await screen.step(
    "running the contract on a loan with a negative principal",
    async () => {
      try {
        await client.execute(prepared, { signal });
      } catch (error) {
        if (error instanceof P8eError && error.code === "contract.failed") return error;
        throw error;
      }
      throw new P8eError("internal.unexpected", "the contract accepted a package that breaks a rule");
    },
    (error) => `refused by the rule ${String(error.facts.rule)}, at the field ${String(error.facts.field)}`,
  );
  screen.say(`  ${refusal.message}`);
  screen.note("  Nothing was stored and nothing was written to the ledger.");
}

async function storeDocuments(
  { screen, signal }: CommandContext,
  { lender, bank }: Stage,
  largestBytes: number,
): Promise<readonly (StoredDocument & { readonly sizeBytes: number; readonly hash: ContentHash })[]> {
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
          audience: [affiliateOfEntry(bank.entry).encryptionKey],
          signal,
          onProgress,
        }),
      () => `${fileName}: ${formatSize(sizeBytes)} encrypted and stored durably`,
    );
    stored.push({ fileName, sizeBytes, hash: receipt.hash });
  }
  return stored;
}

async function recordLoan(
  context: CommandContext,
  { lender, bank }: Stage,
  specification: ScopeSpecificationAddress,
  documents: readonly StoredDocument[],
): Promise<MemorializedSession> {
  const { screen, signal } = context;
  screen.heading("4  The lender runs the contract and writes the result to the ledger");
  const client = await lender.client();
  const request = await requestFor(lender, "sound", specification, documents);
  const prepared = await client.prepare({ ...request, dataAccess: [affiliateOfEntry(bank.entry)] }, { signal });
  const executed = await screen.step(
    "running it in the sandbox",
    () => client.execute(prepared, { signal }),
    ({ results }) => `all rules hold: ${results.length} functions ran in the sandbox, without network, clock or files`,
  );
  const cost = await client.price(executed, { signal });
  screen.say(`  it will cost ${formatFee(cost.fee)} to write (known before anything is signed)`);
  const recorded = await screen.step(
    "storing and memorializing",
    (progress) => client.memorialize(executed, { signal, onShared: progress }),
    ({ receipt }) =>
      `inputs, results and the signed contract stored; scope, session and ${executed.results.length} records on the ledger in block ${receipt.height}`,
  );
  screen.facts([
    ["scope", recorded.scope],
    ["session", recorded.session],
    ["transaction", recorded.receipt.hash],
  ]);
  return recorded;
}

async function replicate(
  { screen, signal }: CommandContext,
  { lender, bank }: Stage,
  recorded: MemorializedSession,
  documents: readonly { readonly hash: ContentHash }[],
): Promise<void> {
  screen.heading("5  The bank's store receives what is meant for the bank");
  screen.say("The lender's store sends an object on when, and only when, its audience names the bank's key.");
  const scope = await readScope(await lender.chain(), recorded.scope, { signal });
  const hashes = scope.records.flatMap((record) => record.outputs.map((output) => parseContentHash(output.hash)));
  const all = [...new Set([...hashes, ...documents.map((document) => document.hash)])];
  await screen.step(
    "waiting for the objects to arrive",
    async (progress) => {
      for (const [done, hash] of all.entries()) {
        await using _object = await untilArrived(
          () => bank.store.get(hash, { key: bank.keys.encryption, signal }),
          signal,
        );
        progress({ done: done + 1, total: all.length });
      }
    },
    () => `${all.length} objects are in the bank's own store, each checked`,
  );
}

async function verifyAtBank(
  { screen, signal }: CommandContext,
  { bank }: Stage,
  recorded: MemorializedSession,
): Promise<void> {
  screen.heading("6  The bank checks everything against the ledger");
  const verifier = { chain: await bank.chain(), store: bank.store, key: bank.keys.encryption, sandbox: bank.sandbox() };
  const report = await screen.step(
    "verifying",
    () =>
      untilArrived(async () => {
        const found = await verifyScope(verifier, recorded.scope, { signal });
        const missing = found.findings.find((finding) => finding.code === "object.not_found");
        if (missing) throw new P8eError("object.not_found", missing.says);
        return found;
      }, signal),
    (found) => `${found.findings.length} findings from the bank's own store`,
  );
  showFindings(screen, report);
  if (!report.ok) throw new P8eError("verify.failed", "the bank found what the ledger does not say");
}

async function readLoanAtBank(
  { screen, signal }: CommandContext,
  { bank }: Stage,
  recorded: MemorializedSession,
  documents: readonly (StoredDocument & { readonly sizeBytes: number; readonly hash: ContentHash })[],
): Promise<void> {
  screen.heading("7  The bank reads the loan");
  const scope = await readScope(await bank.chain(), recorded.scope, { signal });
  const { asset, documents: list } = await hydrate(
    { store: bank.store, key: bank.keys.encryption },
    scope,
    { asset: AssetSchema, documents: LoanDocumentsSchema },
    { signal },
  );
  const packed = asset.kv.loan;
  if (packed !== undefined) {
    const loan = unpackAny(packed, LoanSchema);
    screen.facts([
      ["loan", loan.originatorLoanId],
      ["from", loan.originatorName],
      ["principal", `${loan.terms?.principalAmount?.value} ${loan.terms?.principalAmount?.currency}`],
      ["term", `${loan.terms?.termInMonths} months at ${loan.terms?.interestRate?.rate}`],
    ]);
  }
  for (const { fileName, hash, sizeBytes } of documents) {
    await screen.step(
      `reading ${fileName}`,
      async (onProgress) => {
        await using object = await bank.store.get(hash, { key: bank.keys.encryption, signal, onProgress });
        let read = 0;
        for await (const chunk of object.read(signal)) read += chunk.length;
        const recordedHash = list.document.find((each) => each.fileName === fileName)?.checksum?.checksum;
        if (read !== sizeBytes || recordedHash !== hash) {
          throw new P8eError("verify.failed", `${fileName} is not the document the loan names`, {
            facts: { fileName },
          });
        }
      },
      () =>
        `${fileName}: ${formatSize(sizeBytes)} decrypted; its hash is the one in the loan, whose hash is on the ledger`,
    );
  }
}

async function showWhoCanRead(
  { screen, signal }: CommandContext,
  { lender, bank }: Stage,
  documents: readonly { readonly hash: ContentHash }[],
): Promise<void> {
  screen.heading("8  Who can read what, and why it can be believed");
  const stranger = localKey(generatePrivateKey(systemRandom));
  const asked = await Promise.all(
    [lender, bank].map((party) =>
      party.store.get(documents[0]!.hash, { key: stranger, signal }).then(
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
      ["Lender's store, bank's store", "ciphertext, sizes, and whose keys may read it; they hold no key"],
      ["The ledger", "hashes, parties and specifications; no data"],
      ["A stranger with a key", "nothing: asked both stores just now, both say they have no such object"],
    ],
  );
  screen.say(
    "It can be believed because every content has the hash that the ledger holds, every signature covers that",
  );
  screen.say("content, and the contract that made the records is the one whose hash is in its specification.");
}

async function requestFor(
  lender: Stage["lender"],
  name: SamplePackageName,
  specification: ScopeSpecificationAddress,
  documents: readonly StoredDocument[],
): Promise<NewSession> {
  return {
    contract: "example.loan.RecordLoan",
    scope: { kind: "new", specification },
    participants: new Map([["OWNER", affiliateOfEntry(lender.entry)]]),
    proposals: proposalsOf(await loadSamplePackage(name, documents)),
  };
}

/** Each input as bytes under the class name the ledger knows its type by. */
function proposalsOf(loan: LoanPackage): ReadonlyMap<string, Proposal> {
  const proposal = <S extends DescMessage>(schema: S, message: MessageShape<S>): Proposal => ({
    className: javaClassName(schema),
    bytes: toBinary(schema, message),
  });
  return new Map([
    ["asset", proposal(inputSchemas.asset, loan.asset)],
    ["documents", proposal(inputSchemas.documents, loan.documents)],
    ["eNote", proposal(inputSchemas.eNote, loan.eNote)],
    ["loanValidation", proposal(inputSchemas.loanValidation, loan.loanValidation)],
    ["servicingData", proposal(inputSchemas.servicingData, loan.servicingData)],
    ["servicingRights", proposal(inputSchemas.servicingRights, loan.servicingRights)],
  ]);
}
