import { type ContentHash, P8eError, parseContentHash } from "@p8e/core";
import { generatePrivateKey, localKey, systemRandom } from "@p8e/crypto";
import { AssetSchema, LoanDocumentsSchema, LoanSchema } from "@p8e/example-loan";
import { unpackAny } from "@p8e/proto/any";
import { hydrate, type MemorializedSession, readScope, requireHolds, verifyScope } from "@p8e/sdk";
import type { CommandContext } from "../command-context.ts";
import { showFindings, summarizeFindings } from "../support/show-findings.ts";
import { verifierOf } from "../support/verifier-of.ts";
import { formatSize } from "../terminal/format.ts";
import { type Stage, type ToldDocument, untilArrived } from "./stage.ts";

// What the bank sees: its own store fill, the ledger agree, the loan in clear; and what nobody else sees.

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

/** The bank checks the scope against the ledger, from its own store. */
export async function verifyAtBank(
  { screen, signal, verbose }: CommandContext,
  { bank }: Stage,
  recorded: MemorializedSession,
): Promise<void> {
  screen.heading("6  The bank checks everything against the ledger");
  const verifier = await verifierOf(bank.party);
  const report = await screen.step(
    "verifying",
    () =>
      untilArrived(async () => {
        const found = await verifyScope(verifier, recorded.scope, { signal });
        const missing = found.findings.find((finding) => finding.outcome === "not_shown");
        if (missing && found.outcome === "not_shown") throw new P8eError("object.not_found", missing.says);
        return found;
      }, signal),
    (found) => `${found.findings.length} findings from the bank's own store`,
  );
  (verbose ? showFindings : summarizeFindings)(screen, report);
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

/** Asks both stores as a stranger, who gets nothing, and says who can read what. */
export async function showWhoCanRead(
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
    "It can be believed because every content has the hash that the ledger holds, every signature covers that content, " +
      "and the contract that made the records is the one whose hash is in its specification.",
  );
}
