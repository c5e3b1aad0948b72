import { P8eError } from "@p8e/core";

/**
 * Ends a call whose peer owes something and does not give it: the caller arms the watch while it waits for the store,
 * and disarms it while it works itself. A dead connection shows by itself; this is for a store that is there and idle.
 */
export class StallWatch implements Disposable {
  readonly #limitMs: number;
  readonly #stalled = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  /** The call has ended. What it was sending may still make its next message, and waits for nobody then. */
  #over = false;
  /** For the call: the caller's own signal, and ours with `rpc.deadline` as its reason. */
  readonly signal: AbortSignal;

  constructor(limitMs: number, signal: AbortSignal | undefined) {
    this.#limitMs = limitMs;
    this.signal = signal === undefined ? this.#stalled.signal : AbortSignal.any([signal, this.#stalled.signal]);
  }

  /** Begins the wait, or begins it anew. */
  arm(): void {
    if (this.#over) return;
    if (this.#timer !== undefined) {
      this.#timer.refresh();
      return;
    }
    this.#timer = setTimeout(() => {
      const facts = { limitMs: this.#limitMs };
      this.#stalled.abort(new P8eError("rpc.deadline", "the store did not go on with the call", { facts }));
    }, this.#limitMs);
  }

  disarm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  [Symbol.dispose](): void {
    this.#over = true;
    this.disarm();
  }

  /** Messages to send: the store owes us room for each, and at the end an answer. */
  async *sending<T>(messages: AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
    this.disarm();
    for await (const message of messages) {
      this.arm();
      yield message;
      this.disarm();
    }
    this.arm();
  }

  /** Bytes as they come: only those that are some count as going on. */
  async *receiving(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    this.arm();
    for await (const chunk of chunks) {
      if (chunk.length === 0) continue;
      this.disarm();
      yield chunk;
      this.arm();
    }
    this.disarm();
  }
}
