import { resolve } from "node:path";
import { P8eError } from "@p8e/core";
import type { BackupGap } from "@p8e/object-store";
import type { OpenParty } from "@p8e/party";
import type { CommandDefinition } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { type NodeOptions, withNode } from "../node-options.ts";
import { type GapView, showDrill } from "../screens/show-drill.ts";
import type { LedgerDrill } from "../support/drill-ledger.ts";
import type { Unreadable } from "../support/drill-sample.ts";
import { told } from "../support/told.ts";

interface Options extends NodeOptions {
  readonly as?: string;
  readonly ledger: boolean;
}

/** `p8e drill`. */
export const drill: CommandDefinition = {
  register(program, action) {
    withNode(program.command("drill <folder>"))
      .description("try a backup: restore it into a copy, check every object, and the ledger, and say what it lacks")
      .option("--as <party>", "whose scopes are looked up, and with whose key some objects are opened")
      .option("--no-ledger", "look at the backup alone")
      .action(action(run));
  },
};

/** Every gap there is, as a program gets it. */
type Gap =
  | BackupGap
  | ({ readonly kind: "unreadable" } & Unreadable)
  | { readonly kind: "not_held"; readonly scope: string; readonly hash: string; readonly what: string };

async function run(context: CommandContext, given: string, options: Options): Promise<void> {
  const { screen, signal } = context;
  const folder = resolve(given);
  const [{ openBackupDrill }, { openStoreReader }] = await Promise.all([
    import("@p8e/environment"),
    import("@p8e/object-store/inspection"),
  ]);
  const onProgress = told(screen, ({ objects, bytes }: { objects: number; bytes: number }) => [objects, bytes]);
  const began = performance.now();
  await using copy = await openBackupDrill({ folder, onProgress, signal });
  const seconds = (performance.now() - began) / 1000;
  const { found } = copy;
  const whose = await partyOf(context, options);
  await using party = "party" in whose ? whose.party : undefined;
  await using reader = await openStoreReader(copy.database);
  let ledger: LedgerDrill | undefined;
  let sample: { readonly opened: number; readonly unreadable: readonly Unreadable[] } | undefined;
  if (party !== undefined && options.ledger) {
    const { drillLedger } = await import("../support/drill-ledger.ts");
    ledger = await drillLedger(party, reader, signal);
  }
  if (party !== undefined && options.as !== undefined) {
    const { drillSample } = await import("../support/drill-sample.ts");
    sample = await drillSample(party, reader, { folder, signal });
  }
  // What is known of an object already is not told again for what follows from it.
  const known = new Set<string>(
    found.gaps.flatMap((gap) => ("hash" in gap && gap.hash !== undefined ? [gap.hash] : [])),
  );
  const gaps: readonly Gap[] = [
    ...found.gaps,
    ...(ledger?.notHeld ?? []).flatMap(({ partner, ...of }) =>
      partner === undefined && !known.has(of.hash) ? [{ kind: "not_held" as const, ...of }] : [],
    ),
    ...(sample?.unreadable ?? []).flatMap((unreadable) =>
      known.has(unreadable.hash) ? [] : [{ kind: "unreadable" as const, ...unreadable }],
    ),
  ];
  const elsewhere = (ledger?.notHeld ?? []).flatMap(({ hash, partner }) =>
    partner === undefined ? [] : [{ hash, partner }],
  );
  const { takenAt } = found.manifest;
  const { objects, bytes, withoutChecksum, moreGaps } = found;
  const unreachable = ledger?.unreachable ?? [];
  const opened = sample?.opened;
  const asked = ledger && { scopes: ledger.scopes, objects: ledger.objects };
  const why = "party" in whose ? "--no-ledger" : whose.why;
  const shared = { takenAt, objects, bytes, withoutChecksum, moreGaps, seconds, opened, unreachable, elsewhere };
  showDrill(screen, { ...shared, ledger: asked, why, gaps: gaps.map(inWords) });
  screen.result({ ...shared, ledger: asked, gaps });
  if (gaps.length === 0) return;
  throw new P8eError(
    "backup.incomplete",
    `a restore of this backup would lack ${moreGaps ? "more than " : ""}${gaps.length} things`,
    {
      facts: { folder },
      hint: "Back up again where the store has them; remove a damaged file of the folder first, so that it is copied anew.",
    },
  );
}

/** Whose scopes are looked up, or why nobody's. */
async function partyOf(
  context: CommandContext,
  { as, ledger, ...node }: Options,
): Promise<{ readonly party: OpenParty } | { readonly why: string }> {
  if (as === undefined) {
    if (!ledger) return { why: "--no-ledger" };
    const source = await context.source();
    if (source === undefined) return { why: "there is no profile here" };
    if (source.kind === "environment") return { why: "--as names the party whose scopes are looked up" };
  }
  return { party: await context.openParty(as, "--as", node) };
}

function inWords(gap: Gap): GapView {
  switch (gap.kind) {
    case "missing":
    case "damaged":
      return { kind: gap.kind, what: gap.hash ?? gap.object, why: gap.reason };
    case "row_lost":
      return { kind: "row lost", what: gap.hash ?? gap.object, why: `it is not in the table ${gap.table}` };
    case "row_changed":
      return { kind: "row changed", what: gap.hash ?? gap.object, why: `in the table ${gap.table}` };
    case "file_changed":
      return { kind: "file changed", what: gap.file, why: "it is not the one that was written" };
    case "not_held":
      return { kind: "not held", what: gap.hash, why: `${gap.what} of ${gap.scope}: no store that was asked has it` };
    case "unreadable":
      return { kind: "unreadable", what: gap.hash, why: `${gap.reason} (${gap.code})` };
  }
}
