import { randomBytes } from "node:crypto";
import {
  type AccountAddress,
  type AccountPrefix,
  type Clock,
  hasCode,
  isP8eError,
  P8eError,
  type RandomBytes,
  systemClock,
  untilCancelled,
} from "@p8e/core";
import type {
  AcceptedTransaction,
  ChainClient,
  ChainOptions,
  EstimateOptions,
  PreparedTransaction,
  WaitOptions,
} from "./chain-client.ts";
import { BlockResults } from "./endpoint/block-results.ts";
import { ChainHead, transactionHashes } from "./endpoint/chain-head.ts";
import { type AskOptions, NodeEndpoint } from "./endpoint/endpoint.ts";
import { type NodeDescription, probeNode } from "./endpoint/endpoint-probe.ts";
import { goneBlock, isGoneBlock } from "./endpoint/gone-block.ts";
import { NodeRpc, type NodeRpcOptions } from "./endpoint/node-rpc.ts";
import type { LedgerMessage } from "./messages/ledger-message.ts";
import { AccountQueries } from "./queries/accounts.ts";
import { fetchConversion, fetchPrices } from "./queries/fee-queries.ts";
import { MetadataQueries } from "./queries/metadata-queries.ts";
import { broadcast } from "./transactions/broadcast.ts";
import { Confirmation } from "./transactions/confirmation.ts";
import { expiredError, notEmbedded, supersededError, transactionError } from "./transactions/errors.ts";
import { FeeEstimator } from "./transactions/estimator.ts";
import { type DefinedPrices, type FeeConversion, parseCoins, type TransactionCost } from "./transactions/fees.ts";
import { outOfGasAttempt } from "./transactions/out-of-gas.ts";
import { receiptOf, receiptWithoutResult, type TransactionReceipt } from "./transactions/receipt.ts";
import { TransactionSender } from "./transactions/sender.ts";
import type { LedgerSigner } from "./transactions/signer.ts";
import type { SentTransaction, SignedTransaction, SubmitOptions } from "./transactions/submission.ts";
import { type Fate, TransactionTracker } from "./transactions/tracker.ts";
import { readAuthInfo, readMessages, readTransaction } from "./transactions/transaction.ts";
import { blockOf, type SignedBefore, type TransactionStanding } from "./transactions/transaction-standing.ts";
import type { MessageTypes } from "./types/message-types.ts";

const TIMEOUT_MS = 15_000;
const IN_FLIGHT_MAX = 16;
const REBUILDS_MAX = 3;

/**
 * @throws `configuration.invalid`, `ledger.unavailable`, `rpc.tls`, `ledger.wrong_network`, `ledger.unsupported_version`
 *
 * @example
 * await using chain = await connectChain({ url: "grpc://localhost:9090", ...networks.local });
 * const receipt = await chain.submit([writeScope({ … })], { signer });
 */
export async function connectChain(options: ChainOptions): Promise<ChainClient> {
  const clock = options.clock ?? systemClock;
  const random = options.random ?? ((length) => new Uint8Array(randomBytes(length)));
  const { url, chainId, headers, certificateAuthority, tls } = options;
  const endpoint = new NodeEndpoint({
    url,
    timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
    clock,
    random,
    ...(headers === undefined ? {} : { headers }),
    certificateAuthority,
    tls,
  });
  try {
    const ask = options.signal ? { signal: options.signal } : {};
    const node = await probeNode(endpoint, options, ask);
    const head = new ChainHead(endpoint, clock);
    await head.calibrate(ask);
    const results =
      options.rpc === undefined ? undefined : new BlockResults(rpcOf(options, options.rpc), endpoint, head);
    await results?.requireNetwork(chainId, options.signal);
    return new Chain({ endpoint, node, head, results, clock, random, options });
  } catch (error) {
    await endpoint[Symbol.asyncDispose]();
    throw error;
  }
}

function rpcOf({ certificateAuthority, timeoutMs = TIMEOUT_MS }: ChainOptions, rpc: NodeRpcOptions): NodeRpc {
  return new NodeRpc({ ...rpc, timeoutMs, ...(certificateAuthority === undefined ? {} : { certificateAuthority }) });
}

interface ChainParts {
  readonly endpoint: NodeEndpoint;
  readonly node: NodeDescription;
  readonly head: ChainHead;
  readonly results: BlockResults | undefined;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly options: ChainOptions;
}

class Chain implements ChainClient {
  readonly node: NodeDescription;
  readonly accountPrefix: AccountPrefix;
  readonly accounts: AccountQueries;
  readonly metadata: MetadataQueries;
  readonly #endpoint: NodeEndpoint;
  readonly #head: ChainHead;
  readonly #estimator: FeeEstimator;
  readonly #tracker: TransactionTracker;
  readonly #sender: TransactionSender;
  readonly #confirmation: Confirmation;
  readonly #results: BlockResults | undefined;

  constructor({ endpoint, node, head, results, clock, random, options }: ChainParts) {
    this.node = node;
    this.accountPrefix = options.accountPrefix;
    this.accounts = new AccountQueries(endpoint);
    this.metadata = new MetadataQueries(endpoint);
    this.#endpoint = endpoint;
    this.#head = head;
    this.#results = results;
    this.#confirmation = new Confirmation({
      node: endpoint,
      head,
      clock,
      metadata: this.metadata,
      accounts: this.accounts,
    });
    this.#estimator = new FeeEstimator(endpoint);
    this.#tracker = new TransactionTracker({
      node: endpoint,
      head,
      clock,
      random,
      indexed: node.indexed,
      broadcast: (bytes, signal) => broadcast(endpoint, bytes, signal),
      committedSequence: async (address, height, signal) =>
        (await this.accounts.account(address as AccountAddress, { height, signal }))?.sequence ?? 0n,
      ...(results === undefined ? {} : { result: (height, hash, signal) => results.result(height, hash, signal) }),
    });
    this.#sender = new TransactionSender({
      chainId: options.chainId,
      accountPrefix: options.accountPrefix,
      inFlightMax: options.inFlightMax ?? IN_FLIGHT_MAX,
      accounts: this.accounts,
      head,
      estimator: this.#estimator,
      tracker: this.#tracker,
      ports: {
        broadcast: (bytes, signal) => broadcast(endpoint, bytes, signal),
        pause: (attempt, signal) => endpoint.pause(Math.min(100 * 2 ** attempt, head.blockTimeMs * 4), signal),
      },
    });
  }

  get keepsResults(): boolean {
    return this.#results !== undefined || this.#tracker.indexed;
  }

  async height(options: AskOptions = {}): Promise<bigint> {
    return (await this.#head.poll(options)).height;
  }

  async newestBlock(options: AskOptions = {}): Promise<{ readonly height: bigint; readonly timeMs: number }> {
    const { height, timeMs } = await this.#head.poll(options);
    return { height, timeMs };
  }

  async messagesAt(height: bigint, options: AskOptions = {}): Promise<readonly LedgerMessage[]> {
    const { transactions } = await this.#head.block(height, options).catch((error: unknown) => {
      throw isGoneBlock(error) ? goneBlock(height, error) : error;
    });
    return transactions.flatMap((bytes) => readMessages(bytes) ?? []);
  }

  feeConversion(options: AskOptions = {}): Promise<FeeConversion> {
    return fetchConversion(this.#endpoint, options.signal);
  }

  prices(options: AskOptions = {}): Promise<DefinedPrices> {
    return fetchPrices(this.#endpoint, { defined: true }, options.signal);
  }

  estimate(
    messages: readonly LedgerMessage[],
    signers: readonly Pick<LedgerSigner, "address" | "publicKey">[],
    options: EstimateOptions = {},
  ): Promise<TransactionCost> {
    return this.#sender.estimate(messages, signers, options);
  }

  listedCost(messages: readonly LedgerMessage[], options: WaitOptions = {}): Promise<TransactionCost> {
    return this.#sender.listedCost(messages, options.signal);
  }

  submit(
    messages: readonly LedgerMessage[],
    options: SubmitOptions & { readonly waitForInclusion?: true },
  ): Promise<TransactionReceipt>;
  submit(
    messages: readonly LedgerMessage[],
    options: SubmitOptions & { readonly waitForInclusion: false },
  ): Promise<AcceptedTransaction>;
  async submit(
    messages: readonly LedgerMessage[],
    options: SubmitOptions & { readonly waitForInclusion?: boolean },
  ): Promise<TransactionReceipt | AcceptedTransaction> {
    if (options.waitForInclusion === false) return this.#accepted(await this.#send(messages, options), messages);
    try {
      return await this.#submit(messages, options);
    } catch (error) {
      const attempt = options.outOfGas === undefined ? outOfGasAttempt(error) : undefined;
      if (attempt === undefined) throw error;
      return this.#submitWithMoreGas(messages, { ...options, outOfGas: attempt }, P8eError.from(error));
    }
  }

  async #submit(messages: readonly LedgerMessage[], options: SubmitOptions): Promise<TransactionReceipt> {
    for (let rebuilds = 0; ; rebuilds += 1) {
      const sent = await this.#send(messages, options);
      const fate = await this.#fate(sent, options.signal);
      try {
        const receipt = await this.#receipt(sent, messages, fate, options.signal);
        return options.outOfGas === undefined ? receipt : { ...receipt, outOfGas: options.outOfGas };
      } catch (error) {
        // Nothing of it can ever land, so the same messages may be signed once more.
        if (!hasCode(error, "ledger.sequence_mismatch") || rebuilds === REBUILDS_MAX) throw error;
      }
    }
  }

  async #submitWithMoreGas(
    messages: readonly LedgerMessage[],
    options: SubmitOptions,
    first: P8eError,
  ): Promise<TransactionReceipt> {
    let isSigned = false;
    const onSigned = async (signed: SignedTransaction) => {
      isSigned = true;
      await options.onSigned?.(signed);
    };
    try {
      return await this.#submit(messages, { ...options, onSigned });
    } catch (cause) {
      if (isSigned) throw cause;
      // There is no second transaction: what happened is the first one's failure.
      const { code, message, facts } = first;
      const reason = P8eError.from(cause).message;
      throw new P8eError(code, message, { facts, cause, hint: `It was not signed anew with more gas: ${reason}.` });
    }
  }

  async prepare(messages: readonly LedgerMessage[], options: SubmitOptions): Promise<PreparedTransaction> {
    const held = await this.#sender.prepare(messages, options);
    const send = async (wait: WaitOptions & { readonly waitForInclusion?: boolean } = {}) => {
      const sent = await held.send(wait.signal);
      if (wait.waitForInclusion === false) return this.#accepted(sent, messages);
      return this.#receipt(sent, messages, await this.#fate(sent, wait.signal), wait.signal);
    };
    return {
      ...held.signed,
      broadcast: send as PreparedTransaction["broadcast"],
      [Symbol.asyncDispose]: async () => held.release(),
    };
  }

  async broadcast(bytes: Uint8Array, options: WaitOptions = {}): Promise<TransactionReceipt> {
    const { hash, messages } = readTransaction(bytes);
    const known = await this.transaction(hash, options);
    if (known !== undefined) return known;
    const sent = await this.#sender.resend(bytes, options.signal);
    return this.#receipt(sent, messages, await this.#fate(sent, options.signal), options.signal);
  }

  async transaction(hash: string, options: WaitOptions = {}): Promise<TransactionReceipt | undefined> {
    const name = hash.toUpperCase();
    const found = await this.#tracker.find(name, options.signal);
    if (found?.txResponse === undefined) return undefined;
    const fee = found.tx?.authInfo?.fee;
    const paid = { hash: name, amounts: parseCoins(fee?.amount ?? []), gasLimit: fee?.gasLimit ?? 0n };
    return receiptOf(paid, found.txResponse);
  }

  async standing(signed: SignedBefore, { signal }: WaitOptions = {}): Promise<TransactionStanding> {
    const hash = signed.hash.toUpperCase();
    const { height: newest } = await this.#head.poll({ signal });
    const found = await this.transaction(hash, { signal });
    if (found !== undefined) return { standing: "included", receipt: found };
    const height = await blockOf({ ...signed, hash }, newest, this.#head, signal);
    if (height !== undefined) return { standing: "included", receipt: await this.#receiptIn(height, hash, signal) };
    return { standing: newest > signed.timeoutHeight ? "expired" : "pending", height: newest };
  }

  async #receiptIn(height: bigint, hash: string, signal: AbortSignal | undefined): Promise<TransactionReceipt> {
    const block = await this.#head.block(height, { signal });
    const bytes = block.transactions[transactionHashes(block).indexOf(hash)]!;
    const { fee } = readAuthInfo(bytes);
    const paid = { hash, amounts: parseCoins(fee?.amount ?? []), gasLimit: fee?.gasLimit ?? 0n };
    const result = await this.#results?.result(height, hash, signal);
    return result === undefined ? receiptWithoutResult(paid, height, "block") : receiptOf(paid, result);
  }

  async messageTypes(typeNames: readonly string[], { signal }: WaitOptions = {}): Promise<MessageTypes> {
    const { MessageTypes } = await import("./types/message-types.ts");
    const known = new MessageTypes();
    const others = typeNames.filter((name) => !known.has(name));
    if (others.length === 0) return known;
    if (this.node.embedded) throw notEmbedded(others[0]!);
    const { reflectTypes } = await import("./types/reflected-types.ts");
    return await reflectTypes(this.#endpoint, others, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closing = this.#tracker[Symbol.asyncDispose]();
    await this.#endpoint[Symbol.asyncDispose]();
    await closing;
  }

  async #send(messages: readonly LedgerMessage[], options: SubmitOptions): Promise<SentTransaction> {
    try {
      return await this.#sender.submit(messages, options);
    } catch (error) {
      if (isP8eError(error) && error.facts["kind"] === "InsufficientFee") this.#estimator.forgetPrices();
      throw error;
    }
  }

  #accepted(sent: SentTransaction, messages: readonly LedgerMessage[]): AcceptedTransaction {
    const { hash, timeoutHeight, cost } = sent.signed;
    return {
      hash,
      timeoutHeight,
      cost,
      included: async (signal) => this.#receipt(sent, messages, await this.#fate(sent, signal), signal),
    };
  }

  async #fate(sent: SentTransaction, signal: AbortSignal | undefined): Promise<Fate> {
    try {
      return await untilCancelled(sent.fate, signal);
    } catch (thrown) {
      const error = P8eError.from(thrown);
      const { hash, timeoutHeight } = sent.signed;
      throw new P8eError(error.code, `${error.message}; the transaction may still be included`, {
        facts: { ...error.facts, hash, timeoutHeight },
        cause: error,
      });
    }
  }

  async #receipt(
    sent: SentTransaction,
    messages: readonly LedgerMessage[],
    fate: Fate,
    signal: AbortSignal | undefined,
  ): Promise<TransactionReceipt> {
    const { hash, timeoutHeight, cost } = sent.signed;
    if (fate.fate === "expired") throw expiredError(hash, timeoutHeight, fate.height);
    if (fate.fate === "superseded") throw supersededError(hash, sent.sequence);
    const paid = { hash, amounts: cost.amounts, gasLimit: cost.gasLimit };
    if (fate.response !== undefined) return receiptOf(paid, fate.response);
    const answer = await this.#confirmation.ask({ hash, messages, height: fate.height, timeoutHeight }, signal);
    if (answer !== "absent") return receiptWithoutResult(paid, fate.height, answer === "shown" ? "state" : "block");
    throw transactionError({
      codespace: "undefined",
      code: 1,
      log: "the node keeps no results, and the state after the block does not show what the messages write",
      phase: "deliver",
      hash,
      height: fate.height,
    });
  }
}
