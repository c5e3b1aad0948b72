import { CHUNK_BYTES, ChunkDigester, joinDigests } from "../../domain/chunk-digests.ts";
import type { BlobPlace } from "../../domain/stored-bytes.ts";
import type { BlobUpload, CompletedBlob } from "../blob-storage.ts";
import type { BlobFolder } from "./blob-folder.ts";
import { type FileHandle, storageError } from "./file-system.ts";

/** Pieces are gathered up to this many bytes before they are written. */
const WRITE_BYTES = 512 * 1024;
/** Pieces below this size are copied together: a sender of single bytes must not make us keep a view for each. */
const COPY_BYTES = 16 * 1024;
const SLAB_BYTES = 64 * 1024;
/** How much is handed to the disk at once while more is arriving, so that the last sync has little left to do. */
const SYNC_BYTES = 64 * 1024 * 1024;

/**
 * An object that goes to a file while it arrives. The payload is written at its final offset, behind a gap for the
 * header, whose length is predicted; the header comes last because the signature in it does. When the prediction was
 * wrong the payload is copied once.
 *
 * Memory: the pieces being gathered, one write under way, one chunk when the header is filled in.
 */
export class FileUpload implements BlobUpload {
  readonly place: BlobPlace;
  readonly #folder: BlobFolder;
  readonly #draft: string;
  #file: FileHandle;
  readonly #headerLength: number;
  readonly #digester: ChunkDigester;
  /** How many bytes behind the header lie in chunks that the header is part of; they are digested at the end. */
  #undigested: number;
  #pieces: Uint8Array[] = [];
  #pieceBytes = 0;
  #slab = new Uint8Array(0);
  #slabStart = 0;
  #slabEnd = 0;
  #position: number;
  #syncedTo = 0;
  #writing: Promise<void> = Promise.resolve();
  #syncing: Promise<void> | undefined;
  #closed = false;

  private constructor(folder: BlobFolder, place: BlobPlace, file: FileHandle, draft: string, headerLength: number) {
    this.#folder = folder;
    this.place = place;
    this.#file = file;
    this.#draft = draft;
    this.#headerLength = headerLength;
    this.#position = headerLength;
    this.#undigested = (CHUNK_BYTES - (headerLength % CHUNK_BYTES)) % CHUNK_BYTES;
    this.#digester = new ChunkDigester();
  }

  static async begin(folder: BlobFolder, place: BlobPlace, predictedHeaderLength: number): Promise<FileUpload> {
    const { file, draft } = await folder.begin(place);
    return new FileUpload(folder, place, file, draft, predictedHeaderLength);
  }

  async append(bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0) return;
    const skipped = Math.min(this.#undigested, bytes.length);
    this.#undigested -= skipped;
    // The disk works on the last piece while this one is digested.
    this.#digester.update(bytes.subarray(skipped));
    this.#gather(bytes);
    if (this.#pieceBytes >= WRITE_BYTES) await this.#flush();
  }

  async complete(header: Uint8Array): Promise<CompletedBlob> {
    try {
      await this.#flush();
      await this.#writing;
      await this.#syncing;
      if (header.length !== this.#headerLength) return await this.#move(header);
      await this.#file.write([header], 0);
      const first = await this.#digestHeaderChunks(header);
      await this.#file.sync();
      await this.#close();
      return { length: this.#position, digests: joinDigests([...first, ...this.#digester.finish()]) };
    } catch (error) {
      throw storageError(error);
    }
  }

  publish(): Promise<void> {
    return this.#folder.publish(this.#draft, this.place);
  }

  replace(place: BlobPlace): Promise<void> {
    return this.#folder.replace(this.#draft, place);
  }

  settle(): Promise<void> {
    return this.#folder.settle(this.place);
  }

  abandon(): void {
    this.#folder.abandon(this.place);
  }

  async discard(): Promise<void> {
    await this.#writing.catch(() => {});
    await this.#syncing?.catch(() => {});
    await this.#close().catch(() => {});
    await this.#folder.discard(this.place);
  }

  #gather(bytes: Uint8Array): void {
    this.#pieceBytes += bytes.length;
    if (bytes.length >= COPY_BYTES) {
      this.#sealSlab();
      this.#pieces.push(bytes);
      return;
    }
    if (this.#slab.length - this.#slabEnd < bytes.length) {
      this.#sealSlab();
      this.#slab = new Uint8Array(SLAB_BYTES);
      this.#slabStart = 0;
      this.#slabEnd = 0;
    }
    this.#slab.set(bytes, this.#slabEnd);
    this.#slabEnd += bytes.length;
  }

  #sealSlab(): void {
    if (this.#slabEnd > this.#slabStart) this.#pieces.push(this.#slab.subarray(this.#slabStart, this.#slabEnd));
    this.#slabStart = this.#slabEnd;
  }

  async #flush(): Promise<void> {
    if (this.#pieceBytes === 0) return;
    this.#sealSlab();
    try {
      // One write at a time; the next piece is received and digested meanwhile.
      await this.#writing;
      const pieces = this.#pieces;
      const start = this.#position;
      this.#position += this.#pieceBytes;
      this.#pieces = [];
      this.#pieceBytes = 0;
      this.#writing = this.#file.write(pieces, start);
      this.#writing.catch(() => {}); // told by the next await
      if (start - this.#syncedTo >= SYNC_BYTES) await this.#syncAhead(start);
    } catch (error) {
      throw storageError(error);
    }
  }

  async #syncAhead(to: number): Promise<void> {
    await this.#syncing;
    this.#syncedTo = to;
    this.#syncing = this.#file.sync();
    this.#syncing.catch(() => {}); // told by the next await
  }

  /** The chunks that the header lies in: header bytes, and for the last of them payload bytes from the file. */
  async #digestHeaderChunks(header: Uint8Array): Promise<readonly Uint8Array[]> {
    const chunkEnd = Math.min(this.#position, Math.ceil(header.length / CHUNK_BYTES) * CHUNK_BYTES);
    const behind = new Uint8Array(Math.max(0, chunkEnd - header.length));
    await this.#file.read(behind, header.length);
    const digester = new ChunkDigester();
    digester.update(header);
    digester.update(behind);
    return digester.finish();
  }

  async #move(header: Uint8Array): Promise<CompletedBlob> {
    const source = this.#file;
    const sourceLength = this.#position;
    // The old file keeps its bytes while it is open; its name is needed for the new one.
    await this.#folder.fileSystem.unlink(this.#draft);
    const target = await this.#folder.fileSystem.create(this.#draft);
    this.#file = target;
    try {
      const digester = new ChunkDigester();
      digester.update(header);
      await target.write([header], 0);
      const buffer = new Uint8Array(CHUNK_BYTES);
      let from = this.#headerLength;
      let to = header.length;
      while (from < sourceLength) {
        const part = buffer.subarray(0, Math.min(buffer.length, sourceLength - from));
        await source.read(part, from);
        digester.update(part);
        await target.write([part], to);
        from += part.length;
        to += part.length;
      }
      await target.sync();
      await this.#close();
      return { length: to, digests: joinDigests(digester.finish()) };
    } finally {
      await source[Symbol.asyncDispose]();
    }
  }

  async #close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#file[Symbol.asyncDispose]();
  }
}
