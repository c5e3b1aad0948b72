import { P8eError, parseUuid, randomUuid, type Uuid } from "@p8e/core";
import {
  type ContainerHeader,
  ContainerHeaderParser,
  type ContainerMetadata,
  decodeMetadata,
  isMail,
  predictStoredHeaderLength,
} from "@p8e/envelope";
import { GrowingBuffer } from "../domain/growing-buffer.ts";
import type { MemoryLease } from "../domain/memory-budget.ts";
import { memoryBytesMax } from "../domain/placement.ts";
import type { BlobUpload } from "../storage/blob-storage.ts";
import type { PutParts } from "./put-parts.ts";

/** What receiving needs of the store. */
export type Receiver = Pick<PutParts, "storage" | "budget" | "rules" | "passing" | "directory" | "random">;

/** A container that is complete. */
export interface ReceivedContainer {
  readonly header: ContainerHeader;
  readonly metadata: ContainerMetadata;
  readonly payloadLength: number;
}

/**
 * An object while it arrives: its header in memory, its payload in memory as long as it is small, then in the storage.
 *
 * states: header -> memory -> storage, or from any of them -> broken. A broken container is reported only when the stream
 * is complete, since what is wrong with the stream itself comes first; until then its bytes are counted and dropped.
 */
export class IncomingObject implements AsyncDisposable {
  /** The object's uuid, if it becomes one: its place is named by it. */
  readonly uuid: Uuid;
  readonly #receiver: Receiver;
  readonly #lease: MemoryLease;
  readonly #parser = new ContainerHeaderParser();
  #problem: P8eError | undefined;
  #header: ContainerHeader | undefined;
  #metadata: ContainerMetadata = new Map();
  #payload: GrowingBuffer | undefined;
  #upload: BlobUpload | undefined;
  #payloadLength = 0;
  #received = 0;
  #kept = false;

  constructor(receiver: Receiver) {
    this.#receiver = receiver;
    this.uuid = parseUuid(randomUuid(receiver.random));
    this.#lease = receiver.budget.open();
  }

  /**
   * Takes the next bytes of the container.
   * @throws `object.too_large`, `input.too_large` when memory is short, `store.storage`
   */
  async append(bytes: Uint8Array): Promise<void> {
    this.#received += bytes.length;
    if (this.#received > this.#receiver.rules.objectBytesMax) {
      throw tooLarge(this.#receiver.rules.objectBytesMax);
    }
    if (this.#problem) return;
    if (this.#header) return this.#appendPayload(bytes);
    const rest = this.#appendHeader(bytes);
    if (rest) await this.#appendPayload(rest);
  }

  /** The parsed container. @throws what was wrong with it: `envelope.malformed`, `envelope.too_large` */
  container(): ReceivedContainer {
    if (!this.#problem && !this.#header) this.#attempt(() => this.#parser.end());
    if (this.#problem) throw this.#problem;
    return { header: this.#header!, metadata: this.#metadata, payloadLength: this.#payloadLength };
  }

  /** The stored form in one piece, when the payload is in memory. */
  assemble(storedHeader: Uint8Array): Uint8Array | undefined {
    if (this.#upload) return undefined;
    const payload = this.#payload?.bytes() ?? new Uint8Array(0);
    const stored = new Uint8Array(storedHeader.length + payload.length);
    stored.set(storedHeader);
    stored.set(payload, storedHeader.length);
    this.#lease.hold(stored.length + payload.length);
    return stored;
  }

  /** What the payload went to in the storage; it is begun now when the payload is still in memory. */
  async upload(storedHeaderLength: number): Promise<BlobUpload> {
    return this.#upload ?? (await this.#beginUpload(storedHeaderLength));
  }

  /** From here on somebody else decides what becomes of what lies in the storage. */
  keep(): void {
    this.#kept = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#lease[Symbol.dispose]();
    if (this.#upload && !this.#kept) await this.#upload.discard();
  }

  #appendHeader(bytes: Uint8Array): Uint8Array | undefined {
    this.#lease.hold(this.#received * 2);
    return this.#attempt(() => {
      const parsed = this.#parser.feed(bytes);
      if (!parsed) return undefined;
      this.#metadata = decodeMetadata(parsed.header.sections.metadata);
      this.#header = parsed.header;
      return parsed.rest;
    });
  }

  async #appendPayload(bytes: Uint8Array): Promise<void> {
    this.#payloadLength += bytes.length;
    if (this.#upload) {
      this.#receiver.passing.note(bytes.length);
      return this.#upload.append(bytes);
    }
    const { rules } = this.#receiver;
    const mail = isMail(this.#metadata);
    const keptLength = this.#header!.bytes.length - this.#header!.sections.signatures.length + this.#payloadLength;
    if (keptLength > memoryBytesMax(mail, rules)) {
      if (mail || keptLength <= rules.thresholdBytes) throw tooLarge(memoryBytesMax(mail, rules));
      const upload = await this.#beginUpload(predictStoredHeaderLength(this.#header!, this.#metadata));
      return upload.append(bytes);
    }
    this.#lease.hold(this.#header!.bytes.length + this.#payloadLength * 2);
    this.#payload ??= new GrowingBuffer();
    this.#payload.append(bytes);
  }

  async #beginUpload(headerLength: number): Promise<BlobUpload> {
    const { storage, directory } = this.#receiver;
    const gathered = this.#payload;
    this.#lease.hold(storage.uploadBytes);
    this.#upload = await storage.begin({ directory: await directory(), name: this.uuid }, headerLength);
    if (gathered) await this.#upload.append(gathered.bytes());
    this.#payload = undefined;
    return this.#upload;
  }

  #attempt<T>(step: () => T): T | undefined {
    try {
      return step();
    } catch (error) {
      this.#problem = P8eError.from(error);
      return undefined;
    }
  }
}

function tooLarge(bytesMax: number): P8eError {
  return new P8eError("object.too_large", `the object is larger than ${bytesMax} bytes, the most this store takes`, {
    facts: { bytesMax },
  });
}
