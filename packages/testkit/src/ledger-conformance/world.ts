import { type Any, timestampMs } from "@bufbuild/protobuf/wkt";
import {
  type AccountPrefix,
  concatBytes,
  sha256,
  transactionHash,
  type Uuid,
  utf8Encode,
  uuidFromBytes,
} from "@p8e/core";
import { type PrivateKey, parsePrivateKey } from "@p8e/crypto";
import * as cosmos from "@p8e/proto/cosmos";
import * as fees from "@p8e/proto/fees";
import { eventually } from "../eventually.ts";
import { CallRefused, LedgerEndpoint } from "./endpoint.ts";
import { type Actor, actor, packed, type Signer, type TransactionContent, transactionBytes } from "./transaction.ts";

/** A node to test, and a key that holds enough nhash on it to pay for the suite. */
export interface LedgerUnderTest {
  readonly url: string;
  readonly chainId: string;
  readonly accountPrefix: AccountPrefix;
  readonly faucet: PrivateKey;
  /** Names and keys derive from it. A node that is kept between runs needs a new one for each. */
  readonly seed: string;
}

/** What a broadcast answered: `CODESPACE/CODE`, or `ok`. */
export interface Broadcast {
  readonly hash: string;
  readonly code: string;
  readonly log: string;
}

/** What came of a transaction. */
export interface Outcome extends Broadcast {
  /** Only when the broadcast was accepted: what became of the transaction in its block. */
  readonly response?: cosmos.abci.TxResponse;
}

/** What a transaction says otherwise than it would. */
export type Overrides = Partial<Omit<TransactionContent, "messages" | "signers">> & {
  /** Instead of the account's own sequences. */
  readonly sequences?: readonly bigint[];
};

const INCLUSION_MS = 60_000;
/** For messages that have no estimate, since they are meant to fail. */
const GAS_LIMIT = 1_500_000n;
/** What a simulation leaves out, and more. */
const GAS_MARGIN = 100_000n;

/** The network during one run of the suite: its endpoint, its actors, and the ways to send to it. */
export class World implements Disposable {
  readonly endpoint: LedgerEndpoint;
  readonly chainId: string;
  readonly accountPrefix: AccountPrefix;
  readonly faucet: Actor;
  readonly #seed: string;
  #counter = 0;
  #prices: Map<string, bigint> | undefined;
  #defaultPrice = 0n;

  constructor(target: LedgerUnderTest) {
    this.endpoint = new LedgerEndpoint(target.url);
    this.chainId = target.chainId;
    this.accountPrefix = target.accountPrefix;
    this.faucet = actor(target.faucet, target.accountPrefix);
    this.#seed = target.seed;
  }

  [Symbol.dispose](): void {
    this.endpoint[Symbol.dispose]();
  }

  #bytes(): Uint8Array {
    return sha256(concatBytes(utf8Encode(`${this.#seed} ${this.#counter++}`)));
  }

  uuid(): Uuid {
    return uuidFromBytes(this.#bytes().slice(0, 16));
  }

  /** A key nobody has seen; its account does not exist yet. */
  stranger(): Actor {
    return actor(parsePrivateKey(this.#bytes()), this.accountPrefix);
  }

  /** An account with funds that has never signed. */
  async silentActor(nhash = 100_000_000_000_000n): Promise<Actor> {
    const created = this.stranger();
    await this.succeed([this.faucet], [this.send(this.faucet, created, nhash)]);
    return created;
  }

  /** An account with funds that has signed. */
  async warmActor(nhash?: bigint): Promise<Actor> {
    const created = await this.silentActor(nhash);
    await this.succeed([created], [this.send(created, created, 1n)]);
    return created;
  }

  send(from: Actor, to: Actor, amount: bigint, denom = "nhash"): Any {
    return packed(cosmos.bank.MsgSendSchema, {
      fromAddress: from.address,
      toAddress: to.address,
      amount: [{ denom, amount: amount.toString() }],
    });
  }

  async account(address: string): Promise<cosmos.auth.BaseAccount | undefined> {
    try {
      return (await this.endpoint.ask(cosmos.auth.Query.method.accountInfo, { address })).info;
    } catch (error) {
      if (error instanceof CallRefused && error.status === 5) return undefined;
      throw error;
    }
  }

  async balance(address: string, denom = "nhash"): Promise<bigint> {
    const { balance } = await this.endpoint.ask(cosmos.bank.Query.method.balance, { address, denom });
    return BigInt(balance?.amount ?? "0");
  }

  async height(): Promise<bigint> {
    const { block } = await this.endpoint.ask(cosmos.tendermint.Service.method.getLatestBlock, {});
    return block?.header?.height ?? 0n;
  }

  /** Time of the newest block. */
  async timeMs(): Promise<number> {
    const { block } = await this.endpoint.ask(cosmos.tendermint.Service.method.getLatestBlock, {});
    const time = block?.header?.time;
    return time === undefined ? 0 : timestampMs(time);
  }

  /** Until a block after that time has been committed, and not only shown. */
  async waitForTime(timeMs: number): Promise<void> {
    const reached = (now: number) => now > timeMs;
    await eventually(`a block after ${timeMs}`, () => this.timeMs(), reached, { limitMs: INCLUSION_MS });
    await this.waitForHeight((await this.height()) + 1n);
  }

  async waitForHeight(height: bigint): Promise<void> {
    const reached = (now: bigint) => now >= height;
    await eventually(`height ${height}`, () => this.height(), reached, { limitMs: INCLUSION_MS });
  }

  /** Price of messages in nhash, by the node's own list. */
  async price(messages: readonly Any[]): Promise<bigint> {
    if (this.#prices === undefined) {
      const answer = await this.endpoint.ask(fees.flat.Query.method.allMsgFees, { pagination: { limit: 1000n } });
      this.#prices = new Map(answer.msgFees.map(({ msgTypeUrl, cost }) => [msgTypeUrl, nhashOf(cost)]));
      this.#defaultPrice = BigInt(answer.defaultCost?.amount ?? "0");
    }
    const prices = this.#prices;
    return messages.reduce((sum, { typeUrl }) => sum + (prices.get(typeUrl) ?? this.#defaultPrice), 0n);
  }

  async signers(actors: readonly Actor[], sequences: readonly bigint[] = []): Promise<Signer[]> {
    return Promise.all(
      actors.map(async (signer, index) => {
        const account = await this.account(signer.address);
        return {
          actor: signer,
          accountNumber: account?.accountNumber ?? 0n,
          sequence: sequences[index] ?? account?.sequence ?? 0n,
        };
      }),
    );
  }

  async build(actors: readonly Actor[], messages: readonly Any[], overrides: Overrides = {}): Promise<Uint8Array> {
    const { sequences, ...rest } = overrides;
    const content = {
      messages,
      signers: await this.signers(actors, sequences),
      chainId: this.chainId,
      fee: await this.price(messages),
      ...rest,
    };
    return transactionBytes({ ...content, gasLimit: rest.gasLimit ?? (await this.#gasLimit(content)) });
  }

  /** As a client has it: from the node's estimate. */
  async #gasLimit(content: Omit<TransactionContent, "gasLimit">): Promise<bigint> {
    const txBytes = await transactionBytes({ ...content, gasLimit: 0n, simulate: true });
    try {
      const { estimatedGas } = await this.endpoint.ask(fees.flat.Query.method.calculateTxFees, { txBytes });
      return (estimatedGas * 13n) / 10n + GAS_MARGIN;
    } catch (error) {
      if (error instanceof CallRefused && error.status === 2) return GAS_LIMIT;
      throw error;
    }
  }

  async broadcast(bytes: Uint8Array): Promise<Broadcast> {
    const mode = cosmos.tx.BroadcastMode.SYNC;
    const answer = await this.endpoint.ask(cosmos.tx.Service.method.broadcastTx, { txBytes: bytes, mode });
    const response = answer.txResponse;
    return { hash: transactionHash(bytes), code: codeOf(response), log: response?.rawLog ?? "" };
  }

  async included(hash: string): Promise<cosmos.abci.TxResponse> {
    const ask = async () => (await this.endpoint.ask(cosmos.tx.Service.method.getTx, { hash })).txResponse;
    const found = await eventually(`inclusion of ${hash}`, ask, (answer) => answer !== undefined, {
      limitMs: INCLUSION_MS,
      isLater: (error) => error instanceof CallRefused && error.status === 5,
    });
    return found!;
  }

  async submitBytes(bytes: Uint8Array): Promise<Outcome> {
    const answer = await this.broadcast(bytes);
    return answer.code === "ok" ? { ...answer, response: await this.included(answer.hash) } : answer;
  }

  async submit(actors: readonly Actor[], messages: readonly Any[], overrides?: Overrides): Promise<Outcome> {
    return this.submitBytes(await this.build(actors, messages, overrides));
  }

  /** @throws when the transaction is refused or fails */
  async succeed(
    actors: readonly Actor[],
    messages: readonly Any[],
    overrides?: Overrides,
  ): Promise<cosmos.abci.TxResponse> {
    const outcome = await this.submit(actors, messages, overrides);
    const { response } = outcome;
    if (response === undefined) throw new Error(`refused with ${outcome.code}: ${outcome.log}`);
    if (response.code !== 0) throw new Error(`failed with ${codeOf(response)}: ${response.rawLog}`);
    return response;
  }
}

/** `ok`, or `CODESPACE/CODE`. */
export function codeOf(response: Pick<cosmos.abci.TxResponse, "code" | "codespace"> | undefined): string {
  if (response === undefined) return "no response";
  return response.code === 0 ? "ok" : `${response.codespace}/${response.code}`;
}

/** The nhash among coins. */
export function nhashOf(coins: readonly { readonly denom: string; readonly amount: string }[]): bigint {
  return BigInt(coins.find(({ denom }) => denom === "nhash")?.amount ?? "0");
}
