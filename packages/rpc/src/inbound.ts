import { P8eError } from "@p8e/core";
import { type Codec, decodeWith } from "./method.ts";

/** Undecoded messages that may wait for the reader before the sender is stopped; one message may always wait. */
const QUEUED_BYTES_MAX = 64 * 1024;

/** What a message stream needs of the HTTP/2 stream below it. */
export interface InboundSource {
  pause(): unknown;
  resume(): unknown;
}

interface Waiting<T> {
  resolve(result: IteratorResult<T, undefined>): void;
  reject(error: unknown): void;
}

/**
 * The messages of a stream as an async iterator for one reader.
 *
 * Once the reader is a message behind, the source is paused: HTTP/2's window then fills and the sender has to wait.
 * A stream ends in one of three ways, and only the first is a normal end to the reader:
 * `end()` after the last message; `end(error)`, delivered after the messages that came before it; `abort(error)`, at
 * once. Which one it is, the owner decides; a stream that was merely cut off must never be `end()`ed.
 */
export class InboundMessages<T> implements AsyncIterableIterator<T> {
  readonly #source: InboundSource;
  readonly #codec: Codec<T, never>;
  readonly #onReturn: () => void;
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #paused = false;
  #outcome: { readonly error: unknown } | undefined;
  #waiting: Waiting<T> | undefined;
  /** performance.now() since when the reader waits for the sender; 0 while it does not. */
  waitingSince = 0;

  /** `onReturn` is called when the reader leaves early. */
  constructor(source: InboundSource, codec: Codec<T, never>, onReturn: () => void) {
    this.#source = source;
    this.#codec = codec;
    this.#onReturn = onReturn;
  }

  push(bytes: Uint8Array): void {
    if (this.#outcome !== undefined) return;
    this.#queue.push(bytes);
    this.#queuedBytes += bytes.length;
    const waiting = this.#waiting;
    if (waiting !== undefined) {
      this.#waiting = undefined;
      this.waitingSince = 0;
      this.#deliver(waiting);
    }
    if (this.#queue.length > 0 && this.#queuedBytes >= QUEUED_BYTES_MAX && !this.#paused) {
      this.#paused = true;
      this.#source.pause();
    }
  }

  end(error?: unknown): void {
    if (this.#outcome !== undefined) return;
    this.#outcome = { error };
    this.#settleWaiting();
  }

  abort(error: unknown): void {
    this.#drop();
    this.#outcome = { error };
    this.#settleWaiting();
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#waiting !== undefined) {
      return Promise.reject(new P8eError("internal.unexpected", "a message stream has one reader"));
    }
    return new Promise((resolve, reject) => {
      const waiting = { resolve, reject };
      if (this.#queue.length > 0) this.#deliver(waiting);
      else if (this.#outcome !== undefined) this.#conclude(waiting);
      else {
        this.#waiting = waiting;
        this.waitingSince = performance.now();
      }
      if (this.#paused && this.#queuedBytes < QUEUED_BYTES_MAX) {
        this.#paused = false;
        this.#source.resume();
      }
    });
  }

  return(): Promise<IteratorResult<T, undefined>> {
    const open = this.#outcome === undefined || this.#queue.length > 0;
    this.#drop();
    this.#outcome = { error: undefined };
    this.#settleWaiting();
    if (open) this.#onReturn();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #deliver(waiting: Waiting<T>): void {
    const bytes = this.#queue.shift() as Uint8Array;
    this.#queuedBytes -= bytes.length;
    try {
      waiting.resolve({ done: false, value: decodeWith(this.#codec, bytes) });
    } catch (error) {
      this.#drop();
      this.#outcome = { error: undefined };
      waiting.reject(error);
      this.#onReturn();
    }
  }

  /** An error is told once; after it the iterator is at its end, as an async generator would be. */
  #conclude(waiting: Waiting<T>): void {
    const error = this.#outcome?.error;
    this.#outcome = { error: undefined };
    if (error === undefined) waiting.resolve({ done: true, value: undefined });
    else waiting.reject(error);
  }

  #settleWaiting(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    this.#waiting = undefined;
    this.waitingSince = 0;
    this.#conclude(waiting);
  }

  #drop(): void {
    this.#queue = [];
    this.#queuedBytes = 0;
  }
}
