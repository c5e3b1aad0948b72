import { type ContentHash, P8eError, parseContentHash, type ScopeAddress } from "@p8e/core";
import { AssetSchema, LoanDocumentsSchema, LoanSchema } from "@p8e/example-loan";
import { unpackAny } from "@p8e/proto/any";
import { hydrate, type MemorializedSession, readScope, requireHolds, verifyScope } from "@p8e/sdk";
import type { CommandContext } from "../command-context.ts";
import { showFindings, summarizeFindings } from "../screens/show-findings.ts";
import { namesOf } from "../support/names-of.ts";
import { verifierOf } from "../support/verifier-of.ts";
import { formatSize } from "../terminal/format.ts";
import { type Actor, type Stage, type ToldDocument, the } from "./stage.ts";
import { untilArrived } from "./until-arrived.ts";

// What the bank sees: its own store fill, the ledger agree, the loan in clear.

/** Waits until the bank's own store has everything of the loan that is meant for the bank. */
export async function replicate(
  { screen, signal }: CommandContext,
  { lender, bank }: Stage,
  recorded: MemorializedSession,
  documents: readonly { readonly hash: ContentHash }[],
): Promise<void> {
  screen.heading("5  The bank's store receives what is meant for the bank");
  screen.say("The lender's store sends an object on when, and only when, its audience names the bank's key.");
  const scope = await readScope(await lender.party.chain(), recorded.scope, { signal });
  const hashes = scope.records.flatMap((record) => record.outputs.map((output) => parseContentHash(output.hash)));
  const all = [...new Set([...hashes, ...documents.map((document) => document.hash)])];
  await screen.step(
    "waiting for the objects to arrive",
    async (progress) => {
      for (const [done, hash] of all.entries()) {
        await using _object = await untilArrived({ who: the(bank), what: `the object ${hash}`, signal }, () =>
          bank.store.get(hash, { key: bank.keys.encryption, signal }),
        );
        progress({ done: done + 1, total: all.length });
      }
    },
    () => `${all.length} objects are in the bank's own store, each checked`,
  );
}

/** The bank checks the scope against the ledger, from its own store. */
export async function verifyAtBank(
  context: CommandContext,
  { bank }: Stage,
  recorded: MemorializedSession,
): Promise<void> {
  context.screen.heading("6  The bank checks everything against the ledger");
  await verifyAt(context, bank, recorded.scope);
}

/** A party checks a scope against the ledger, from its own store, into which some of it may still be on its way. */
export async function verifyAt(
  { screen, signal, verbose }: CommandContext,
  actor: Actor,
  scope: ScopeAddress,
): Promise<void> {
  const verifier = await verifierOf(actor.party);
  const report = await screen.step(
    "verifying",
    () =>
      untilArrived({ who: the(actor), what: "all objects of the scope", signal }, async () => {
        const found = await verifyScope(verifier, scope, { signal });
        const missing = found.findings.find((finding) => finding.outcome === "not_shown");
        if (missing && found.outcome === "not_shown") throw new P8eError("object.not_found", missing.says);
        return found;
      }),
    (found) => `${found.findings.length} findings from its own store`,
  );
  const { inWords } = namesOf(actor.party);
  const told = report.findings.map((finding) => ({ ...finding, says: inWords(finding.says) }));
  (verbose ? showFindings : summarizeFindings)(screen, { findings: told });
  requireHolds(report);
}

/** The bank reads the loan and its documents from its own store. */
export async function readLoanAtBank(
  { screen, signal }: CommandContext,
  { bank }: Stage,
  recorded: MemorializedSession,
  documents: readonly ToldDocument[],
): Promise<void> {
  screen.heading("7  The bank reads the loan");
  const scope = await readScope(await bank.party.chain(), recorded.scope, { signal });
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
