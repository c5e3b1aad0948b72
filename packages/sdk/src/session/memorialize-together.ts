import {
  type Amount,
  type MessageGroup,
  planBatches,
  type SignedTransaction,
  type TransactionCost,
  type TransactionReceipt,
  writeBatches,
} from "@p8e/chain";
import { type AccountAddress, mapAtMost, P8eError, scopeAddress, sessionAddress, type Uuid } from "@p8e/core";
import type { PartyParts } from "../parts.ts";
import type { ExecutionState } from "../state/execution.ts";
import type { NewExecution, TapeRow } from "../state/state-store.ts";
import { isOfOneSession } from "./is-of-one-session.ts";
import { newExecution, requireAlone } from "./new-execution.ts";
import { definite, letGo, noteFailure, requireWithin } from "./outbox.ts";
import { outboxOf } from "./outbox-of.ts";
import type { ExecutedSession, MemorializedSession } from "./session.ts";
import { SharedBefore, shareObjects } from "./share-objects.ts";

/** Who pays for sessions that are written together, and how much goes into one transaction. */
export interface TogetherOptions {
  readonly signal?: AbortSignal | undefined;
  /** An account whose fee allowance covers this party. */
  readonly feeGranter?: AccountAddress | undefined;
  /** The most that one session may cost; one for which the ledger wants more by then is not written. */
  readonly agreed?: readonly Amount[] | undefined;
  /** The bytes of messages in one transaction; as `planBatches` unless given. */
  readonly bytesMax?: number | undefined;
  /** The row of a tape that a session is for: none is written twice. */
  readonly rowOf?: ((executed: ExecutedSession) => TapeRow) | undefined;
  /** What was shared by sessions before these. */
  readonly sharedBefore?: SharedBefore | undefined;
}

/** What became of one of several sessions. */
export type TogetherOutcome =
  | { readonly executed: ExecutedSession; readonly session: MemorializedSession }
  | { readonly executed: ExecutedSession; readonly error: P8eError };

/** One session on its way, with what is remembered of it. */
interface Member {
  readonly executed: ExecutedSession;
  readonly execution: NewExecution;
  at: ExecutionState;
}

const AT_ONCE = 2;

/**
 * Stores and writes sessions that this party signs alone, in as few transactions as size, gas and fee allow. What one of
 * them is refused for fails none of the others. Nothing of a session is stored before the node has tried its messages, and
 * each is remembered like one that is written alone: after a crash `Sessions.resume` completes it.
 *
 * @throws what says nothing of a single session: store, ledger or state cannot be used, or it is not known what became of
 *   a transaction. Sessions of which no outcome was given by then are completed by `resume`, or given up by it.
 */
export async function* memorializeTogether(
  parts: PartyParts,
  sessions: readonly ExecutedSession[],
  options: TogetherOptions = {},
): AsyncGenerator<TogetherOutcome, void, undefined> {
  const { chain, feeMax, state } = parts;
  const { feeGranter, signal, bytesMax } = options;
  const sharedBefore = options.sharedBefore ?? new SharedBefore();
  const { signer } = outboxOf(parts);
  const members: MessageGroup<Member>[] = [];
  for (const executed of sessions) {
    requireAlone(executed);
    const cost = await chain.listedCost(executed.messages, { signal });
    const error = await refusalOf(() => requireWithin(options.agreed, cost));
    if (error !== undefined) yield { executed, error };
    else members.push({ of: newMember(executed, cost, options), messages: executed.messages });
  }
  const batching = { signer, feeGranter, feeMax, agreed: options.agreed, bytesMax, signal };
  const plan = await planBatches(chain, members, batching);
  for (const { group, error } of plan.refused) yield { executed: group.of.executed, error };
  for (const { groups, cost } of plan.batches) {
    const { left, ready } = await begin(parts, groups);
    // Whoever reads the outcomes may stop at any of them: what was claimed is let go.
    try {
      yield* left;
      const stored = await storeAll(parts, ready, { signal, sharedBefore });
      yield* stored.failed;
      if (stored.ready.length > 0) yield* write(parts, { groups: stored.ready, cost }, batching);
    } finally {
      for (const { of } of ready) await letGo(state, of.execution);
    }
  }
}

function newMember(executed: ExecutedSession, cost: TransactionCost, options: TogetherOptions): Member {
  const { feeGranter, rowOf } = options;
  return {
    executed,
    execution: { ...newExecution({ executed, cost, feeGranter }), row: rowOf?.(executed) },
    at: "created",
  };
}

async function begin({ state }: PartyParts, groups: readonly MessageGroup<Member>[]) {
  const taken = new Set(await state.createAll(groups.map(({ of }) => of.execution)));
  const left = groups
    .filter(({ of }) => taken.has(of.execution.uuid))
    .map(({ of }) => ({
      executed: of.executed,
      error: new P8eError("state.conflict", "another process has taken this row of the tape on meanwhile", {
        facts: { execution: of.execution.uuid },
      }),
    }));
  return { left, ready: groups.filter(({ of }) => !taken.has(of.execution.uuid)) };
}

/** An object that is refused fails its session; a store that cannot be asked, or is broken, says nothing of a session. */
async function storeAll(
  parts: PartyParts,
  groups: readonly MessageGroup<Member>[],
  options: { readonly signal: AbortSignal | undefined; readonly sharedBefore: SharedBefore },
) {
  const failed: TogetherOutcome[] = [];
  const ready: MessageGroup<Member>[] = [];
  await mapAtMost(
    AT_ONCE,
    groups,
    async (group, signal) => {
      const { executed, execution } = group.of;
      const error = await refusalOf(() => shareObjects(parts, executed, { ...options, signal }));
      if (error === undefined) {
        ready.push(group);
        return;
      }
      await noteFailure(parts.state, execution, "created", error);
      failed.push({ executed, error });
    },
    options.signal,
  );
  await move(parts, ready, "signed");
  return { failed, ready };
}

async function* write(
  parts: PartyParts,
  batch: { readonly groups: readonly MessageGroup<Member>[]; readonly cost: TransactionCost },
  batching: Parameters<typeof writeBatches>[2],
): AsyncGenerator<TogetherOutcome, void, undefined> {
  const written: { readonly group: MessageGroup<Member>; readonly receipt: TransactionReceipt }[] = [];
  const refused: { readonly group: MessageGroup<Member>; readonly error: P8eError }[] = [];
  const onSigned = async (groups: readonly MessageGroup<unknown>[], signed: SignedTransaction) => {
    const { hash, bytes, timeoutHeight } = signed;
    const transaction = { hash, bytes, timeoutHeight, sessions: groups.length };
    await move(parts, groups as readonly MessageGroup<Member>[], "broadcasting", transaction);
  };
  let thrown: { readonly error: P8eError } | undefined;
  try {
    const plan = { batches: [batch], refused: [] };
    for await (const outcome of writeBatches(parts.chain, plan, { ...batching, onSigned })) {
      if ("receipt" in outcome) written.push(outcome);
      else refused.push(outcome);
    }
  } catch (error) {
    thrown = { error: P8eError.from(error) };
  }
  await move(
    parts,
    written.map(({ group }) => group),
    "committed",
  );
  if (thrown !== undefined && definite.has(thrown.error.code)) {
    const known = new Set([...written, ...refused].map(({ group }) => group));
    for (const group of batch.groups) if (!known.has(group)) refused.push({ group, error: thrown.error });
    thrown = undefined;
  }
  for (const { group, error } of refused) await noteFailure(parts.state, group.of.execution, group.of.at, error);
  for (const { group, receipt } of written)
    yield { executed: group.of.executed, session: sessionOf(group.of, receipt) };
  for (const { group, error } of refused) yield { executed: group.of.executed, error };
  if (thrown !== undefined) throw thrown.error;
}

async function move(
  { state }: PartyParts,
  groups: readonly MessageGroup<Member>[],
  to: ExecutionState,
  transaction?: {
    readonly hash: string;
    readonly bytes: Uint8Array;
    readonly timeoutHeight: bigint;
    readonly sessions: number;
  },
): Promise<void> {
  const change = { to, ...(transaction === undefined ? {} : { transaction }) };
  await state.advanceAll(groups.map(({ of }) => ({ uuid: of.execution.uuid, from: of.at, change })));
  for (const { of } of groups) of.at = to;
}

function sessionOf({ execution }: Member, receipt: TransactionReceipt): MemorializedSession {
  const { uuid, scopeUuid, sessionUuid } = execution;
  return {
    executionUuid: uuid as Uuid,
    scope: scopeAddress(scopeUuid),
    session: sessionAddress(scopeUuid, sessionUuid),
    receipt,
  };
}

/** Why it cannot be done, when that says something of the one session. @throws everything else */
async function refusalOf(work: () => void | Promise<void>): Promise<P8eError | undefined> {
  try {
    await work();
    return undefined;
  } catch (thrown) {
    const error = P8eError.from(thrown);
    if (!isOfOneSession(error)) throw error;
    return error;
  }
}
