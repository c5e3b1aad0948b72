import type { AccountAddress, AccountPrefix, Clock, RandomBytes } from "@p8e/core";
import type { ClientTlsSource } from "@p8e/rpc";
import type { AskOptions } from "./endpoint/endpoint.ts";
import type { NodeDescription } from "./endpoint/endpoint-probe.ts";
import type { NodeRpcOptions } from "./endpoint/node-rpc.ts";
import type { LedgerMessage } from "./messages/ledger-message.ts";
import type { AccountQueries } from "./queries/accounts.ts";
import type { MetadataQueries } from "./queries/metadata-queries.ts";
import type { Pricing } from "./transactions/estimator.ts";
import type { DefinedPrices, FeeConversion, TransactionCost } from "./transactions/fees.ts";
import type { TransactionReceipt } from "./transactions/receipt.ts";
import type { LedgerSigner } from "./transactions/signer.ts";
import type { SignedTransaction, SubmitOptions } from "./transactions/submission.ts";
import type { SignedBefore, TransactionStanding } from "./transactions/transaction-standing.ts";
import type { MessageTypes } from "./types/message-types.ts";

/** Which node to speak to, which chain it must serve, and how patient to be. */
export interface ChainOptions {
  /** `grpc://host[:9090]` for plaintext HTTP/2, `grpcs://host[:443]` for TLS. */
  readonly url: string;
  /** The node must serve this chain. */
  readonly chainId: string;
  /** Belongs to the chain id: both come from one `Network`. */
  readonly accountPrefix: AccountPrefix;
  /** Sent with every call. */
  readonly headers?: Readonly<Record<string, string>>;
  /** PEM of an authority to trust instead of the system's. */
  readonly certificateAuthority?: string;
  /**
   * The same node's CometBFT RPC endpoint: where the node keeps no index of transactions, their results come from there.
   * Without it such a node proves inclusion only, success is read from the state, and nothing is signed anew.
   */
  readonly rpc?: NodeRpcOptions;
  /** More of TLS: a client certificate, or a function that is asked for each new connection. Then without the above. */
  readonly tls?: ClientTlsSource;
  /** Of one call; 15 seconds unless given. */
  readonly timeoutMs?: number;
  /** Transactions of one account that may wait for their blocks at the same time; 16 unless given. */
  readonly inFlightMax?: number;
  readonly clock?: Clock;
  /** Only spreads waiting times. */
  readonly random?: RandomBytes;
  /** Ends connecting. */
  readonly signal?: AbortSignal | undefined;
}

/** What of a transaction changes its price beside its messages and signers. */
export interface EstimateOptions {
  readonly feeGranter?: AccountAddress | undefined;
  readonly memo?: string | undefined;
  readonly pricing?: Pricing | undefined;
  readonly gasAdjustment?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The node has it; whether it is included is another question. */
export interface AcceptedTransaction {
  readonly hash: string;
  readonly timeoutHeight: bigint;
  readonly cost: TransactionCost;
  /** Waits for its block. Fails as `submit` does. */
  included(signal?: AbortSignal): Promise<TransactionReceipt>;
}

/** A signed transaction whose sequence is held for it: send it or let it go soon, the account's others wait. */
export interface PreparedTransaction extends SignedTransaction, AsyncDisposable {
  /** Fails with `ledger.sequence_mismatch` if another program was faster: prepare again. */
  broadcast(options?: WaitOptions & { readonly waitForInclusion?: true }): Promise<TransactionReceipt>;
  broadcast(options: WaitOptions & { readonly waitForInclusion: false }): Promise<AcceptedTransaction>;
}

/** How waiting for the node ends early. */
export interface WaitOptions {
  /** Ends the waiting; what the node has may still be included. */
  readonly signal?: AbortSignal | undefined;
}

/** One node of a Provenance chain: questions, and transactions through one lane for each signing account. */
export interface ChainClient extends AsyncDisposable {
  readonly node: NodeDescription;
  readonly accountPrefix: AccountPrefix;
  readonly accounts: AccountQueries;
  readonly metadata: MetadataQueries;
  /** Whether the node tells what became of a transaction: from its index, or through its RPC endpoint. */
  readonly keepsResults: boolean;

  height(options?: AskOptions): Promise<bigint>;

  /** The newest block's height, and its own time in milliseconds since 1970. */
  newestBlock(options?: AskOptions): Promise<{ readonly height: bigint; readonly timeMs: number }>;

  /**
   * The messages of a block's transactions, in their order, those of failed ones too. Transactions that this client refuses
   * to read are left out.
   * @throws `ledger.not_found` when the node has the block no more
   */
  messagesAt(height: bigint, options?: AskOptions): Promise<readonly LedgerMessage[]>;

  /** How prices are converted into the coin that is charged, at the last block. */
  feeConversion(options?: AskOptions): Promise<FeeConversion>;

  /** The chain's price list as it is defined, before the conversion, at the last block. */
  prices(options?: AskOptions): Promise<DefinedPrices>;

  /** What the messages cost by the price list, whoever sends them: nothing is tried, and no account is needed. */
  listedCost(messages: readonly LedgerMessage[], options?: WaitOptions): Promise<TransactionCost>;

  /** What the messages would cost, without sending anything. Fails as the transaction would. */
  estimate(
    messages: readonly LedgerMessage[],
    signers: readonly Pick<LedgerSigner, "address" | "publicKey">[],
    options?: EstimateOptions,
  ): Promise<TransactionCost>;

  /**
   * Signs, sends and waits until the transaction is in a block. One that runs out of gas there is signed anew once, with
   * twice the gas limit; the receipt names both.
   *
   * Fails with `ledger.transaction_refused`, `ledger.insufficient_funds`, `ledger.account_not_found`, `ledger.fee_ceiling`
   * when nothing happened; `ledger.transaction_failed` when it was included and failed; `ledger.transaction_expired` when it was not
   * included in time and can never be; `rpc.cancelled` with the fact `hash` when `signal` fired while it was pending,
   * `rpc.deadline` when it fired because time was up.
   */
  submit(
    messages: readonly LedgerMessage[],
    options: SubmitOptions & { readonly waitForInclusion?: true },
  ): Promise<TransactionReceipt>;
  submit(
    messages: readonly LedgerMessage[],
    options: SubmitOptions & { readonly waitForInclusion: false },
  ): Promise<AcceptedTransaction>;

  /** Signs without sending, for an outbox: make bytes and hash durable, then broadcast. */
  prepare(messages: readonly LedgerMessage[], options: SubmitOptions): Promise<PreparedTransaction>;

  /**
   * Sends bytes kept from before, as often as wanted: the chain takes them once. Looks first whether it has them.
   * Fails with `ledger.transaction_expired` or `ledger.sequence_mismatch` when they were never included and never can
   * be; then, and only then, it is safe to sign anew.
   */
  broadcast(bytes: Uint8Array, options?: WaitOptions): Promise<TransactionReceipt>;

  /**
   * Where a transaction stands that was signed before, without sending anything. Reads the blocks that can hold it where
   * the node keeps no index. Fails with `ledger.transaction_failed` if it was included and failed.
   */
  standing(signed: SignedBefore, options?: WaitOptions): Promise<TransactionStanding>;

  /**
   * Types of messages: those known here and, when some of these names are not, others as the node describes them.
   * @throws `rpc.unimplemented` when the node does not describe its types, or is an embedded ledger, which has no others;
   *   `input.invalid` when it has no such type
   */
  messageTypes(typeNames: readonly string[], options?: WaitOptions): Promise<MessageTypes>;

  /** Undefined when the node does not have it, or keeps no index. Fails with `ledger.transaction_failed` if it failed. */
  transaction(hash: string, options?: WaitOptions): Promise<TransactionReceipt | undefined>;
}
