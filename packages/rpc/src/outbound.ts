import type { Http2Stream } from "node:http2";
import { type EncodedMessage, frame } from "./frames.ts";

/**
 * The writing side of a stream: frames messages and says when there is room for the next one.
 *
 * At most one message is queued beyond node's own 64 KiB, so a reader that is slow, or stops, stops the sender.
 */
export class Outbound {
  readonly #stream: Http2Stream;
  #room: (() => void) | undefined;
  #full = false;
  /** performance.now() since when the peer has left no room; 0 while there is room. */
  fullSince = 0;

  constructor(stream: Http2Stream) {
    this.#stream = stream;
    stream.on("drain", () => this.#open());
    stream.on("close", () => this.#open());
  }

  /** Resolves when the next message may be written, or when the stream is closed. */
  ready(): Promise<void> | undefined {
    if (!this.#full) return undefined;
    return new Promise((resolve) => {
      this.#room = resolve;
    });
  }

  write(message: EncodedMessage): void {
    const stream = this.#stream;
    if (stream.destroyed || stream.closed || stream.writableEnded) return;
    const parts = frame(message);
    let room = true;
    if (parts.length > 1) stream.cork();
    for (const part of parts) room = stream.write(part);
    if (parts.length > 1) stream.uncork();
    if (room || !stream.writableNeedDrain) return;
    this.#full = true;
    this.fullSince = performance.now();
  }

  #open(): void {
    this.#full = false;
    this.fullSince = 0;
    const room = this.#room;
    this.#room = undefined;
    room?.();
  }
}

/** Ends a pump from outside: once stopped, it stays stopped. */
export class Stop {
  stopped = false;
  #listener: (() => void) | undefined;

  stop(): void {
    this.stopped = true;
    const listener = this.#listener;
    this.#listener = undefined;
    listener?.();
  }

  /** Resolves with the promise's value, or with STOPPED as soon as stop() is called. Promise.race would keep a
   * reaction for every message on a promise that lives as long as the stream. */
  orStopped<T>(promise: PromiseLike<T>): Promise<T | typeof STOPPED> {
    return new Promise((resolve, reject) => {
      if (this.stopped) resolve(STOPPED);
      else this.#listener = () => resolve(STOPPED);
      promise.then(resolve, reject);
    });
  }
}

const STOPPED = Symbol("stopped");

/**
 * Writes every message of `source`, at the pace of the reader, until `stop`. Returns true when all were written, false
 * when it was stopped; the source is then closed but not waited for. The next message is taken while the last one is
 * still being flushed, so two are in memory at most. What the source or `encode` throws is thrown.
 */
export async function pump<T>(
  source: AsyncIterable<T> | Iterable<T>,
  outbound: Outbound,
  encode: (message: T) => EncodedMessage,
  stop: Stop,
): Promise<boolean> {
  const iterator = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  let sourceOpen = true;
  try {
    for (;;) {
      const next = await stop.orStopped(step(iterator));
      if (next === STOPPED) return false;
      if ("failure" in next) {
        sourceOpen = false;
        throw next.failure;
      }
      if (next.done === true) {
        sourceOpen = false;
        return true;
      }
      const room = outbound.ready();
      if (room !== undefined && (await stop.orStopped(room)) === STOPPED) return false;
      outbound.write(encode(next.value));
    }
  } finally {
    if (sourceOpen) close(iterator);
  }
}

/** A step of the source, with its failure as a value: a failed iterator must not be closed, an open one must. */
async function step<T>(
  iterator: Iterator<T> | AsyncIterator<T>,
): Promise<IteratorResult<T> | { readonly failure: unknown }> {
  try {
    return await iterator.next();
  } catch (failure) {
    return { failure };
  }
}

/** Not awaited: a generator that waits for something else returns only when that is over. */
async function close(iterator: Iterator<unknown> | AsyncIterator<unknown>): Promise<void> {
  try {
    await iterator.return?.();
  } catch {
    // Nobody is left to tell.
  }
}
