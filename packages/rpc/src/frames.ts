import { P8eError } from "@p8e/core";
import { RpcStatusError } from "./status.ts";

/**
 * gRPC's length-prefixed messages: one byte of flags, four bytes of length (big-endian), then that many bytes.
 * Source of the format: "gRPC over HTTP2", Length-Prefixed-Message.
 */

/** A message ready to be framed: its bytes, in one piece or in several that are written one after the other. */
export type EncodedMessage = Uint8Array | readonly Uint8Array[];

const PREFIX_BYTES = 5;

/**
 * A piece of a message that has not arrived completely is kept as the view it came in only if it is at least this long
 * and fills an eighth of the buffer it lies in; otherwise it is copied. So a peer that sends a byte at a time, or one
 * that mixes small pieces with other traffic, cannot make us hold much more memory than it has sent.
 */
const VIEW_BYTES_MIN = 2048;
const VIEW_SHARE_MIN = 1 / 8;
const SLAB_BYTES = 4096;

/**
 * Cuts a byte stream into messages, whatever way the stream was split into chunks.
 *
 * A message that lies within one chunk is handed out as a view into it, without a copy; one that was split is copied
 * once, when its last byte is here. Nothing is ever allocated because of a length that was only claimed.
 */
export class FrameParser {
  readonly #bytesMax: number;
  readonly #encoding: string;
  readonly #prefix = new Uint8Array(PREFIX_BYTES);
  #prefixLength = 0;
  /** Bytes of the message being received; -1 while its prefix is awaited. */
  #size = -1;
  #received = 0;
  #pieces: Uint8Array[] = [];
  #slab: Uint8Array = EMPTY;
  #slabStart = 0;
  #slabEnd = 0;

  /** `encoding` is the peer's grpc-encoding header: only `identity` can be read, the name is needed for the answer. */
  constructor(bytesMax: number, encoding = "identity") {
    this.#bytesMax = bytesMax;
    this.#encoding = encoding;
  }

  /** False while a message has arrived in part. */
  get atBoundary(): boolean {
    return this.#size === -1 && this.#prefixLength === 0;
  }

  /**
   * Takes the next chunk and calls `onMessage` for every message that it completes. The chunk must not be changed
   * afterwards: messages may be views into it.
   * Throws input.too_large for a message over the limit, RpcStatusError UNIMPLEMENTED for a compressed one and
   * rpc.protocol for what is no message at all; the parser must not be used after that.
   */
  push(chunk: Uint8Array, onMessage: (bytes: Uint8Array) => void): void {
    let offset = 0;
    while (offset < chunk.length) {
      if (this.#size === -1) {
        offset = this.#readPrefix(chunk, offset);
        if (this.#isEmpty()) {
          this.#size = -1;
          onMessage(EMPTY);
        }
        continue;
      }
      const missing = this.#size - this.#received;
      const available = chunk.length - offset;
      if (this.#received === 0 && available >= missing) {
        this.#size = -1;
        onMessage(view(chunk, offset, missing));
        offset += missing;
        continue;
      }
      const taken = Math.min(missing, available);
      this.#keep(view(chunk, offset, taken));
      offset += taken;
      if (taken === missing) onMessage(this.#join());
    }
  }

  #isEmpty(): boolean {
    return this.#size === 0;
  }

  #readPrefix(chunk: Uint8Array, start: number): number {
    let offset = start;
    while (this.#prefixLength < PREFIX_BYTES && offset < chunk.length) {
      this.#prefix[this.#prefixLength++] = chunk[offset++] as number;
    }
    if (this.#prefixLength < PREFIX_BYTES) return offset;
    this.#prefixLength = 0;
    const [flags, a, b, c, d] = this.#prefix as unknown as readonly [number, number, number, number, number];
    if (flags !== 0) throw this.#unreadable(flags);
    const size = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
    if (size > this.#bytesMax) {
      throw new P8eError(
        "input.too_large",
        `message of ${size} bytes is over the limit of ${this.#bytesMax} bytes for one message`,
        { facts: { sizeBytes: size, bytesMax: this.#bytesMax } },
      );
    }
    this.#size = size;
    this.#received = 0;
    return offset;
  }

  #unreadable(flags: number): P8eError {
    if (flags !== 1) return new P8eError("rpc.protocol", `message with unknown flags ${flags}`);
    if (this.#encoding === "identity") {
      return new P8eError("rpc.protocol", "message is marked as compressed, but no compression was declared");
    }
    const sentence = `compression ${JSON.stringify(this.#encoding.slice(0, 32))} is not supported, only identity is`;
    return new RpcStatusError("UNIMPLEMENTED", sentence);
  }

  #keep(piece: Uint8Array): void {
    this.#received += piece.length;
    if (piece.length >= VIEW_BYTES_MIN && piece.length >= piece.buffer.byteLength * VIEW_SHARE_MIN) {
      this.#sealSlab();
      this.#pieces.push(piece);
      return;
    }
    let rest = piece;
    while (rest.length > 0) {
      if (this.#slabEnd === this.#slab.length) {
        this.#sealSlab();
        this.#slab = new Uint8Array(Math.max(SLAB_BYTES, rest.length));
        this.#slabStart = 0;
        this.#slabEnd = 0;
      }
      const count = Math.min(rest.length, this.#slab.length - this.#slabEnd);
      this.#slab.set(rest.subarray(0, count), this.#slabEnd);
      this.#slabEnd += count;
      rest = rest.subarray(count);
    }
  }

  #sealSlab(): void {
    if (this.#slabEnd > this.#slabStart) this.#pieces.push(this.#slab.subarray(this.#slabStart, this.#slabEnd));
    this.#slabStart = this.#slabEnd;
  }

  #join(): Uint8Array {
    this.#sealSlab();
    const pieces = this.#pieces;
    const size = this.#size;
    this.#pieces = [];
    this.#slab = EMPTY;
    this.#slabStart = 0;
    this.#slabEnd = 0;
    this.#size = -1;
    if (pieces.length === 1) return pieces[0] as Uint8Array;
    // Not zeroed first: every byte is overwritten below.
    const joined = Buffer.allocUnsafeSlow(size);
    let offset = 0;
    for (const piece of pieces) {
      joined.set(piece, offset);
      offset += piece.length;
    }
    return view(joined, 0, size);
  }
}

const EMPTY: Uint8Array = new Uint8Array(0);

/** A plain Uint8Array, also when the chunk is a Buffer, so that no Buffer reaches a decoded message. */
function view(chunk: Uint8Array, offset: number, length: number): Uint8Array {
  return new Uint8Array(chunk.buffer, chunk.byteOffset + offset, length);
}

/** Up to here prefix and message are copied into one buffer, which is cheaper than two writes. */
const ONE_WRITE_BYTES = 16 * 1024;

/** What to write for one message: one small buffer, or the prefix followed by the message's own bytes, uncopied. */
export function frame(message: EncodedMessage): readonly Uint8Array[] {
  const parts: readonly Uint8Array[] = message instanceof Uint8Array ? [message] : message;
  let size = 0;
  for (const part of parts) size += part.length;
  const together = size <= ONE_WRITE_BYTES;
  const prefix = Buffer.allocUnsafe(together ? PREFIX_BYTES + size : PREFIX_BYTES);
  prefix[0] = 0;
  prefix.writeUInt32BE(size, 1);
  if (!together) return [prefix, ...parts];
  let offset = PREFIX_BYTES;
  for (const part of parts) {
    prefix.set(part, offset);
    offset += part.length;
  }
  return [prefix];
}
