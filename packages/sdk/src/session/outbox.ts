import { fromBinary } from "@bufbuild/protobuf";
import type { ChainClient, LedgerMessage, LedgerSigner, TransactionReceipt } from "@p8e/chain";
import {
  hashContent,
  isP8eError,
  type Network,
  P8eError,
  parseContentHash,
  scopeAddress,
  sessionAddress,
} from "@p8e/core";
import type { Sandbox } from "@p8e/engine";
import type { ObjectClient } from "@p8e/object-client";
import { scope } from "@p8e/proto";
import type { Execution, ExecutionState, StateChange, StateStore } from "../state/execution.ts";
import type { LocalParty } from "./affiliate.ts";
import { fetchContract } from "./find-contract.ts";
import { memorializeMessages } from "./memorialize-messages.ts";
import type { MemorializedSession, SessionOptions } from "./session.ts";

/**
 * From a signed execution to the ledger, exactly once. The signed transaction is durable before it is sent; whatever
 * happens after that, the same bytes can be sent again, and the ledger takes them once.
 */
export interface Outbox {
  readonly chain: ChainClient;
  readonly signer: LedgerSigner;
  readonly state: StateStore;
  readonly store: ObjectClient;
  readonly party: LocalParty;
  readonly sandbox: Sandbox;
  readonly network: Network;
  readonly nowMs: () => number;
}

/** After these nothing of the transaction can land any more, and the same messages would be refused again. */
const definite: ReadonlySet<string> = new Set([
  "ledger.transaction_refused",
  "ledger.transaction_failed",
  "ledger.insufficient_funds",
  "ledger.account_not_found",
]);

/** Says nothing of the execution that was being resumed. */
const ofThisProcess: ReadonlySet<string> = new Set(["rpc.cancelled", "internal.unexpected", "state.corrupt"]);

const ABANDONED_MS = 10 * 60_000;

/**
 * Sends a signed execution.
 * @throws what `ChainClient.submit` throws; a definite refusal ends the execution, anything else leaves it to `resume`
 */
export async function writeToLedger(
  outbox: Outbox,
  execution: Execution,
  messages: readonly LedgerMessage[],
  options: SessionOptions,
): Promise<MemorializedSession> {
  const { chain, signer, state } = outbox;
  const { signal, onCost } = options;
  let broadcasting = false;
  try {
    const receipt = await chain.submit(messages, {
      signer,
      ...(signal === undefined ? {} : { signal }),
      ...(onCost === undefined ? {} : { onCost }),
      onSigned: async (transaction) => {
        if (broadcasting) await state.advance(execution.uuid, "broadcasting", { to: "signed" });
        await state.advance(execution.uuid, "signed", { to: "broadcasting", transaction });
        broadcasting = true;
      },
    });
    await settle(state, execution, "broadcasting", { to: "committed" });
    return memorialized(execution, receipt);
  } catch (thrown) {
    const error = P8eError.from(thrown);
    const taken = broadcasting ? undefined : await takenOver(state, execution, error);
    if (taken !== undefined) {
      const receipt = await broadcastAgain(outbox, taken, options);
      if (receipt !== undefined) return memorialized(execution, receipt);
    } else if (definite.has(error.code)) {
      const from = broadcasting ? "broadcasting" : "signed";
      await settle(state, execution, from, { to: "failed", reason: error.code });
    }
    throw error;
  }
}

/** Another process may be sending the same execution: then this one has written nothing, and waits for that. */
async function takenOver(state: StateStore, execution: Execution, error: P8eError): Promise<Execution | undefined> {
  if (error.code !== "session.invalid" && !definite.has(error.code)) return undefined;
  const found = await state.get(execution.uuid);
  const sent = found?.state === "broadcasting" || found?.state === "committed";
  return sent && found.transaction !== undefined ? found : undefined;
}

export interface ResumeOptions extends SessionOptions {
  /**
   * An execution that was not signed within this time belongs to a process that is gone, and is given up. Default 10
   * minutes; 0 when no other process uses the same state.
   */
  readonly abandonedAfterMs?: number;
}

/**
 * What became of one execution after a crash: its session, or why there is none. It has failed for good when
 * `execution` says so; else its next attempt may fare better.
 */
export interface ResumedExecution {
  readonly execution: Execution;
  readonly session?: MemorializedSession;
  readonly error?: P8eError;
}

/**
 * Completes what was interrupted. An execution that cannot be completed is reported and does not hold up the others.
 * @throws when ledger or store cannot be asked; then calling again later is safe
 */
export async function resumeExecutions(outbox: Outbox, options: ResumeOptions): Promise<readonly ResumedExecution[]> {
  const { state, nowMs } = outbox;
  for (const execution of await state.list(["created"])) {
    if (nowMs() - execution.updatedAtMs < (options.abandonedAfterMs ?? ABANDONED_MS)) continue;
    await settle(state, execution, "created", { to: "failed", reason: "interrupted before it was stored" });
  }
  const resumed: ResumedExecution[] = [];
  for (const before of await state.list(["broadcasting", "signed"])) {
    let ended: { readonly session: MemorializedSession } | { readonly error: P8eError };
    try {
      ended = { session: await resumeOne(outbox, before, options) };
    } catch (thrown) {
      const error = P8eError.from(thrown);
      if (error.status.retry || ofThisProcess.has(error.code)) throw error;
      ended = { error };
    }
    resumed.push({ execution: (await state.get(before.uuid)) ?? before, ...ended });
  }
  return resumed;
}

async function resumeOne(outbox: Outbox, execution: Execution, options: SessionOptions): Promise<MemorializedSession> {
  if (execution.state === "broadcasting") {
    const receipt = await broadcastAgain(outbox, execution, options);
    if (receipt !== undefined) return memorialized(execution, receipt);
  }
  const envelope = fromBinary(scope.EnvelopeSchema, execution.envelope);
  const specificationHash = parseContentHash(envelope.contract?.spec?.dataLocation?.ref?.hash ?? "");
  const search = { ...outbox, key: outbox.party.encryption };
  const { specification } = await fetchContract(search, specificationHash, {
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  const messages = memorializeMessages(envelope, specification.message, {
    prefix: outbox.network.accountPrefix,
    evidence: hashContent(execution.envelope),
  });
  return writeToLedger(outbox, execution, messages, options);
}

/** Undefined when the transaction can never be included: the execution is back at signed. */
async function broadcastAgain(
  { chain, state }: Outbox,
  execution: Execution,
  options: SessionOptions,
): Promise<TransactionReceipt | undefined> {
  try {
    const call = options.signal === undefined ? {} : { signal: options.signal };
    const receipt = await chain.broadcast(execution.transaction!.bytes, call);
    if (execution.state !== "committed") await settle(state, execution, "broadcasting", { to: "committed" });
    return receipt;
  } catch (thrown) {
    const error = P8eError.from(thrown);
    if (error.code === "ledger.transaction_expired" || error.code === "ledger.sequence_mismatch") {
      await state.advance(execution.uuid, "broadcasting", { to: "signed" });
      return undefined;
    }
    if (definite.has(error.code)) await settle(state, execution, "broadcasting", { to: "failed", reason: error.code });
    throw error;
  }
}

/** Two processes may learn of the same end: whoever is second finds it noted already. */
async function settle(
  state: StateStore,
  execution: Execution,
  from: ExecutionState,
  change: StateChange,
): Promise<void> {
  try {
    await state.advance(execution.uuid, from, change);
  } catch (error) {
    const found = isP8eError(error) && error.code === "session.invalid" ? await state.get(execution.uuid) : undefined;
    if (found?.state !== change.to) throw error;
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
