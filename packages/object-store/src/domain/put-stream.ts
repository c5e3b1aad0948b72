import { P8eError } from "@p8e/core";
import type * as objectStore from "@p8e/proto/object-store";

/** Property names that the store itself reads. */
export const HASH_PROPERTY = "HASH";
/** The property that holds the container's signature. */
export const SIGNATURE_PROPERTY = "SIGNATURE";
/** The property that holds the key that the signature is checked with. */
export const SIGNATURE_PUBLIC_KEY_PROPERTY = "SIGNATURE_PUBLIC_KEY";
/** The property, and the metadata of a stream, that tell a copy of another store. */
export const SOURCE_PROPERTY = "SOURCE::TYPE";
/** Its value there. */
export const SOURCE_REPLICATION = "REPLICATION";

/** Named bytes that came along with an object, in order of arrival; a repeated name moves to the end. */
export type ObjectProperties = ReadonlyMap<string, Uint8Array>;

/** The reference has no bounds; these are beyond what anybody was seen to send. */
const PROPERTY_COUNT_MAX = 4096;
const PROPERTY_BYTES_MAX = 8 * 1024 * 1024;

/**
 * The grammar of an upload: a stream header, a first data chunk with its header, then data, properties and ends. Each
 * message is checked as it comes; what only the whole stream can tell is checked by `finish`. The sentences are the
 * reference server's, which clients match on.
 */
export class PutStreamReader {
  #count = 0;
  #ended = false;
  #contentLength = 0n;
  #propertyBytes = 0;
  readonly #properties = new Map<string, Uint8Array>();

  /** What the sender says of the plaintext's length; any number, kept as it came. */
  get contentLength(): bigint {
    return this.#contentLength;
  }

  /** Bytes of properties so far, names included. */
  get propertyBytes(): number {
    return this.#propertyBytes;
  }

  /**
   * Takes the next message and returns its data, if it carries any.
   * @throws `input.invalid` when the message may not stand where it stands, `input.too_large` for too many properties
   */
  accept(message: objectStore.ChunkBidi): Uint8Array | undefined {
    const position = this.#count++;
    if (position === 0) return this.#acceptStreamHeader(message);
    if (position === 1) return this.#acceptFirstChunk(message);
    if (message.impl.case !== "chunk") throw refuse("Non chunk detected in stream");
    const { header, impl } = message.impl.value;
    switch (impl.case) {
      case "data":
        if (this.#ended) throw refuse("Received data chunk after an end of data chunk");
        return impl.value;
      case "value":
        if (header === undefined) throw refuse("Must have stream header when impl is value");
        this.#keep(header.name, impl.value);
        return undefined;
      case "end":
        this.#ended = true;
        return undefined;
      default:
        throw refuse("Chunk header must have data and not an empty impl");
    }
  }

  /** @throws `input.invalid` when the stream stopped too early or lacks a required property */
  finish(): ObjectProperties {
    if (this.#count === 0) throw refuse("Multipart upload is empty");
    if (this.#count === 1) throw refuse("Multi stream has a header but no chunks");
    // The last two texts name the reference's constants, not the properties.
    if (!this.#properties.has(HASH_PROPERTY)) throw refuse('Properties must contain "HASH"');
    if (!this.#properties.has(SIGNATURE_PROPERTY)) throw refuse('Properties must contain "SIGNATURE_FIELD_NAME"');
    if (!this.#properties.has(SIGNATURE_PUBLIC_KEY_PROPERTY)) {
      throw refuse('Properties must contain "SIGNATURE_PUBLIC_KEY_FIELD_NAME"');
    }
    return this.#properties;
  }

  #acceptStreamHeader(message: objectStore.ChunkBidi): undefined {
    if (message.impl.case !== "multiStreamHeader") {
      throw refuse("Multipart upload must start with a multi stream header");
    }
    if (message.impl.value.streamCount !== 1) throw refuse("Multipart upload must contain a single stream");
  }

  #acceptFirstChunk(message: objectStore.ChunkBidi): Uint8Array {
    if (message.impl.case !== "chunk") throw refuse("Chunk has no impl value");
    const { header, impl } = message.impl.value;
    if (header === undefined) throw refuse("Multi stream must start with a header");
    this.#contentLength = header.contentLength;
    switch (impl.case) {
      case "data":
        return impl.value;
      case "value":
        throw refuse("Chunk header must have data and not a value");
      case "end":
        throw refuse("Chunk header must have data and not an end of chunk");
      default:
        throw refuse("Chunk header must have data and not an empty impl");
    }
  }

  #keep(name: string, value: Uint8Array): void {
    this.#propertyBytes += name.length + value.length;
    if (this.#propertyBytes > PROPERTY_BYTES_MAX || this.#properties.size >= PROPERTY_COUNT_MAX) {
      throw new P8eError("input.too_large", "the upload has more properties than the store takes", {
        facts: { countMax: PROPERTY_COUNT_MAX, bytesMax: PROPERTY_BYTES_MAX },
      });
    }
    this.#properties.delete(name);
    // A copy: the message it lies in may be large, and the property outlives it.
    this.#properties.set(name, value.slice());
  }
}

function refuse(message: string): P8eError {
  return new P8eError("input.invalid", message);
}
