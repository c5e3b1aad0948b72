import type { LedgerKind } from "@p8e/environment";
import type { CommandContext } from "../command-context.ts";
import { showEnvironment } from "../screens/show-environment.ts";
import { finishInterrupted } from "../support/finish-interrupted.ts";
import { stay } from "../support/stay.ts";
import { readLoanAtBank, replicate, verifyAtBank } from "./bank-chapters.ts";
import { replayFirst, sellLoan, showWhoCanRead } from "./investor-chapters.ts";
import { publishContracts, recordLoan, refuseBrokenPackage, storeDocuments } from "./lender-chapters.ts";
import { changeNote, refuseNote, serviceLoan, validateLoan } from "./party-chapters.ts";
import { openStage } from "./stage.ts";

const MEGABYTE = 1_000_000;

/** `npm start`: the whole story of one loan, on real parts, told as it happens. */
export async function tellStory(
  context: CommandContext,
  options: { readonly once: boolean; readonly documentMb: number; readonly ledger?: LedgerKind },
): Promise<void> {
  const { screen } = context;
  const began = performance.now();
  screen.say(screen.style("bold", "One loan, five companies, nobody else"));
  screen.say(
    "A lender shares a loan file with its warehouse bank, has it validated and serviced, and sells it to an investor. " +
      "Everybody else learns nothing, and all five can prove at any time what was agreed. Everything below really happens.",
  );

  screen.heading("The stage");
  await using stage = await openStage(context, options.ledger);
  showEnvironment(screen, stage.file);
  screen.note("A store keeps a party's files encrypted and cannot read them. The ledger sees hashes only.");
  await finishInterrupted(context, (await stage.lender.party.client()).sessions);

  const contract = await publishContracts(context, stage);
  await refuseBrokenPackage(context, stage, contract);
  const documents = await storeDocuments(context, stage, options.documentMb * MEGABYTE);
  const recorded = await recordLoan(context, stage, contract, documents);
  await replicate(context, stage, recorded, documents);
  await verifyAtBank(context, stage, recorded);
  await readLoanAtBank(context, stage, recorded, documents);
  const agreed = [
    await validateLoan(context, stage, recorded.scope),
    await changeNote(context, stage, recorded.scope),
    await serviceLoan(context, stage, recorded.scope),
  ];
  const refused = await refuseNote(context, stage, recorded.scope);
  await sellLoan(context, stage, recorded.scope);
  await replayFirst(context, stage, recorded);
  await showWhoCanRead(context, stage, documents);

  screen.heading("Try it yourself");
  const { dataDir } = context;
  const data = dataDir === "./.p8e" ? "" : ` --data ${dataDir}`;
  if (options.once && stage.owned) screen.say(`After npx p8e up${data}, which goes on with all of this:`);
  screen.command(`  npx p8e scope show ${recorded.scope}${data}`);
  screen.command(`  npx p8e verify ${recorded.scope} --as bank${data}`);
  screen.command(`  npx p8e replay ${recorded.scope} --as bank${data}`);
  screen.command(`  npx p8e session list --as lender --all${data}`);
  screen.command(`  npx p8e get ${documents.at(-1)!.hash} --as bank --from lender --out deed.txt${data}`);
  screen.command(`  npx p8e why ${documents[0]!.hash} --store lender${data}`);
  screen.say(`\nThe story took ${((performance.now() - began) / 1000).toFixed(1)} s.`);
  screen.result({
    scope: recorded.scope,
    session: recorded.session,
    transaction: recorded.receipt.hash,
    documents,
    agreed,
    refused,
    milliseconds: Math.round(performance.now() - began),
  });
  if (!options.once && stage.owned) await stay(screen, context.signal);
}
