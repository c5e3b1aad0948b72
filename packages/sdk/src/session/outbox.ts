import {
  type Amount,
  type ChainClient,
  type LedgerMessage,
  type OutOfGasAttempt,
  outOfGasAttempt,
  type TransactionCost,
  type TransactionReceipt,
} from "@p8e/chain";
import { mapAtMost, P8eError, scopeAddress, sessionAddress } from "@p8e/core";
import type { Execution, ExecutionState } from "../state/execution.ts";
import { isWithin } from "../state/price.ts";
import type { StateStore } from "../state/state-store.ts";
import { executionMessages } from "./execution-messages.ts";
import type { Outbox } from "./outbox-parts.ts";
import type { MemorializedSession, SessionOptions } from "./session.ts";

/** After these nothing of the transaction can land any more, and the same messages would be refused again. */
export const definite: ReadonlySet<string> = new Set([
  "ledger.transaction_refused",
  "ledger.transaction_failed",
  "ledger.insufficient_funds",
  "ledger.fee_ceiling",
  "ledger.account_not_found",
  "session.price_exceeded",
]);

/** Says nothing of the execution that was being resumed. */
const ofThisProcess: ReadonlySet<string> = new Set(["rpc.cancelled", "state.corrupt", "state.newer"]);

/** Executions that wait for a block together. */
const AT_ONCE = 8;

/** Prices that change faster than this are not worth following. */
const PRICE_CHANGES_MAX = 3;

/**
 * Sends an own execution that is signed, at no more than its price.
 * @throws what `ChainClient.submit` throws, and `session.price_exceeded`; a definite refusal ends the execution, anything
 *   else leaves it to `resume`
 */
export async function writeToLedger(
  outbox: Outbox,
  execution: Execution,
  messages: readonly LedgerMessage[],
  options: SessionOptions & Pick<Submission, "outOfGas">,
): Promise<MemorializedSession> {
  const { state } = outbox;
  let at: "signed" | "broadcasting" = "signed";
  try {
    const receipt = await submitWithinPrice(outbox, execution, messages, {
      ...options,
      onSigned: async (signed) => {
        await state.advance(execution.uuid, at, { to: "broadcasting", transaction: { ...signed, sessions: 1 } });
        at = "broadcasting";
      },
    });
    await state.advance(execution.uuid, "broadcasting", { to: "committed" });
    return memorialized(execution, receipt);
  } catch (thrown) {
    const error = P8eError.from(thrown);
    if (definite.has(error.code)) await noteFailure(state, execution, at, error);
    throw error;
  }
}

/** Whatever comes of noting it, the caller learns why; a note that failed is made up for by `resume`. */
export async function noteFailure(
  state: StateStore,
  { uuid }: Pick<Execution, "uuid">,
  from: ExecutionState,
  { code }: P8eError,
): Promise<void> {
  await state.advance(uuid, from, { to: "failed", reason: code }).catch(() => undefined);
}

type Submission = Pick<SessionOptions, "signal" | "onCost"> &
  Pick<Parameters<ChainClient["submit"]>[1], "onSigned" | "outOfGas">;

/** Prices can change between the node's answer and the block; within what was agreed the new one is taken. */
async function submitWithinPrice(
  { chain, signer, feeMax }: Outbox,
  { price: agreed, feeGranter }: Pick<Execution, "price" | "feeGranter">,
  messages: readonly LedgerMessage[],
  { signal, onCost, onSigned, outOfGas }: Submission,
): Promise<TransactionReceipt> {
  const call = { feeGranter, signal };
  const within = async (cost: TransactionCost) => {
    requireWithin(agreed, cost);
    await onCost?.(cost);
  };
  for (let changes = 1; ; changes++) {
    try {
      return await chain.submit(messages, {
        ...{ signer, feeGranter, onCost: within, onSigned, outOfGas, feeMax, signal },
      });
    } catch (error) {
      if (!wantsMore(error)) throw error;
      requireWithin(agreed, await chain.estimate(messages, [signer], call));
      if (changes === PRICE_CHANGES_MAX) throw error;
    }
  }
}

/** The node refused the fee (`sdk/13`): its price has risen since it told one. Nothing of the transaction can land. */
function wantsMore(error: unknown): boolean {
  const { code, facts } = P8eError.from(error);
  return code === "ledger.transaction_refused" && facts["kind"] === "InsufficientFee";
}

/** @throws `session.price_exceeded` */
export function requireWithin(agreed: readonly Amount[] | undefined, cost: TransactionCost): void {
  if (agreed === undefined || isWithin(agreed, cost)) return;
  throw new P8eError("session.price_exceeded", "the ledger wants more for this session than was agreed", {
    facts: { agreed: amountTexts(agreed), wanted: amountTexts(cost.amounts) },
    hint: "Run the session again, and have it written if the new price is right.",
  });
}

function amountTexts(amounts: readonly Amount[]): readonly string[] {
  return amounts.map(({ amount, denomination }) => `${amount} ${denomination}`);
}

/** What became of one execution after a crash: its session, or why there is none. */
export interface ResumedExecution {
  /** As it is now: it has failed for good when it says so, else its next attempt may fare better. */
  readonly execution: Execution;
  readonly session?: MemorializedSession;
  readonly error?: P8eError;
}

/**
 * Completes what was interrupted: executions whose process has ended, or has left them after an error. What a living
 * process works on stays with it. An execution that cannot be completed, now or ever, is reported and does not hold up
 * the others; calling again later is safe.
 * @throws when the state cannot be used, or the signal fires
 */
export async function resumeExecutions(outbox: Outbox, options: SessionOptions): Promise<readonly ResumedExecution[]> {
  const resumed: ResumedExecution[] = [];
  const work = async (execution: Execution, signal = options.signal) => {
    const done = await resumeClaimed(outbox, execution, { ...options, signal });
    if (done !== undefined) resumed.push(done);
  };
  const abandoned = await outbox.state.abandoned();
  const [sent, unsent] = [
    abandoned.filter(({ state }) => state === "broadcasting"),
    abandoned.filter(({ state }) => state !== "broadcasting"),
  ];
  // What may have been sent comes first, one after the other: several may share a transaction.
  for (const execution of sent) await work(execution);
  // Two on one scope must see each other: the second finds what the first has changed.
  const scopes = Map.groupBy(unsent, ({ scopeUuid }) => scopeUuid).values();
  const inOrder = async (executions: readonly Execution[], signal: AbortSignal) => {
    for (const execution of executions) await work(execution, signal);
  };
  await mapAtMost(AT_ONCE, scopes, inOrder, options.signal);
  return resumed;
}

/** Undefined when somebody else goes on with it, or it was only to be given up. */
async function resumeClaimed(
  outbox: Outbox,
  { uuid }: Pick<Execution, "uuid">,
  options: SessionOptions,
): Promise<ResumedExecution | undefined> {
  const { state } = outbox;
  const execution = await state.claim(uuid);
  if (execution === undefined) return undefined;
  try {
    if (execution.state === "created") {
      await state.advance(uuid, "created", { to: "failed", reason: "interrupted before it was stored" });
      return undefined;
    }
    const end = await endOf(outbox, execution, options);
    return { execution: (await state.get(uuid)) ?? execution, ...end };
  } finally {
    await letGo(state, execution);
  }
}

/** Of an execution that may not be at its end: somebody else may go on with it. */
export async function letGo(state: StateStore, { uuid }: Pick<Execution, "uuid">): Promise<void> {
  // What cannot be noted now is free as soon as this process has ended.
  await state.release(uuid).catch(() => undefined);
}

async function endOf(
  outbox: Outbox,
  execution: Execution,
  options: SessionOptions,
): Promise<{ readonly session: MemorializedSession } | { readonly error: P8eError }> {
  try {
    return { session: await resumeOne(outbox, execution, options) };
  } catch (thrown) {
    const error = P8eError.from(thrown);
    if (ofThisProcess.has(error.code)) throw error;
    return { error };
  }
}

async function resumeOne(outbox: Outbox, execution: Execution, options: SessionOptions): Promise<MemorializedSession> {
  let outOfGas: OutOfGasAttempt | undefined;
  if (execution.state === "broadcasting") {
    const sent = await broadcastAgain(outbox, execution, options);
    if ("receipt" in sent) return memorialized(execution, sent.receipt);
    ({ outOfGas } = sent);
  }
  const messages = await readyMessages(outbox, execution, options);
  return writeToLedger(outbox, execution, messages, { ...options, ...(outOfGas === undefined ? {} : { outOfGas }) });
}

/** What only others could mend ends the execution: its agreement was for a scope as it is no more, or for a time that is over. */
async function readyMessages(
  outbox: Outbox,
  execution: Execution,
  options: SessionOptions,
): Promise<readonly LedgerMessage[]> {
  try {
    return await executionMessages(outbox, execution, options);
  } catch (thrown) {
    const error = P8eError.from(thrown);
    const to = error.code === "session.expired" ? "expired" : error.code === "state.conflict" ? "failed" : undefined;
    if (to !== undefined) await outbox.state.advance(execution.uuid, "signed", { to, reason: error.code });
    throw error;
  }
}

/** Without a receipt the transaction can never do anything, and the execution is back at signed. */
async function broadcastAgain(
  { chain, state }: Outbox,
  execution: Execution,
  options: SessionOptions,
): Promise<{ readonly receipt: TransactionReceipt } | { readonly outOfGas?: OutOfGasAttempt }> {
  try {
    const receipt = await chain.broadcast(execution.transaction!.bytes, { signal: options.signal });
    await state.advance(execution.uuid, "broadcasting", { to: "committed" });
    return { receipt };
  } catch (thrown) {
    const error = P8eError.from(thrown);
    // What several sessions shared may have failed for one of them, and had gas for all: each has its own fate from here on.
    const alone = execution.transaction!.sessions === 1;
    if (!alone && definite.has(error.code)) {
      await state.advance(execution.uuid, "broadcasting", { to: "signed" });
      return {};
    }
    const outOfGas = outOfGasAttempt(error);
    if (outOfGas || error.code === "ledger.transaction_expired" || error.code === "ledger.sequence_mismatch") {
      await state.advance(execution.uuid, "broadcasting", { to: "signed" });
      return outOfGas === undefined ? {} : { outOfGas };
    }
    if (definite.has(error.code)) await noteFailure(state, execution, "broadcasting", error);
    throw error;
  }
}

function memorialized(execution: Execution, receipt: TransactionReceipt): MemorializedSession {
  const { scopeUuid, sessionUuid, uuid } = execution;
  return {
    executionUuid: uuid,
    scope: scopeAddress(scopeUuid),
    session: sessionAddress(scopeUuid, sessionUuid),
    receipt,
  };
}
