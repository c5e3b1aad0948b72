import { create, toBinary } from "@bufbuild/protobuf";
import { packAny } from "@p8e/proto/any";
import * as cosmos from "@p8e/proto/cosmos";
import { type Admission, admit, payFee, takeAllowance, validateMessages } from "./admission.ts";
import { formatCoins, subtractCoins } from "./coins.ts";
import { event, type LedgerEvent, withAttribute } from "./events.ts";
import { messageGas } from "./gas.ts";
import { Branch, type LedgerState } from "./ledger-state.ts";
import { type BlockFacts, messageContext } from "./message-context.ts";
import { findDefinition } from "./messages/registry.ts";
import { panicRefusal, Refusal } from "./refusal.ts";
import { type Keys, pruneNonces, type Run } from "./signatures.ts";
import { decodeTransaction, type Transaction } from "./transaction.ts";

/** What became of a transaction; code 0 is success. */
export interface TransactionResult {
  readonly code: number;
  readonly codespace: string;
  readonly log: string;
  /** TxMsgData with one response for each message; empty on failure. */
  readonly data: Uint8Array;
  readonly events: readonly LedgerEvent[];
  readonly gasWanted: bigint;
  readonly gasUsed: bigint;
}

/** A state, and what the transaction that led to it came to. */
export interface Applied {
  readonly state: LedgerState;
  readonly result: TransactionResult;
}

/** One block: what happens at its start, then every transaction in order. Pure: equal arguments, equal results. */
export function applyBlock(
  state: LedgerState,
  block: BlockFacts,
  transactions: readonly Uint8Array[],
  keys: Keys,
): { readonly state: LedgerState; readonly results: readonly TransactionResult[] } {
  const branch = new Branch(state);
  pruneNonces(branch, block);
  const results = transactions.map((bytes) => {
    const applied = applyTransaction(branch.state, bytes, { block, keys, mode: "deliver" });
    branch.state = applied.state;
    return applied.result;
  });
  return { state: branch.state, results };
}

/** One transaction. A refused one leaves the state as it was, a failed one its up-front fee and sequences. */
export function applyTransaction(state: LedgerState, bytes: Uint8Array, run: Run): Applied {
  const { block, mode } = run;
  const branch = new Branch(state);
  let transaction: Transaction;
  let admission: Admission;
  try {
    transaction = validateMessages(decodeTransaction(bytes, block.accountPrefix), block);
    admission = admit(branch, transaction, run);
  } catch (error) {
    return { state, result: failure(error, [], 0n, 0n) };
  }
  const admitted = branch.state;
  const { gas, gasWanted } = admission;
  if (mode === "check")
    return { state: admitted, result: success(new Uint8Array(0), admission.events, gasWanted, gas.used) };
  try {
    const { data, events } = runMessages(branch, block, transaction, admission);
    events.push(...collectRest(branch, transaction, admission, run));
    return { state: branch.state, result: success(data, [...admission.events, ...events], gasWanted, gas.used) };
  } catch (error) {
    return { state: admitted, result: failure(error, chargedEvents(admission), gasWanted, gas.used) };
  }
}

function success(
  data: Uint8Array,
  events: readonly LedgerEvent[],
  gasWanted: bigint,
  gasUsed: bigint,
): TransactionResult {
  return { code: 0, codespace: "", log: "", data, events, gasWanted, gasUsed };
}

function failure(
  error: unknown,
  events: readonly LedgerEvent[],
  gasWanted: bigint,
  gasUsed: bigint,
): TransactionResult {
  const refusal = toRefusal(error);
  const { code, codespace, message } = refusal;
  return { code, codespace, log: message, data: new Uint8Array(0), events, gasWanted, gasUsed };
}

/** As on a real node, a rule that breaks fails its transaction and not the ledger. */
function toRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  return panicRefusal(error instanceof Error ? error.message : String(error));
}

function runMessages(
  branch: Branch,
  block: BlockFacts,
  transaction: Transaction,
  admission: Admission,
): { data: Uint8Array; events: LedgerEvent[] } {
  const events: LedgerEvent[] = [];
  const responses: cosmos.abci.TxMsgData["msgResponses"] = [];
  for (const [index, { typeUrl, message }] of transaction.messages.entries()) {
    const definition = findDefinition(typeUrl);
    if (definition === undefined || message === undefined) throw panicRefusal(`no handler for ${typeUrl}`);
    const context = messageContext(branch, block, typeUrl);
    try {
      admission.gas.consume(messageGas(transaction.body.messages[index]?.value.length ?? 0), typeUrl);
      const response = create(definition.response, definition.run(context, message));
      responses.push(packAny(definition.response, response));
    } catch (error) {
      const { codespace, code, message: text } = toRefusal(error);
      throw new Refusal(codespace, code, `failed to execute message; message index: ${index}: ${text}`);
    }
    const sender = definition.signers(message)[0];
    const all = [actionEvent(typeUrl, sender, context.events), ...context.events];
    events.push(...all.map((given) => withAttribute(given, "msg_index", String(index))));
  }
  const data = create(cosmos.abci.TxMsgDataSchema, { msgResponses: responses });
  return { data: toBinary(cosmos.abci.TxMsgDataSchema, data), events };
}

/** The module is named only when no event of the message names one. */
function actionEvent(typeUrl: string, sender: string | undefined, events: readonly LedgerEvent[]): LedgerEvent {
  const named = events.some(({ attributes }) => attributes.some(([name]) => name === "module"));
  const module = typeUrl.split(".")[1] ?? "";
  return event("message", {
    action: typeUrl,
    ...(sender === undefined ? {} : { sender }),
    ...(named ? {} : { module }),
  });
}

/** The whole offered fee is taken on success, what is over the price included. A simulation offers the price. */
function collectRest(branch: Branch, transaction: Transaction, admission: Admission, run: Run): LedgerEvent[] {
  const { block, mode } = run;
  const { cost, payer } = admission;
  const fee = mode === "simulate" ? cost.total : admission.fee;
  const events: LedgerEvent[] = [];
  const rest = subtractCoins(fee, cost.upFront);
  takeAllowance({ branch, block, events }, payer, rest, transaction);
  if (rest.length > 0 && mode !== "simulate") payFee({ branch, block, events }, payer.address, rest);
  const additional = subtractCoins(cost.total, cost.upFront);
  const over = subtractCoins(fee, cost.total);
  events.push(
    event("tx", {
      fee_payer: payer.address,
      basefee: formatCoins(cost.upFront),
      ...(additional.length > 0 ? { additionalfee: formatCoins(additional) } : {}),
      ...(over.length > 0 ? { fee_overage: formatCoins(over) } : {}),
      total: formatCoins(fee),
    }),
  );
  return events;
}

/** After a failure the fee event says what was kept. */
function chargedEvents({ events, cost }: Admission): LedgerEvent[] {
  return events.map((given) => {
    if (given.type !== "tx" || given.attributes[0]?.[0] !== "fee") return given;
    const rest = given.attributes.slice(1);
    return { type: given.type, attributes: [["fee", formatCoins(cost.upFront)], ...rest] };
  });
}
