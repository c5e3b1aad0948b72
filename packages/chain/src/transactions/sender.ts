import { type AccountAddress, type AccountPrefix, P8eError, parseAccountAddress, transactionHash } from "@p8e/core";
import type { ChainHead } from "../endpoint/chain-head.ts";
import { type LedgerMessage, requiredSigners } from "../messages/ledger-message.ts";
import type { AccountQueries } from "../queries/accounts.ts";
import type { FeeEstimator } from "./estimator.ts";
import type { TransactionCost } from "./fees.ts";
import { requireWithinCeiling, withMoreGas } from "./out-of-gas.ts";
import {
  type AccountPosition,
  type EntryState,
  type LaneEntry,
  type LanePorts,
  type LaneTurn,
  SequenceLane,
} from "./sequence-lane.ts";
import type { LedgerSigner } from "./signer.ts";
import type { HeldTransaction, SentTransaction, SignedTransaction, SubmitOptions } from "./submission.ts";
import type { Fate, TransactionTracker } from "./tracker.ts";
import { readTransaction, signTransaction, unsignedTransaction } from "./transaction.ts";

/**
 * Signs and sends: prices the messages, takes the lanes of all signers, signs, hands the bytes out to be made durable,
 * broadcasts, and follows what was admitted until its fate is known.
 */

/** What a sender works with. */
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
/** How often one signer signs again without a pause. */
const AT_ONCE_MAX = 8;

/** Signs and sends the transactions of any number of accounts, through one lane for each. */
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

  /** By the price list, for whoever sends the messages: no account is looked up. */
  listedCost(messages: readonly LedgerMessage[], signal: AbortSignal | undefined): Promise<TransactionCost> {
    return this.#parts.estimator.estimate({ messages, signers: [], pricing: "listed" }, signal);
  }

  /** Resolves once the node has the transaction, or may have it. An account's transactions keep the order of the calls. */
  async submit(messages: readonly LedgerMessage[], options: SubmitOptions): Promise<SentTransaction> {
    const signers = this.#signersOf(messages, options);
    const turns = await this.#enter(signers, options.signal);
    try {
      const cost = await this.#agreedCost(messages, turns, options);
      for (let attempt = 1; ; attempt += 1) {
        const job = await this.#sign(messages, turns, cost, options);
        const offer = await this.#offer(job, "signable", options.signal);
        if (offer.result === "admitted") return this.#follow(job);
        if (attempt === SIGN_ATTEMPTS) throw offer.error;
        if (turns.length > 1 || attempt > AT_ONCE_MAX) await this.#parts.ports.pause(attempt, options.signal);
      }
    } finally {
      leave(turns);
    }
  }

  /** Signs and keeps the lane until the bytes are sent or released. */
  async prepare(messages: readonly LedgerMessage[], options: SubmitOptions): Promise<HeldTransaction> {
    const signers = this.#signersOf(messages, options);
    const turns = await this.#enter(signers, options.signal);
    let job: Job;
    try {
      const cost = await this.#agreedCost(messages, turns, options);
      job = await this.#sign(messages, turns, cost, options);
    } catch (error) {
      leave(turns);
      throw error;
    }
    let used = false;
    return {
      signed: job.signed,
      send: async (signal) => {
        if (used) throw new P8eError("input.invalid", "this prepared transaction was already sent or released");
        used = true;
        try {
          const offer = await this.#offer(job, "kept", signal);
          if (offer.result === "stale") throw offer.error;
          return this.#follow(job);
        } finally {
          leave(turns);
        }
      },
      release: () => {
        used = true;
        leave(turns);
      },
    };
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
  async #enter(signers: readonly LedgerSigner[], signal: AbortSignal | undefined): Promise<readonly SignerTurn[]> {
    const turns = new Map<string, LaneTurn>();
    try {
      for (const address of signers.map((signer) => signer.address).sort()) {
        turns.set(address, await this.#lane(address).enter(signal));
      }
    } catch (error) {
      leave([...turns.values()].map((turn) => ({ turn })));
      throw error;
    }
    return signers.map((signer) => ({ signer, turn: turns.get(signer.address)! }));
  }

  /** Where each signer stands. A refusal does not say whose sequence was wrong, so several start from what blocks say. */
  async #positions(turns: readonly SignerTurn[], signal: AbortSignal | undefined) {
    const positions: (SignerTurn & AccountPosition)[] = [];
    for (const { signer, turn } of turns) {
      if (turns.length > 1) await turn.lane.drained(signal);
      positions.push({ signer, turn, ...(await turn.position(signal)) });
    }
    return positions;
  }

  async #agreedCost(
    messages: readonly LedgerMessage[],
    turns: readonly SignerTurn[],
    options: SubmitOptions,
  ): Promise<TransactionCost> {
    const positions = await this.#positions(turns, options.signal);
    const signers = positions.map(({ signer, sequence }) => ({ publicKey: signer.publicKey, sequence }));
    const estimated = await this.#parts.estimator.estimate({ ...options, messages, signers }, options.signal);
    const cost = withMoreGas(estimated, options.outOfGas);
    requireWithinCeiling(cost, options.feeMax, options.outOfGas);
    await options.onCost?.(cost);
    return cost;
  }

  async #sign(
    messages: readonly LedgerMessage[],
    turns: readonly SignerTurn[],
    cost: TransactionCost,
    options: SubmitOptions,
  ): Promise<Job> {
    const { signal, feeGranter, memo } = options;
    const ask = signal ? { signal } : {};
    const positions = await this.#positions(turns, signal);
    const notBefore = await this.#parts.head.height(2000, ask);
    const timeoutHeight = await this.#parts.head.timeoutHeight(ask);
    const unsigned = unsignedTransaction({
      messages,
      signers: positions.map(({ signer, sequence }) => ({ publicKey: signer.publicKey, sequence })),
      amounts: cost.amounts,
      gasLimit: cost.gasLimit,
      timeoutHeight,
      feeGranter,
      memo,
    });
    const bytes = await signTransaction(unsigned, this.#parts.chainId, positions, signal);
    const hash = transactionHash(bytes);
    const signed = { hash, bytes, cost, notBefore, timeoutHeight };
    await options.onSigned?.(signed);
    const entries = positions.map(({ signer, turn, sequence }) => ({
      address: signer.address,
      turn,
      entry: { hash, sequence, bytes },
    }));
    return { signed, notBefore, entries };
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

interface SignerTurn {
  readonly signer: LedgerSigner;
  readonly turn: LaneTurn;
}

interface Job {
  readonly signed: SignedTransaction;
  readonly notBefore: bigint;
  readonly entries: readonly { readonly address: AccountAddress; readonly turn: LaneTurn; readonly entry: LaneEntry }[];
}

/** The next transactions may go. */
function leave(turns: readonly { readonly turn: LaneTurn }[]): void {
  for (const { turn } of turns) turn.leave();
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
