import { P8eError } from "@p8e/core";
import type { KeyText } from "../domain/audience.ts";

/** How many may watch at once: for one key, over one connection, and at this process in all. */
export interface MailWatchLimits {
  readonly perKey: number;
  readonly perConnection: number;
  readonly all: number;
}

/** A connection has room for more streams than this, so that a party's other calls get through. */
export const MAIL_WATCH_LIMITS: MailWatchLimits = { perKey: 16, perConnection: 64, all: 4096 };

/** Whose mail is watched, and over which connection. */
export interface MailWatchPlace {
  readonly key: KeyText;
  readonly connection: string;
}

/**
 * Who waits for whose mail at this process. A watch holds one bit, "something may have come", so that a slow reader costs
 * no more than a fast one, however much mail comes.
 */
export class MailWatches {
  readonly #limits: MailWatchLimits;
  readonly #byKey = new Map<KeyText, Set<MailWatch>>();
  readonly #byConnection = new Map<string, number>();
  #count = 0;
  #closed = false;

  constructor(limits: MailWatchLimits = MAIL_WATCH_LIMITS) {
    this.#limits = limits;
  }

  get count(): number {
    return this.#count;
  }

  /** @throws `rpc.exhausted` when too many watch already, `rpc.unavailable` when the store stops */
  open(place: MailWatchPlace): MailWatch {
    if (this.#closed) throw stopping();
    const { key, connection } = place;
    const ofKey = this.#byKey.get(key) ?? new Set();
    const ofConnection = this.#byConnection.get(connection) ?? 0;
    requireBelow(ofKey.size, this.#limits.perKey, "this key's mailbox is watched");
    requireBelow(ofConnection, this.#limits.perConnection, "mailboxes are watched over this connection");
    requireBelow(this.#count, this.#limits.all, "mailboxes are watched here");
    const watch = new MailWatch(() => this.#forget(place, watch));
    ofKey.add(watch);
    this.#byKey.set(key, ofKey);
    this.#byConnection.set(connection, ofConnection + 1);
    this.#count += 1;
    return watch;
  }

  /** Wakes who watches the mail of these keys. */
  wake(keys: Iterable<KeyText>): void {
    for (const key of keys) for (const watch of this.#byKey.get(key) ?? []) watch.wake();
  }

  /** For when nobody can say whose mail came. */
  wakeAll(): void {
    for (const watches of this.#byKey.values()) for (const watch of watches) watch.wake();
  }

  /** Ends every watch, so that none of them holds a stopping store up; there are no new ones. */
  close(): void {
    this.#closed = true;
    for (const watches of this.#byKey.values()) for (const watch of watches) watch.end(stopping());
  }

  #forget({ key, connection }: MailWatchPlace, watch: MailWatch): void {
    const ofKey = this.#byKey.get(key);
    if (ofKey === undefined || !ofKey.delete(watch)) return;
    if (ofKey.size === 0) this.#byKey.delete(key);
    const left = (this.#byConnection.get(connection) ?? 1) - 1;
    if (left > 0) this.#byConnection.set(connection, left);
    else this.#byConnection.delete(connection);
    this.#count -= 1;
  }
}

/** One who watches. Woken at its beginning: what came before it is not lost. */
export class MailWatch implements Disposable {
  readonly #forget: () => void;
  #woken = true;
  #end: { readonly error: P8eError | undefined } | undefined;
  #waiting: (() => void) | undefined;

  constructor(forget: () => void) {
    this.#forget = forget;
  }

  wake(): void {
    this.#woken = true;
    this.#waiting?.();
  }

  /** Nothing more comes: with an error that the reader gets, or as the end of a stream that was watched long enough. */
  end(error?: P8eError): void {
    this.#end ??= { error };
    this.#waiting?.();
  }

  /** Resolves with true once woken, with false at the end. @throws the error it was ended with */
  async next(): Promise<boolean> {
    while (!this.#woken && this.#end === undefined) {
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
      this.#waiting = undefined;
    }
    if (this.#end?.error !== undefined) throw this.#end.error;
    if (this.#end !== undefined) return false;
    this.#woken = false;
    return true;
  }

  [Symbol.dispose](): void {
    this.end();
    this.#forget();
  }
}

function requireBelow(count: number, max: number, what: string): void {
  if (count < max) return;
  throw new P8eError("rpc.exhausted", `${what} ${max} times already`, {
    facts: { max },
    hint: "ask for mail now and then instead, or end a watch that is no longer needed",
  });
}

function stopping(): P8eError {
  return new P8eError("rpc.unavailable", "the store is stopping");
}
