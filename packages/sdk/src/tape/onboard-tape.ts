import { type ChainClient, ledgerMessage, type TransactionCost } from "@p8e/chain";
import {
  type AccountAddress,
  P8eError,
  type Role,
  type ScopeAddress,
  type SessionAddress,
  scopeAddress,
  sessionAddress,
  throwIfCancelled,
} from "@p8e/core";
import * as metadata from "@p8e/proto/metadata";
import type { PartyParts } from "../parts.ts";
import type { Affiliate } from "../session/affiliate.ts";
import { executeSession } from "../session/execute-session.ts";
import type { FoundContract } from "../session/find-contract.ts";
import { isOfOneSession } from "../session/is-of-one-session.ts";
import { memorializeTogether } from "../session/memorialize-together.ts";
import { requireAlone } from "../session/new-execution.ts";
import { prepareSession } from "../session/prepare-session.ts";
import type { ExecutedSession } from "../session/session.ts";
import { SharedBefore } from "../session/share-objects.ts";
import { isFinal } from "../state/execution.ts";
import type { TakenRow, TapeRow } from "../state/state-store.ts";
import type { TapeRecord } from "./read-tape.ts";
import { type RowReading, rowName, rowOf, rowValues } from "./row-values.ts";

/** What is done with the rows of a tape: each becomes a new scope by one execution of the contract. */
export interface Onboarding extends RowReading {
  readonly contract: FoundContract<unknown>;
  readonly participants: ReadonlyMap<Role, Affiliate>;
  readonly dataAccess: readonly Affiliate[];
}

/** How a tape is onboarded. */
export interface OnboardOptions {
  /** What one row may cost at most. */
  readonly agreed?: TransactionCost | undefined;
  /** An account whose fee allowance covers this party. */
  readonly feeGranter?: AccountAddress | undefined;
  /** Run the contract on each row, and store and write nothing. */
  readonly dryRun?: boolean;
  /** How many rows are written together at most; 16 unless given. */
  readonly together?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Where a row is on the ledger. */
export interface RowPlace {
  readonly scope: ScopeAddress;
  readonly session: SessionAddress;
  /** The hash of the transaction. */
  readonly transaction: string;
}

/** What became of a row. A contract that gave no answer in time (`contract.timeout`) is a reason to refuse it, too. */
export type RowOutcome = { readonly number: number; readonly name: string } & (
  | ({ readonly outcome: "written"; readonly height: bigint } & RowPlace)
  /** By an earlier run; `differs` when the tape says other values of it now. */
  | ({ readonly outcome: "already"; readonly differs: boolean } & RowPlace)
  | { readonly outcome: "refused"; readonly error: P8eError }
  /** The contract took it, in a run that writes nothing. */
  | { readonly outcome: "ready" }
  /** Another process works on it, or a run of it must be completed first. */
  | { readonly outcome: "underway" }
);

const TOGETHER = 16;
/** Of a group that is written one waits for blocks; meanwhile the next is stored, and the one after that executed. */
const WRITING_MAX = 2;

/** Further rows would be refused for the same. */
const ofThePayer: ReadonlySet<string> = new Set(["ledger.insufficient_funds", "ledger.account_not_found"]);

function isOfThePayer({ code, facts }: P8eError): boolean {
  return ofThePayer.has(code) || (code === "ledger.transaction_refused" && facts["kind"] === "FeeGrant");
}

/**
 * What one row costs at most by the price list: a scope, a session, and a record for each function.
 * @throws what the ledger throws
 */
export function rowCost(
  chain: Pick<ChainClient, "listedCost">,
  { manifest }: Pick<FoundContract, "manifest">,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<TransactionCost> {
  const messages = [
    ledgerMessage(metadata.MsgWriteScopeRequestSchema, {}),
    ledgerMessage(metadata.MsgWriteSessionRequestSchema, {}),
    ...manifest.functions.map(() => ledgerMessage(metadata.MsgWriteRecordRequestSchema, {})),
  ];
  return chain.listedCost(messages, options);
}

/**
 * Makes a scope of each row, in batches, and tells of each row as it is known. A row that its values or its contract refuse
 * fails none of the others. Its name is what it is remembered by, durably and together with its execution: whatever is
 * interrupted, wherever, a later run with the same state writes none of it twice, of this tape or another that has the name.
 *
 * Call `Sessions.resume` before, so that what an earlier run left is at its end.
 *
 * Whoever stops reading the outcomes waits for the groups of rows that are under way by then; no other is begun.
 *
 * @throws what says nothing of a row: store, ledger or state cannot be used, the payer has not enough; the rows of which
 *   nothing was told by then are for the next run
 */
export async function* onboardTape(
  parts: PartyParts,
  onboarding: Onboarding,
  records: Iterable<TapeRecord>,
  options: OnboardOptions = {},
): AsyncGenerator<RowOutcome, void, undefined> {
  const { signal, together = TOGETHER } = options;
  const sharedBefore = new SharedBefore();
  const names = new Map<string, number>();
  const writing: Promise<Written>[] = [];
  let group: RunRow[] = [];
  let failure: unknown;
  const flush = () => {
    const rows = group;
    group = [];
    if (rows.length > 0) writing.push(writtenRows(parts, rows, { ...options, sharedBefore }));
  };
  const oldest = async function* () {
    const { outcomes, failed } = await writing.shift()!;
    yield* outcomes;
    if (failed !== undefined) failure ??= failed.error;
  };
  try {
    try {
      for (const record of records) {
        throwIfCancelled(signal);
        const ran = await runRow(parts, onboarding, record, { ...options, names });
        if ("outcome" in ran) yield ran;
        else group.push(ran);
        if (group.length >= together) flush();
        while (writing.length > WRITING_MAX) yield* oldest();
        if (failure !== undefined) break;
      }
    } catch (error) {
      failure ??= error;
    }
    if (failure === undefined) flush();
    while (writing.length > 0) yield* oldest();
    if (failure !== undefined) throw failure;
  } finally {
    await Promise.all(writing);
  }
}

/** A row that the contract took. */
interface RunRow {
  readonly number: number;
  readonly row: TapeRow;
  readonly executed: ExecutedSession;
}

async function runRow(
  parts: PartyParts,
  onboarding: Onboarding,
  record: TapeRecord,
  { signal, dryRun = false, names }: OnboardOptions & { readonly names: Map<string, number> },
): Promise<RunRow | RowOutcome> {
  const { contract, rowColumn, participants, dataAccess } = onboarding;
  const { number } = record;
  let about = { number, name: "" };
  try {
    const name = rowName(record, rowColumn);
    about = { number, name };
    requireFirst(names, about);
    const taken = await parts.state.takenRow(rowOf(contract, name));
    if (taken !== undefined && (taken.execution.state === "committed" || !isFinal(taken.execution.state))) {
      return takenOutcome(about, taken, () => rowValues(onboarding, record).row);
    }
    const { row, proposals } = rowValues(onboarding, record);
    const scope = { kind: "new", specification: contract.scopeSpecification } as const;
    const request = { contract: { ...contract, source: undefined }, scope, participants, proposals, dataAccess };
    const executed = await executeSession(parts, await prepareSession(parts, request, { signal }), { signal });
    requireAlone(executed);
    return dryRun ? { ...about, outcome: "ready" } : { number, row, executed };
  } catch (thrown) {
    const error = P8eError.from(thrown);
    if (!isOfOneSession(error)) throw error;
    return { ...about, outcome: "refused", error };
  }
}

function requireFirst(
  names: Map<string, number>,
  { number, name }: { readonly number: number; readonly name: string },
) {
  const first = names.get(name);
  names.set(name, first ?? number);
  if (first === undefined) return;
  const reason = `is the name of row ${first} already`;
  throw new P8eError("input.invalid", `the name of row ${number} ${reason}`, { facts: { row: number, reason } });
}

function takenOutcome(
  about: { readonly number: number; readonly name: string },
  { content, execution }: TakenRow,
  row: () => TapeRow,
): RowOutcome {
  if (execution.state !== "committed") return { ...about, outcome: "underway" };
  const { scopeUuid, sessionUuid, transaction } = execution;
  return {
    ...{ ...about, outcome: "already", differs: differsFrom(content, row) },
    scope: scopeAddress(scopeUuid),
    session: sessionAddress(scopeUuid, sessionUuid),
    transaction: transaction?.hash ?? "",
  };
}

/** A row that cannot be read any more is another one than was written. */
function differsFrom(content: string, row: () => TapeRow): boolean {
  try {
    return row().content !== content;
  } catch {
    return true;
  }
}

interface Written {
  readonly outcomes: readonly RowOutcome[];
  readonly failed?: { readonly error: unknown };
}

/** Never rejects: several are under way at once. */
async function writtenRows(
  parts: PartyParts,
  rows: readonly RunRow[],
  { agreed, feeGranter, signal, sharedBefore }: OnboardOptions & { readonly sharedBefore: SharedBefore },
): Promise<Written> {
  const outcomes: RowOutcome[] = [];
  const byExecuted = new Map(rows.map((each) => [each.executed, each]));
  let failed: { readonly error: unknown } | undefined;
  try {
    const written = memorializeTogether(
      parts,
      rows.map(({ executed }) => executed),
      {
        ...{ feeGranter, signal, sharedBefore, agreed: agreed?.amounts },
        rowOf: (executed) => byExecuted.get(executed)!.row,
      },
    );
    for await (const each of written) {
      const { number, row } = byExecuted.get(each.executed)!;
      const about = { number, name: row.name };
      if ("error" in each) {
        if (isOfThePayer(each.error)) failed = { error: each.error };
        outcomes.push(
          each.error.code === "state.conflict"
            ? { ...about, outcome: "underway" }
            : { ...about, outcome: "refused", error: each.error },
        );
        continue;
      }
      const { scope, session, receipt } = each.session;
      outcomes.push({
        ...{ ...about, outcome: "written", height: receipt.height },
        ...{ scope, session, transaction: receipt.hash },
      });
    }
  } catch (error) {
    failed = { error };
  }
  return { outcomes, ...(failed === undefined ? {} : { failed }) };
}
