import { create, toBinary } from "@bufbuild/protobuf";
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { concatBytes, transactionHash } from "@p8e/core";
import { signTransaction } from "@p8e/crypto";
import * as cosmos from "@p8e/proto/cosmos";
import * as fees from "@p8e/proto/fees";
import { eventually } from "../eventually.ts";
import { CallRefused } from "../ledger-conformance/endpoint.ts";
import { packed } from "../ledger-conformance/transaction.ts";
import { codeOf, type World } from "../ledger-conformance/world.ts";
import type { Alter, QueryStep, Step, TransactionStep } from "./step.ts";

/** What a node did, in values that two nodes can be compared by. */
export interface Observation {
  /** A query's status, a transaction's estimate: `ok`, or the gRPC status with the code that stands in its text. */
  readonly answer?: string;
  /** What the broadcast answered: `ok` or `CODESPACE/CODE`. */
  readonly broadcast?: string;
  /** What became of it in its block. */
  readonly result?: string;
  /** nhash that its first signer has less afterwards. */
  readonly paid?: string;
  /** The names of its events, in order. */
  readonly events?: string;
  /** Of a query: what it answered. */
  readonly value?: string;
}

/** Texts of the node, which are never compared: they explain a difference. */
export interface Observed {
  readonly observation: Observation;
  readonly text: string;
}

const INCLUSION_MS = 60_000;
const GAS_LIMIT = 2_000_000n;
/** For what has no price, since it cannot be simulated. */
const FEE = 200_000_000_000n;

/** Takes a step on one node. */
export async function observe(world: World, step: Step): Promise<Observed> {
  switch (step.kind) {
    case "wait":
      await step.until(world);
      return { observation: {}, text: "" };
    case "query":
      return observeQuery(world, step);
    case "transaction":
      return observeTransaction(world, step);
  }
}

async function observeQuery(world: World, { ask }: QueryStep): Promise<Observed> {
  try {
    const value = await ask(world);
    return { observation: { answer: "ok", value: JSON.stringify(value) }, text: "" };
  } catch (error) {
    return refusal(error);
  }
}

/** A text that ends in a space does not arrive (grpc-js), and with it the code that stands in it. */
export const UNKNOWN_CODE = "(no text)";

function refusal(error: unknown): Observed {
  if (!(error instanceof CallRefused)) throw error;
  const code = /codespace (\w+) code (\d+)/.exec(error.message);
  const codeText = error.details === "" ? UNKNOWN_CODE : code === null ? "" : `${code[1]}/${code[2]}`;
  return { observation: { answer: `status ${error.status} ${codeText}`.trim() }, text: error.message };
}

async function observeTransaction(world: World, step: TransactionStep): Promise<Observed> {
  const payer = step.signers[0];
  const alterFor = await step.alterFor?.(world);
  const alter: Alter = (body, authInfo) => {
    step.alter?.(body, authInfo);
    alterFor?.(body, authInfo);
  };
  const priced = await estimate(world, await build(world, step, alter, undefined));
  const before = payer === undefined ? 0n : await world.balance(payer.address);
  const bytes = await build(world, step, alter, priced.fee);
  let broadcast: Awaited<ReturnType<World["broadcast"]>>;
  try {
    broadcast = await world.broadcast(bytes);
  } catch (error) {
    const { observation, text } = refusal(error);
    return { observation: { answer: priced.answer, broadcast: observation.answer ?? "" }, text };
  }
  const answered = { answer: priced.answer, broadcast: broadcast.code };
  if (broadcast.code !== "ok") return { observation: answered, text: `${priced.text} | ${broadcast.log}` };
  const response = await included(world, transactionHash(bytes));
  const after = payer === undefined ? 0n : await world.balance(payer.address);
  return {
    observation: {
      ...answered,
      result: codeOf(response),
      paid: (before - after).toString(),
      events: response.events.map(({ type }) => type).join(" "),
    },
    text: `${priced.text} | ${response.rawLog}`,
  };
}

/** As `World.included`, but for a log of a node that is no text: a failed authz `MsgRevoke` leaves raw key bytes in it. */
async function included(world: World, hash: string): Promise<cosmos.abci.TxResponse> {
  const { getTx } = cosmos.tx.Service.method;
  const ask = async () => {
    try {
      return await world.endpoint.call(getTx, { hash });
    } catch (error) {
      if (!(error instanceof CallRefused && error.status === 13)) throw error;
      return await world.endpoint.call(getTx, { hash }, { mend: withoutLog });
    }
  };
  const { message } = await eventually(`inclusion of ${hash}`, ask, ({ message }) => message.txResponse !== undefined, {
    limitMs: INCLUSION_MS,
    isLater: (error) => error instanceof CallRefused && error.status === 5,
  });
  return message.txResponse!;
}

const TX_RESPONSE_FIELD = 2;
const RAW_LOG_FIELD = 6;

/** A `GetTxResponse` without its transaction and the log of its result. */
function withoutLog(reply: Uint8Array): Uint8Array {
  const response = fieldsOf(reply).find(({ number }) => number === TX_RESPONSE_FIELD);
  if (response === undefined) return reply;
  const kept = fieldsOf(response.content).filter(({ number }) => number !== RAW_LOG_FIELD);
  const inner = concatBytes(...kept.map(({ whole }) => whole));
  return new BinaryWriter().tag(TX_RESPONSE_FIELD, WireType.LengthDelimited).bytes(inner).finish();
}

function fieldsOf(bytes: Uint8Array) {
  const reader = new BinaryReader(bytes);
  const fields: { readonly number: number; readonly content: Uint8Array; readonly whole: Uint8Array }[] = [];
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const [number, wireType] = reader.tag();
    const content = wireType === WireType.LengthDelimited ? reader.bytes() : reader.skip(wireType, number);
    fields.push({ number, content, whole: bytes.subarray(start, reader.pos) });
  }
  return fields;
}

async function estimate(world: World, txBytes: Uint8Array): Promise<{ answer: string; fee: bigint; text: string }> {
  try {
    const { totalFees } = await world.endpoint.ask(fees.flat.Query.method.calculateTxFees, { txBytes });
    const answer = `ok ${totalFees.map(({ denom, amount }) => `${amount}${denom}`).join(",")}`;
    return { answer, fee: BigInt(totalFees[0]?.amount ?? "0"), text: "" };
  } catch (error) {
    const { observation, text } = refusal(error);
    return { answer: observation.answer ?? "", fee: FEE, text };
  }
}

/** Without a fee it is not signed: for an estimate. */
async function build(world: World, step: TransactionStep, alter: Alter, fee: bigint | undefined): Promise<Uint8Array> {
  const signers = await world.signers(step.signers);
  const body = create(cosmos.tx.TxBodySchema, { messages: [...step.messages] });
  const authInfo = create(cosmos.tx.AuthInfoSchema, {
    signerInfos: signers.map(({ actor: { key }, sequence }) => ({
      publicKey: packed(cosmos.secp256k1.PubKeySchema, { key: key.publicKey.compressed }),
      modeInfo: { sum: { case: "single" as const, value: { mode: cosmos.tx.SignMode.DIRECT } } },
      sequence,
    })),
    fee: {
      amount: fee === undefined || fee === 0n ? [] : [{ denom: "nhash", amount: fee.toString() }],
      gasLimit: GAS_LIMIT,
    },
  });
  alter(body, authInfo);
  const bodyBytes = toBinary(cosmos.tx.TxBodySchema, body);
  const authInfoBytes = toBinary(cosmos.tx.AuthInfoSchema, authInfo);
  const chainId = step.chainId ?? world.chainId;
  const sign = async ({ actor, accountNumber }: (typeof signers)[number]) => {
    if (fee === undefined) return new Uint8Array(0);
    const document = create(cosmos.tx.SignDocSchema, { bodyBytes, authInfoBytes, chainId, accountNumber });
    return signTransaction(actor.key, toBinary(cosmos.tx.SignDocSchema, document));
  };
  const signed = await Promise.all(signers.map(sign));
  const signatures = step.alterSignatures?.(signed) ?? signed;
  const raw = create(cosmos.tx.TxRawSchema, { bodyBytes, authInfoBytes, signatures });
  const bytes = toBinary(cosmos.tx.TxRawSchema, raw);
  return step.alterBytes?.(bytes) ?? bytes;
}
