import { hasCode, P8eError, Turns, untilCancelled } from "@p8e/core";

/**
 * One lane for each signing account: transactions of an account carry consecutive sequences, so they are signed and
 * sent one after the other, while up to `inFlightMax` of them wait for their blocks.
 *
 * The lane holds the bytes of every transaction that was admitted and is not settled yet. The rule that everything here
 * follows: **a transaction is signed again only if its first bytes were never admitted**, for else both could land. So
 * after a lost reply the same bytes are sent again, and when the chain waits for an earlier sequence than ours (an
 * admitted transaction vanished from its pool), the held bytes are sent again in order before ours.
 */

/** What a node answered to a broadcast, as far as the lane must know. */
export type BroadcastReply =
  | { readonly outcome: "accepted" }
  /** The pool has had these very bytes before (`sdk/19`). */
  | { readonly outcome: "already"; readonly error: P8eError }
  | {
      readonly outcome: "sequence";
      readonly expected: bigint;
      readonly got: bigint;
      readonly error: P8eError;
    }
  /** The pool is full: later. */
  | { readonly outcome: "busy"; readonly error: P8eError }
  | { readonly outcome: "refused"; readonly error: P8eError }
  /** No answer: it may or may not have arrived. */
  | { readonly outcome: "unknown"; readonly error: P8eError };

/** Where an account stands on the chain. */
export interface AccountPosition {
  readonly accountNumber: bigint;
  /** As of the last block. */
  readonly sequence: bigint;
}

/** What a lane asks of the chain, and its way to wait. */
export interface LanePorts {
  /** @throws `ledger.account_not_found` */
  account(signal?: AbortSignal): Promise<AccountPosition>;
  /** Throws only when `signal` fires. */
  broadcast(bytes: Uint8Array, signal?: AbortSignal): Promise<BroadcastReply>;
  /** Waits a while, longer with each attempt. */
  pause(attempt: number, signal?: AbortSignal): Promise<void>;
}

/** A signed transaction at its place in the lane. */
export interface LaneEntry {
  readonly hash: string;
  readonly sequence: bigint;
  readonly bytes: Uint8Array;
}

/** What came of offering a transaction to the node. */
export type Offer =
  | { readonly result: "admitted" }
  /** Never admitted: sign again with the lane's sequence. */
  | { readonly result: "stale"; readonly error: P8eError };

/**
 * What a lane may do about an entry. `signable`: just signed and seen by nobody else, so it can be signed again. `kept`:
 * just signed, but its bytes are promised to somebody. `open`: signed in the past, its fate is not known.
 */
export type EntryState = "signable" | "kept" | "open";

const LOST_REPLIES_MAX = 3;
const BUSY_REPLIES_MAX = 6;
/** How often a node that waits for what was admitted already, here or by another node of the same address, is asked again. */
const LAGS_MAX = 12;

/** One account's way to the node: a turn to sign and send at a time, and places in flight. */
export class SequenceLane {
  readonly #ports: LanePorts;
  readonly #places: Turns;
  readonly #turn = new Turns(1);
  readonly #held = new Map<bigint, LaneEntry>();
  readonly #settled: (() => void)[] = [];
  #accountNumber = 0n;
  /** Undefined: ask the chain before signing. */
  #next: bigint | undefined;
  /** Every sequence below this one is used up in blocks, whatever a node that lags says. */
  #spent = 0n;

  constructor(ports: LanePorts, inFlightMax: number) {
    this.#ports = ports;
    this.#places = new Turns(inFlightMax);
  }

  /** How many transactions were admitted and are not settled. */
  get inFlight(): number {
    return this.#held.size;
  }

  /**
   * Waits for a place in flight and for the turn to send. The turn must be left; what was admitted in it keeps its
   * place until it is settled.
   */
  async enter(signal?: AbortSignal): Promise<LaneTurn> {
    const place = await this.#places.take(signal);
    try {
      return new LaneTurn(this, { place, turn: await this.#turn.take(signal) });
    } catch (error) {
      place[Symbol.dispose]();
      throw error;
    }
  }

  /** Runs between transactions: nothing of this lane is sent meanwhile. */
  async between<T>(task: (position: AccountPosition) => Promise<T>, signal?: AbortSignal): Promise<T> {
    using _turn = await this.#turn.take(signal);
    return await task(await this.position(signal));
  }

  /** Only inside a turn. */
  async position(signal?: AbortSignal): Promise<AccountPosition> {
    if (this.#next === undefined) {
      const account = await this.#ports.account(signal);
      this.#accountNumber = account.accountNumber;
      this.#spend(account.sequence);
      this.#next = this.#spent;
      for (const sequence of this.#held.keys()) if (sequence >= this.#next) this.#next = sequence + 1n;
    }
    return { accountNumber: this.#accountNumber, sequence: this.#next };
  }

  /** Forget the sequence: it is asked for again. */
  resync(): void {
    this.#next = undefined;
  }

  /** Resolves when nothing is in flight. Only inside a turn. */
  async drained(signal?: AbortSignal): Promise<void> {
    while (this.#held.size > 0) {
      await untilCancelled(new Promise<void>((resolve) => this.#settled.push(resolve)), signal);
    }
    this.resync();
  }

  /**
   * Sends an entry, in a turn.
   *
   * @throws what the node refused it with, when it was surely never admitted
   */
  async offer(entry: LaneEntry, state: EntryState, signal?: AbortSignal): Promise<Offer> {
    try {
      return await this.#offer(entry, state, signal);
    } catch (error) {
      if (!hasCode(error, "rpc.cancelled") && !signal?.aborted) throw error;
      this.resync();
      throw new P8eError("rpc.cancelled", "cancelled while the transaction was being sent; it may still be included", {
        facts: { hash: entry.hash },
        cause: error,
      });
    }
  }

  async #offer(entry: LaneEntry, state: EntryState, signal: AbortSignal | undefined): Promise<Offer> {
    let uncertain = state === "open";
    let lost = 0;
    let busy = 0;
    let refills = 0;
    let lags = 0;
    for (;;) {
      const reply = await this.#ports.broadcast(entry.bytes, signal);
      switch (reply.outcome) {
        case "accepted":
          return this.#admit(entry, entry.sequence + 1n);
        case "already":
          if (uncertain || state === "kept") return this.#admit(entry, entry.sequence + 1n);
          // Bytes we have not sent before: another program's twin of this transaction, and not this one.
          this.#next = entry.sequence + 1n;
          return { result: "stale", error: reply.error };
        case "unknown":
          uncertain = true;
          lost += 1;
          if (lost === LOST_REPLIES_MAX) return this.#admit(entry, undefined);
          await this.#ports.pause(lost, signal);
          break;
        case "busy":
          busy += 1;
          if (busy === BUSY_REPLIES_MAX) {
            if (uncertain) return this.#admit(entry, undefined);
            throw reply.error;
          }
          await this.#ports.pause(busy, signal);
          break;
        case "refused":
          // A first copy in the pool can make the second one fail, for instance on funds: that says nothing of the first.
          if (uncertain) return this.#admit(entry, undefined);
          throw reply.error;
        case "sequence": {
          const reached =
            reply.expected < reply.got ? await this.#refill(reply.expected, entry, signal) : reply.expected;
          refills += 1;
          if (reached === entry.sequence && refills === 1) break;
          if (reached <= entry.sequence && this.#isAllTaken(reached, entry.sequence) && lags < LAGS_MAX) {
            await this.#ports.pause(lags, signal);
            lags += 1;
            break;
          }
          if (uncertain) return this.#admit(entry, reached);
          this.#next = reached;
          return { result: "stale", error: reply.error };
        }
      }
    }
  }

  /** Admitted through another signer's lane. */
  adopt(entry: LaneEntry): void {
    this.#admit(entry, undefined);
  }

  /** Its fate is known, or nobody follows it any more. `landed`: it used its sequence. */
  settle(entry: LaneEntry, landed: boolean): void {
    if (landed) this.#spend(entry.sequence + 1n);
    if (this.#held.get(entry.sequence) === entry) this.#held.delete(entry.sequence);
    if (!landed) this.resync();
    for (const wake of this.#settled.splice(0)) wake();
  }

  #admit(entry: LaneEntry, next: bigint | undefined): Offer {
    this.#held.set(entry.sequence, entry);
    this.#next = next ?? entry.sequence + 1n;
    return { result: "admitted" };
  }

  #spend(next: bigint): void {
    if (next > this.#spent) this.#spent = next;
  }

  /**
   * Whether transactions of ours have these sequences, in blocks or in flight. A node that waits for one of them lags:
   * behind one address there may be several, and what one admitted reaches the others a little later.
   */
  #isAllTaken(from: bigint, to: bigint): boolean {
    for (let sequence = from; sequence < to; sequence += 1n) {
      if (sequence >= this.#spent && !this.#held.has(sequence)) return false;
    }
    return true;
  }

  /**
   * The chain waits for `expected`, which an admitted transaction had: sends the held bytes from there again, in order.
   * Returns the sequence that the chain waits for afterwards.
   */
  async #refill(expected: bigint, newest: LaneEntry, signal: AbortSignal | undefined): Promise<bigint> {
    let next = expected;
    while (next < newest.sequence) {
      const held = this.#held.get(next);
      if (held === undefined) return next;
      const reply = await this.#ports.broadcast(held.bytes, signal);
      if (reply.outcome === "accepted" || reply.outcome === "already") next += 1n;
      else if (reply.outcome === "sequence" && reply.expected > next) next = reply.expected;
      else return next;
    }
    return next;
  }
}

/** A place in flight and the right to send, until it is left. */
export class LaneTurn {
  readonly #lane: SequenceLane;
  readonly #rights: { readonly place: Disposable; readonly turn: Disposable };
  #keepsPlace = false;

  constructor(lane: SequenceLane, rights: { readonly place: Disposable; readonly turn: Disposable }) {
    this.#lane = lane;
    this.#rights = rights;
  }

  get lane(): SequenceLane {
    return this.#lane;
  }

  position(signal?: AbortSignal): Promise<AccountPosition> {
    return this.#lane.position(signal);
  }

  async offer(entry: LaneEntry, state: EntryState, signal?: AbortSignal): Promise<Offer> {
    const offer = await this.#lane.offer(entry, state, signal);
    if (offer.result === "admitted") this.#keepsPlace = true;
    return offer;
  }

  /** The entry was admitted through the lane of another of its signers. */
  adopt(entry: LaneEntry): void {
    this.#lane.adopt(entry);
    this.#keepsPlace = true;
  }

  /** The next transaction may be sent. What was admitted keeps its place until it is settled. */
  leave(): void {
    this.#rights.turn[Symbol.dispose]();
    if (!this.#keepsPlace) this.#rights.place[Symbol.dispose]();
  }

  settle(entry: LaneEntry, landed: boolean): void {
    this.#lane.settle(entry, landed);
    this.#rights.place[Symbol.dispose]();
  }
}
