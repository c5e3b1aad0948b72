import { resolve } from "node:path";
import { P8eError } from "@p8e/core";
import { parseExactJson } from "@p8e/decoding";
import { requireAffiliateOf, requireParties } from "@p8e/party";
import {
  COLUMNS_BYTES_MAX,
  type FoundContract,
  mapColumns,
  onboardTape,
  parseColumnMap,
  type RowBase,
  type RowOutcome,
  readTape,
  rowCost,
  scopeSpecificationNamed,
  TAPE_BYTES_MAX,
  type TapeFormat,
} from "@p8e/sdk";
import type { ChangeOptions } from "../change-options.ts";
import type { CommandContext } from "../command-context.ts";
import { feeGranterOf } from "./change-scope.ts";
import { confirm } from "./confirm.ts";
import { pair, participantsOf } from "./execute-contract.ts";
import { finishInterrupted } from "./finish-interrupted.ts";
import { requireReportPlace, rowFaults, writeRowReport } from "./onboard-report.ts";
import { priceWords } from "./price-words.ts";
import { readFile } from "./read-file.ts";
import { INPUT_BYTES_MAX } from "./read-proposals.ts";

/** What `p8e onboard` can be told. */
export interface OnboardCommandOptions extends ChangeOptions {
  readonly contract: string;
  readonly newScope: string;
  readonly row: string;
  readonly columns?: string;
  readonly input: readonly string[];
  readonly participant: readonly string[];
  readonly share: readonly string[];
  readonly report?: string;
}

/** As many refusals are shown; all are in the report. */
const SHOWN_MAX = 10;

/** Reads a tape, tells the price, asks, and onboards row by row. @returns the exit code: that of the first refusal, or 0 */
export async function onboardCommand(
  context: CommandContext,
  file: string,
  options: OnboardCommandOptions,
): Promise<number> {
  const { screen, signal } = context;
  const report = options.report ?? besides(file);
  formatOf(report);
  if (resolve(report) === resolve(file)) throw new P8eError("input.invalid", "the report would replace the tape");
  await requireReportPlace(report);
  const tape = readTape(await readFile(file, { bytesMax: TAPE_BYTES_MAX, signal }), formatOf(file));
  await using party = await context.openParty(options.as, "--as", options);
  const roles = options.participant.map((text) => pair(text, "--participant", "ROLE=PARTY"));
  requireParties(party.profile, [...roles.map(([, name]) => name), ...options.share]);
  const feeGranter = feeGranterOf(party, options);
  const client = await party.client();
  const specification = scopeSpecificationNamed(options.newScope, party.self.address);
  const contract = await client.sessions.find(options.contract, { kind: "new", specification }, { signal });
  const base = await readBase(options.input, contract, signal);
  const map = options.columns === undefined ? new Map() : await readColumns(options.columns, signal);
  const columns = mapColumns(tape.columns, map, contract, { rowColumn: options.row, base });
  const cost = await rowCost(client.parts.chain, contract, { signal });
  const inWords = await priceWords(context, party);
  const { length } = tape.records;
  screen.heading(`${file}: ${length === 1 ? "one row" : `${length} rows`}`);
  screen.facts([
    ["contract", contract.manifest.className],
    ["a row costs at most", inWords(cost.fee)],
    ["all of them at most", inWords(cost.fee * BigInt(length))],
    ...(feeGranter === undefined ? [] : [["paid by", options.feeGranter ?? ""] as const]),
    ["report", report],
  ]);
  if (!options.dryRun) {
    const hint = "--yes does it without asking, --dry-run only runs the contract on each row.";
    if (!options.yes) {
      const question = `Write ${length === 1 ? "one scope" : `up to ${length} scopes`}?`;
      await confirm(context, { question, what: "write them", hint, otherwise: "nothing was written" });
    }
    await finishInterrupted(context, client.sessions);
  }
  const onboarding = {
    ...{ contract, columns, base, rowColumn: options.row, textOnly: tape.textOnly },
    participants: participantsOf(roles, party, contract.manifest.participants),
    dataAccess: options.share.map((name) => requireAffiliateOf(party.profile, name)),
  };
  const outcomes: RowOutcome[] = [];
  let thrown: unknown;
  try {
    await screen.step(
      options.dryRun ? "running the contract on each row" : "onboarding",
      async (progress) => {
        const told = onboardTape(client.parts, onboarding, tape.records, {
          ...{ agreed: cost, feeGranter, dryRun: options.dryRun, signal },
        });
        for await (const outcome of told) {
          outcomes.push(outcome);
          progress({ done: outcomes.length, total: length });
        }
      },
      () => `${count(outcomes, options.dryRun ? "ready" : "written")} of ${length}`,
    );
  } catch (error) {
    thrown = error;
  }
  let unreported: unknown;
  try {
    await writeRowReport(outcomes, { file: report, format: formatOf(report), tape, contract, rowColumn: options.row });
  } catch (error) {
    unreported = error;
    if (thrown !== undefined) screen.warn(`the report ${report} cannot be written either`);
  }
  const counts = tellOutcomes(context, outcomes, length);
  // What came first says more.
  if (thrown !== undefined) throw thrown;
  if (unreported !== undefined) throw unreported;
  screen.result({ ...counts, report });
  return outcomes.find((each) => each.outcome === "refused")?.error.status.exit ?? 0;
}

/** Tells of how many rows what became, why some were refused, and what is left to look at. @returns the counts */
function tellOutcomes({ screen }: Pick<CommandContext, "screen">, outcomes: readonly RowOutcome[], rows: number) {
  const counts = {
    ...{ rows, written: count(outcomes, "written"), already: count(outcomes, "already") },
    differs: outcomes.filter((each) => each.outcome === "already" && each.differs).length,
    ...{ ready: count(outcomes, "ready"), refused: count(outcomes, "refused"), underway: count(outcomes, "underway") },
    untried: rows - outcomes.length,
  };
  screen.facts(
    Object.entries(counts).flatMap(([name, many]) =>
      many === 0 ? [] : [[WORDS[name] ?? name, String(many)] as const],
    ),
  );
  const refused = outcomes.flatMap((each) => (each.outcome === "refused" ? [each] : []));
  if (refused.length > 0) {
    screen.table(
      ["row", "name", "field", "why"],
      refused.slice(0, SHOWN_MAX).map(({ number, name, error }) => {
        const { field, message } = rowFaults(error);
        return [String(number), name, field, message];
      }),
    );
  }
  const { differs, underway, untried } = counts;
  if (differs > 0)
    screen.warn(`rows that have other values now than were written: ${differs}. What was written stays as it is`);
  if (underway > 0)
    screen.warn(`rows that are under way elsewhere: ${underway}. Run the command again to see what became of them`);
  if (untried > 0) screen.warn(`rows that were not tried: ${untried}. Run the command again, none is written twice`);
  return counts;
}

const WORDS: Readonly<Record<string, string>> = {
  already: "written before",
  differs: "of these, other values now",
  ready: "taken by the contract",
  underway: "under way elsewhere",
  untried: "not tried",
};

function count(outcomes: readonly RowOutcome[], outcome: RowOutcome["outcome"]): number {
  return outcomes.filter((each) => each.outcome === outcome).length;
}

function formatOf(file: string): TapeFormat {
  if (file.endsWith(".csv")) return "csv";
  if (file.endsWith(".json")) return "json";
  throw new P8eError("input.invalid", "tapes and reports are files whose names end in .csv or .json", {
    facts: { file },
  });
}

function besides(file: string): string {
  return `${file.replace(/\.(?:csv|json)$/, "")}.report.${formatOf(file)}`;
}

async function readColumns(file: string, signal: AbortSignal | undefined) {
  const text = await readFile(file, { bytesMax: COLUMNS_BYTES_MAX, signal });
  return parseColumnMap(text, { what: "the columns", file });
}

async function readBase(
  inputs: readonly string[],
  { manifest }: Pick<FoundContract, "manifest">,
  signal: AbortSignal | undefined,
): Promise<RowBase> {
  const taken = new Set(manifest.functions.flatMap((each) => each.inputs).map(({ name }) => name));
  const base = new Map<string, ReturnType<typeof parseExactJson>>();
  for (const text of inputs) {
    const [name, file] = pair(text, "--input", "NAME=FILE");
    if (!taken.has(name)) {
      throw new P8eError("session.invalid", `the contract takes no input "${name}"`, {
        facts: { input: name, takes: [...taken].join(", ") },
      });
    }
    const read = await readFile(file, { bytesMax: INPUT_BYTES_MAX, signal });
    base.set(name, parseExactJson(read, { what: `the input ${name}`, file }));
  }
  return base;
}
