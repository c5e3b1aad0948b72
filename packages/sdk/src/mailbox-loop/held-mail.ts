import type { Uuid } from "@p8e/core";
import { laterMs } from "./mail-fate.ts";

/** A letter that waits for another attempt. */
interface Held {
  /** What it speaks of: others of the same thread wait behind it. Undefined when nobody can say. */
  readonly thread: string | undefined;
  readonly attempts: number;
  readonly dueMs: number;
}

/** What the loop holds back at most: a store hands the rest out again when there is room. */
const HELD_MAX = 2000;

/**
 * The letters that wait, and who must not overtake them. Nothing of it is durable, nor has to be: the store keeps a letter
 * until it is acknowledged.
 */
export class HeldMail {
  readonly #letters = new Map<Uuid, Held>();

  get isFull(): boolean {
    return this.#letters.size >= HELD_MAX;
  }

  has(mail: Uuid): boolean {
    return this.#letters.has(mail);
  }

  /** How often a letter was tried. */
  attempts(mail: Uuid): number {
    return this.#letters.get(mail)?.attempts ?? 0;
  }

  /** Another attempt after `afterMs`. */
  hold(mail: Uuid, thread: string | undefined, nowMs: number, afterMs: number): void {
    this.#letters.set(mail, { thread, attempts: this.attempts(mail) + 1, dueMs: nowMs + afterMs });
  }

  /** Behind one of its thread: it costs no attempt, and is looked at again when that one is. */
  holdBehind(mail: Uuid, thread: string, nowMs: number): void {
    const dueMs = this.#before(thread, mail)?.dueMs ?? nowMs + laterMs(1);
    this.#letters.set(mail, { thread, attempts: this.attempts(mail), dueMs });
  }

  release(mail: Uuid): void {
    this.#letters.delete(mail);
  }

  /** Whether a letter of this thread waits that came before this one. */
  blocks(thread: string, mail: Uuid): boolean {
    return this.#before(thread, mail) !== undefined;
  }

  /** Whether the thread of a letter matters just now. */
  get hasThreads(): boolean {
    for (const { thread } of this.#letters.values()) if (thread !== undefined) return true;
    return false;
  }

  /** Those that need not be asked for yet. */
  notDue(nowMs: number): ReadonlySet<Uuid> {
    return new Set([...this.#letters].filter(([, { dueMs }]) => dueMs > nowMs).map(([mail]) => mail));
  }

  /** When the next one is due, in milliseconds from now; undefined when none waits. */
  untilDue(nowMs: number): number | undefined {
    if (this.#letters.size === 0) return undefined;
    let first = Number.POSITIVE_INFINITY;
    for (const { dueMs } of this.#letters.values()) first = Math.min(first, dueMs);
    return Math.max(0, first - nowMs);
  }

  /** The letters are in the order in which they came to be held. */
  #before(thread: string, mail: Uuid): Held | undefined {
    for (const [each, held] of this.#letters) {
      if (each === mail) return undefined;
      if (held.thread === thread) return held;
    }
    return undefined;
  }
}
