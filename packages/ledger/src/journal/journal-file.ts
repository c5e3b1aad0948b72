import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import { equalBytes, P8eError } from "@p8e/core";
import { corrupt, encodeRecord, FIRST_LINK, HEAD_BYTES, linkMatches, MAGIC, readHead } from "./journal-format.ts";

/** A place between two records of a journal. */
export interface JournalPosition {
  /** Where the next record begins. */
  readonly offset: number;
  /** Link of the record before it. */
  readonly link: Uint8Array;
}

/** A record with its place. */
export interface StoredRecord {
  readonly offset: number;
  readonly link: Uint8Array;
  readonly payload: Uint8Array;
}

const start: JournalPosition = { offset: MAGIC.length, link: FIRST_LINK };

/**
 * The journal on disk. Appending ends with the bytes on stable storage. After a failed append nothing more can be
 * written: what the file holds then is known only by opening it again.
 */
export class JournalFile implements AsyncDisposable {
  readonly #file: FileHandle;
  #position: JournalPosition;
  #failed = false;

  private constructor(file: FileHandle, position: JournalPosition) {
    this.#file = file;
    this.#position = position;
  }

  /** @throws `ledger.journal_corrupt` if the file is no journal */
  static async open(path: string): Promise<JournalFile> {
    const file = await open(path, "a+", 0o600);
    try {
      const { size } = await file.stat();
      const head = await readAt(file, 0, Math.min(size, MAGIC.length));
      if (!equalBytes(head, MAGIC.subarray(0, head.length))) throw corrupt(0, "this file is no ledger journal");
      if (size < MAGIC.length) {
        await file.truncate(0);
        await file.write(MAGIC);
        await file.datasync();
        await syncDirectory(dirname(path));
      }
      return new JournalFile(file, start);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  get position(): JournalPosition {
    return this.#position;
  }

  /**
   * Reads every record from `from` (the beginning without it) to the end, where appending goes on. A record that the
   * file ends in the middle of was never acknowledged, and is cut off; any other damage is an error.
   * @throws `ledger.journal_corrupt` with the `offset` of the damaged record
   */
  async *records(from: JournalPosition = start): AsyncGenerator<StoredRecord> {
    let position = from;
    const { size } = await this.#file.stat();
    if (from.offset > size) throw corrupt(size, "the file is shorter than its checkpoint says");
    while (position.offset < size) {
      const record = await this.#readNext(position, size);
      if (record === undefined) {
        await this.#file.truncate(position.offset);
        await this.#file.sync();
        break;
      }
      position = { offset: record.offset + HEAD_BYTES + record.payload.length, link: record.link };
      yield record;
    }
    this.#position = position;
  }

  /** Undefined for a torn tail. */
  async #readNext({ offset, link: previous }: JournalPosition, size: number): Promise<StoredRecord | undefined> {
    const rest = size - offset;
    if (rest < HEAD_BYTES) return undefined;
    const head = readHead(await readAt(this.#file, offset, HEAD_BYTES), offset);
    if (head === undefined) {
      if (await this.#isZero(offset, size)) return undefined;
      throw corrupt(offset, "the head of a record is wrong");
    }
    if (rest < HEAD_BYTES + head.length) return undefined;
    const payload = await readAt(this.#file, offset + HEAD_BYTES, head.length);
    if (linkMatches(head.link, previous, payload)) return { offset, link: head.link, payload };
    const end = offset + HEAD_BYTES + head.length;
    // A crash of the machine can leave the file grown but its last pages unwritten, that is zero.
    if (end === size && (await this.#isZero(Math.max(offset + HEAD_BYTES, size - 512), size))) return undefined;
    throw corrupt(offset, "a record does not match its link");
  }

  async #isZero(from: number, to: number): Promise<boolean> {
    for (let offset = from; offset < to; offset += 65_536) {
      const part = await readAt(this.#file, offset, Math.min(65_536, to - offset));
      if (part.some((byte) => byte !== 0)) return false;
    }
    return true;
  }

  /** Writes one record behind the last and returns where it lies, once it is on stable storage. */
  async append(payload: Uint8Array): Promise<StoredRecord> {
    if (this.#failed) throw new P8eError("ledger.unavailable", "the ledger's journal could not be written before");
    const { offset, link: previous } = this.#position;
    const { link, bytes } = encodeRecord(payload, offset, previous);
    this.#failed = true;
    await writeAll(this.#file, bytes);
    await this.#file.datasync();
    this.#failed = false;
    this.#position = { offset: offset + bytes.length, link };
    return { offset, link, payload };
  }

  /**
   * The payload of a record that was read or written before, checked again.
   * @throws `ledger.journal_corrupt`
   */
  async read({ offset, link: previous }: JournalPosition, length: number, link: Uint8Array): Promise<Uint8Array> {
    const payload = await readAt(this.#file, offset + HEAD_BYTES, length);
    if (payload.length < length || !linkMatches(link, previous, payload)) {
      throw corrupt(offset, "a record does not match its link any more");
    }
    return payload;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    const { bytesWritten } = await file.write(bytes, written, bytes.length - written);
    written += bytesWritten;
  }
}

async function readAt(file: FileHandle, offset: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let read = 0;
  while (read < length) {
    const { bytesRead } = await file.read(bytes, read, length - read, offset + read);
    if (bytesRead === 0) return bytes.subarray(0, read);
    read += bytesRead;
  }
  return bytes;
}

/** Makes a created or renamed file's name durable. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
