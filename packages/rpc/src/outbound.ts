import { constants, type Http2Stream } from "node:http2";
import { type EncodedMessage, frame } from "./frames.ts";

/**
 * What node is handed of a stream at a time: no more than the window that the peer gives it, and no more than this.
 *
 * Bytes that lie with node when a stream is reset are never taken off its session's memory account again
 * (docs/decisions/0004), so there must not be many of them, whatever a message's size; smaller pieces cost speed.
 */
const PIECE_BYTES_MAX = 256 * 1024;
const PIECE_BYTES_MIN = 16 * 1024;

/**
 * The writing side of a stream: frames messages, hands them to node piece by piece, and says when there is room for the
 * next message.
 *
 * At most one message is queued here beyond the piece that node has, so a reader that is slow, or stops, stops the sender.
 * The stream's writable side belongs to this class: its end goes out by `end`, its reset by `cut`.
 */
export class Outbound {
  readonly #stream: Http2Stream;
  readonly #pieceBytes: number;
  #state: "open" | "ending" | "ended" | "cut" = "open";
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #handedBytes = 0;
  #room: (() => void) | undefined;
  /** performance.now() since when the peer has taken nothing and left no room; 0 while there is room. */
  fullSince = 0;

  constructor(stream: Http2Stream) {
    this.#stream = stream;
    const window = stream.session?.remoteSettings.initialWindowSize ?? 0;
    this.#pieceBytes = Math.max(PIECE_BYTES_MIN, Math.min(window, PIECE_BYTES_MAX));
    stream.on("close", () => this.#closed());
    // node ends the writable side of a stream that it resets. END_STREAM would then go out before RST_STREAM, and a
    // request that was cut off look like a whole one; or the stream would count as finished and be forgotten while its
    // RST_STREAM still waits, and empty frames go out for ever (docs/decisions/0004).
    const final = stream._final.bind(stream);
    stream._final = (done) => {
      if (this.#state !== "cut") final(done);
    };
  }

  /** What node has of this stream and has not passed on. */
  get handedBytes(): number {
    return this.#handedBytes;
  }

  /** Resolves when the next message may be written, or when the stream is closed. */
  ready(): Promise<void> | undefined {
    if (this.fullSince === 0) return undefined;
    return new Promise((resolve) => {
      this.#room = resolve;
    });
  }

  write(message: EncodedMessage): void {
    if (this.#state !== "open" || this.#gone) return;
    for (const part of frame(message)) {
      this.#queue.push(part);
      this.#queuedBytes += part.length;
    }
    if (this.#queuedBytes + this.#handedBytes >= this.#pieceBytes) this.fullSince ||= performance.now();
    if (this.#handedBytes === 0) this.#hand();
  }

  /** Ends the stream when everything is written. */
  end(): void {
    if (this.#state !== "open") return;
    this.#state = "ending";
    if (this.#handedBytes === 0) this.#endStream();
  }

  /**
   * Resets the stream; what is queued is dropped.
   *
   * In steps, each from the event loop itself: what was written in this very tick would still carry an END_STREAM, and
   * within node's reading, where most of our events come from, a reset waits until something else is written.
   */
  cut(code: number = constants.NGHTTP2_CANCEL): void {
    if (this.#state === "cut") return;
    if (this.#state !== "ended") this.#state = "cut";
    this.#drop();
    const stream = this.#stream;
    setImmediate(() => {
      if (stream.destroyed) return;
      stream.close(code);
      setImmediate(() => stream.destroy());
    });
  }

  get #gone(): boolean {
    return this.#stream.destroyed || this.#stream.closed;
  }

  /** Hands over the next piece: so many parts, and as much of the last, as make it up. */
  #hand(): void {
    const piece: Uint8Array[] = [];
    let size = 0;
    while (size < this.#pieceBytes && piece.length < this.#queue.length) {
      const part = this.#queue[piece.length] as Uint8Array;
      piece.push(part.subarray(0, this.#pieceBytes - size));
      size += Math.min(part.length, this.#pieceBytes - size);
    }
    const last = this.#queue[piece.length - 1] as Uint8Array;
    const rest = last.subarray((piece.at(-1) as Uint8Array).length);
    this.#queue.splice(0, piece.length, ...(rest.length > 0 ? [rest] : []));
    this.#queuedBytes -= size;
    this.#handedBytes = size;
    const stream = this.#stream;
    if (piece.length > 1) stream.cork();
    for (const part of piece.slice(0, -1)) stream.write(part);
    stream.write(piece.at(-1), (error) => {
      if (!error) this.#passedOn();
    });
    if (piece.length > 1) stream.uncork();
    // In the same tick, so that END_STREAM travels in the last frame.
    if (this.#state === "ending" && this.#queuedBytes === 0) this.#endStream();
  }

  /** Called when node has passed the piece on. */
  #passedOn(): void {
    this.#handedBytes = 0;
    if (this.#gone) return;
    if (this.fullSince !== 0) this.fullSince = performance.now();
    if (this.#queuedBytes > 0) this.#hand();
    else if (this.#state === "ending") this.#endStream();
    if (this.#queuedBytes === 0) this.#open();
  }

  #endStream(): void {
    this.#state = "ended";
    this.#stream.end();
  }

  #closed(): void {
    this.#drop();
    this.#open();
  }

  #drop(): void {
    this.#queue = [];
    this.#queuedBytes = 0;
  }

  #open(): void {
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
