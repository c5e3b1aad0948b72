import { type AccountAddress, type AccountPrefix, P8eError, parseAccountAddress } from "@p8e/core";
import type { AccountQueries } from "./accounts.ts";
import type { ChainHead } from "./chain-head.ts";
import type { FeeEstimator, Pricing } from "./estimator.ts";
import type { TransactionCost } from "./fees.ts";
import { type LedgerMessage, requiredSigners } from "./ledger-message.ts";
import { type EntryState, type LaneEntry, type LanePorts, type LaneTurn, SequenceLane } from "./sequence-lane.ts";
import type { LedgerSigner } from "./signer.ts";
import type { Fate, TransactionTracker } from "./tracker.ts";
import { readTransaction, signTransaction, transactionHash, unsignedTransaction } from "./transaction.ts";

/**
 * Signs and sends: prices the messages, takes the lanes of all signers, signs, hands the bytes out to be made durable,
 * broadcasts, and follows what was admitted until its fate is known.
 */

export interface SubmitOptions {
  /** Signs, and pays unless there is a fee granter. */
  readonly signer: LedgerSigner;
  /** Where the messages need more than one signature. */
  readonly coSigners?: readonly LedgerSigner[];
  /** An account whose fee allowance covers the signer. */
  readonly feeGranter?: AccountAddress;
  readonly memo?: string;
  readonly pricing?: Pricing;
  readonly gasAdjustment?: number;
  /** Called before anything is signed; throwing stops the transaction. */
  readonly onCost?: (cost: TransactionCost) => void | Promise<void>;
  /**
   * Called with the signed bytes before they are sent; throwing stops the transaction. Called again, with other bytes,
   * when the first ones turn out to be useless before the node admitted them: the later ones replace the earlier.
   */
  readonly onSigned?: (signed: SignedTransaction) => void | Promise<void>;
  readonly signal?: AbortSignal;
}

export interface SignedTransaction {
  /** Upper-case hex; the transaction's name on the chain. */
  readonly hash: string;
  /** What to keep, and to hand to `broadcast` after a crash. */
  readonly bytes: Uint8Array;
  readonly cost: TransactionCost;
  /** The last block that may include it. */
  readonly timeoutHeight: bigint;
}

export interface SentTransaction {
  readonly signed: Pick<SignedTransaction, "hash" | "timeoutHeight" | "cost">;
  readonly sequence: bigint;
  /** Followed in the background, whether or not anybody waits. */
  readonly fate: Promise<Fate>;
}

/** The lane is held until this is sent or released. */
export interface HeldTransaction {
  readonly signed: SignedTransaction;
  send(signal?: AbortSignal): Promise<SentTransaction>;
  release(): void;
}

export interface SenderParts {
  readonly chainId: string;
  readonly accountPrefix: AccountPrefix;
  readonly inFlightMax: number;
  readonly accounts: AccountQueries;
  readonly head: ChainHead;
  readonly estimator: FeeEstimator;
  readonly tracker: TransactionTracker;
  readonly ports: Pick<LanePorts, "broadcast" | "pause">;
}

/** Another program on the same account can win many times in a row. */
const SIGN_ATTEMPTS = 40;

export class TransactionSender {
  readonly #parts: SenderParts;
  readonly #lanes = new Map<string, SequenceLane>();

  constructor(parts: SenderParts) {
    this.#parts = parts;
  }

  async estimate(
    messages: readonly LedgerMessage[],
    signers: readonly Pick<LedgerSigner, "address" | "publicKey">[],
    options: Omit<SubmitOptions, "signer" | "coSigners" | "onCost" | "onSigned"> = {},
  ): Promise<TransactionCost> {
    const ordered = this.#inOrder(messages, signers);
    const [only] = ordered;
    const content = { ...options, messages };
    if (ordered.length === 1 && only) {
      return this.#lane(only.address).between(
        ({ sequence }) =>
          this.#parts.estimator.estimate(
            { ...content, signers: [{ publicKey: only.publicKey, sequence }] },
            options.signal,
          ),
        options.signal,
      );
    }
    const positioned = await Promise.all(
      ordered.map(async ({ address, publicKey }) => ({
        publicKey,
        sequence: await this.#lane(address).between(async ({ sequence }) => sequence, options.signal),
      })),
    );
    return this.#parts.estimator.estimate({ ...content, signers: positioned }, options.signal);
  }

  /** Resolves once the node has the transaction, or may have it. */
  async submit(messages: readonly LedgerMessage[], options: SubmitOptions): Promise<SentTransaction> {
    const signers = this.#signersOf(messages, options);
    const cost = await this.estimate(messages, signers, options);
    await options.onCost?.(cost);
    const turns = await this.#enter(signers, options.signal);
    try {
      for (let attempt = 1; ; attempt += 1) {
        const job = await this.#sign(messages, signers, turns, cost, options);
        await options.onSigned?.(job.signed);
        const offer = await this.#offer(job, "signable", options.signal);
        if (offer.result === "admitted") return this.#follow(job);
        if (attempt === SIGN_ATTEMPTS) throw offer.error;
        if (signers.length > 1) await this.#parts.ports.pause(attempt, options.signal);
      }
    } finally {
      for (const turn of turns.values()) turn.leave();
    }
  }

  /** Signs and keeps the lane until the bytes are sent or released. */
  async prepare(messages: readonly LedgerMessage[], options: SubmitOptions): Promise<HeldTransaction> {
    const signers = this.#signersOf(messages, options);
    const cost = await this.estimate(messages, signers, options);
    await options.onCost?.(cost);
    const turns = await this.#enter(signers, options.signal);
    const release = () => {
      for (const turn of turns.values()) turn.leave();
    };
    try {
      const job = await this.#sign(messages, signers, turns, cost, options);
      await options.onSigned?.(job.signed);
      let sent = false;
      const send = async (signal?: AbortSignal) => {
        if (sent) throw new P8eError("input.invalid", "this prepared transaction was already sent or released");
        sent = true;
        try {
          const offer = await this.#offer(job, "kept", signal);
          if (offer.result === "stale") throw offer.error;
          return this.#follow(job);
        } finally {
          release();
        }
      };
      return {
        signed: job.signed,
        send,
        release: () => {
          sent = true;
          release();
        },
      };
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Sends bytes of an earlier run, whose fate is not known. */
  async resend(bytes: Uint8Array, signal?: AbortSignal): Promise<SentTransaction> {
    const outline = readTransaction(bytes);
    const payer = outline.signers[0]!;
    const address = parseAccountAddress(payer.address, this.#parts.accountPrefix);
    const turn = await this.#lane(address).enter(signal);
    try {
      const entry = { hash: outline.hash, sequence: payer.sequence, bytes };
      await turn.offer(entry, "open", signal);
      const fate = this.#parts.tracker.follow({ ...entry, address, timeoutHeight: outline.timeoutHeight });
      settleWith(fate, [{ turn, entry }]);
      const cost = { fee: 0n, amounts: outline.amounts, gasLimit: outline.gasLimit, perMessage: [] };
      return {
        signed: { hash: outline.hash, timeoutHeight: outline.timeoutHeight, cost },
        sequence: payer.sequence,
        fate,
      };
    } finally {
      turn.leave();
    }
  }

  #lane(address: AccountAddress): SequenceLane {
    const known = this.#lanes.get(address);
    if (known) return known;
    const { accounts, inFlightMax, ports } = this.#parts;
    const account = async (signal?: AbortSignal) => {
      const found = await accounts.account(address, signal ? { signal } : {});
      if (found) return found;
      throw new P8eError("ledger.account_not_found", "the signing account does not exist on this chain yet", {
        facts: { address },
        hint: "Fund it first.",
      });
    };
    const lane = new SequenceLane({ ...ports, account }, inFlightMax);
    this.#lanes.set(address, lane);
    return lane;
  }

  #signersOf(messages: readonly LedgerMessage[], options: SubmitOptions): readonly LedgerSigner[] {
    return this.#inOrder(messages, [options.signer, ...(options.coSigners ?? [])]);
  }

  /** The signers in the order the chain wants. @throws `ledger.transaction_refused` if one is missing */
  #inOrder<S extends Pick<LedgerSigner, "address">>(
    messages: readonly LedgerMessage[],
    signers: readonly S[],
  ): readonly S[] {
    if (messages.length === 0) throw new P8eError("input.invalid", "a transaction needs at least one message");
    const required = requiredSigners(messages);
    for (const { address } of signers) {
      parseAccountAddress(address, this.#parts.accountPrefix);
      if (required.includes(address)) continue;
      throw new P8eError("input.invalid", "a signer is not named by any of the messages", { facts: { address } });
    }
    const missingAddresses = required.filter((address) => !signers.some((signer) => signer.address === address));
    if (missingAddresses.length > 0) {
      throw new P8eError("ledger.transaction_refused", "messages name signers that were not given", {
        facts: { phase: "build", kind: "MissingSignature", retry: "never", missingAddresses },
      });
    }
    return required.map((address) => signers.find((signer) => signer.address === address)!);
  }

  /** Lanes are taken in the order of their addresses, so that two transactions of two signers cannot wait for each other. */
  async #enter(
    signers: readonly LedgerSigner[],
    signal: AbortSignal | undefined,
  ): Promise<ReadonlyMap<string, LaneTurn>> {
    const turns = new Map<string, LaneTurn>();
    try {
      for (const address of signers.map((signer) => signer.address).sort()) {
        turns.set(address, await this.#lane(address).enter(signal));
      }
      return turns;
    } catch (error) {
      for (const turn of turns.values()) turn.leave();
      throw error;
    }
  }

  async #sign(
    messages: readonly LedgerMessage[],
    signers: readonly LedgerSigner[],
    turns: ReadonlyMap<string, LaneTurn>,
    cost: TransactionCost,
    options: SubmitOptions,
  ): Promise<Job> {
    const { signal } = options;
    const positions = [];
    for (const signer of signers) {
      const turn = turns.get(signer.address)!;
      // A refusal does not say whose sequence was wrong, so several signers start from what the blocks say.
      if (signers.length > 1) await turn.lane.drained(signal);
      positions.push({ signer, turn, ...(await turn.position(signal)) });
    }
    const notBefore = await this.#parts.head.height(2000, signal ? { signal } : {});
    const timeoutHeight = await this.#parts.head.timeoutHeight(signal ? { signal } : {});
    const { amounts, gasLimit } = cost;
    const unsigned = unsignedTransaction({
      messages,
      signers: positions.map(({ signer, sequence }) => ({ publicKey: signer.publicKey, sequence })),
      amounts,
      gasLimit,
      timeoutHeight,
      ...(options.feeGranter === undefined ? {} : { feeGranter: options.feeGranter }),
      ...(options.memo === undefined ? {} : { memo: options.memo }),
    });
    const bytes = await signTransaction(unsigned, this.#parts.chainId, positions, signal);
    const hash = transactionHash(bytes);
    return {
      signed: { hash, bytes, cost, timeoutHeight },
      notBefore,
      entries: positions.map(({ signer, turn, sequence }) => ({
        address: signer.address,
        turn,
        entry: { hash, sequence, bytes },
      })),
    };
  }

  async #offer(job: Job, state: EntryState, signal: AbortSignal | undefined) {
    const [first, ...others] = job.entries;
    const offer = await first!.turn.offer(first!.entry, state, signal);
    if (offer.result === "admitted") for (const { turn, entry } of others) turn.adopt(entry);
    else if (others.length > 0) for (const { turn } of job.entries) turn.lane.resync();
    return offer;
  }

  #follow(job: Job): SentTransaction {
    const { signed, entries, notBefore } = job;
    const { address, entry } = entries[0]!;
    const { hash, timeoutHeight } = signed;
    const fate = this.#parts.tracker.follow({ ...entry, address, hash, timeoutHeight, notBefore });
    settleWith(fate, entries);
    return { signed, sequence: entry.sequence, fate };
  }
}

interface Job {
  readonly signed: SignedTransaction;
  readonly notBefore: bigint;
  readonly entries: readonly { readonly address: AccountAddress; readonly turn: LaneTurn; readonly entry: LaneEntry }[];
}

/** Gives the places in flight back when the fate is known, or nobody will ever know it. */
function settleWith(fate: Promise<Fate>, entries: readonly { readonly turn: LaneTurn; readonly entry: LaneEntry }[]) {
  const settle = (landed: boolean) => {
    for (const { turn, entry } of entries) turn.settle(entry, landed);
  };
  fate.then(
    ({ fate: end }) => settle(end === "included"),
    () => settle(false),
  );
}
