import type { Clock } from "@p8e/core";
import type { BlobPlace } from "../../domain/stored-bytes.ts";
import type { BlobReader, BlobStorage, BlobUpload, StoredBlob, SweepOptions } from "../blob-storage.ts";
import { BlobFolder } from "./blob-folder.ts";
import { type FileHandle, type FileSystem, nodeFileSystem, storageError } from "./file-system.ts";
import { FileUpload } from "./file-upload.ts";
import { sweepOrphans } from "./orphan-sweeper.ts";

/** Where the files of a store lie. */
export interface FileStorageOptions {
  /** The directory that everything lies in; must exist. */
  readonly basePath: string;
  /** The store's own id: it keeps apart the unfinished uploads of stores that were given the same directory. */
  readonly identity: string;
  /** Whether a file is written, read and deleted before the storage counts as open. */
  readonly healthCheck?: boolean;
  readonly clock: Clock;
  /** For tests: a disk that fails. */
  readonly fileSystem?: FileSystem | undefined;
}

/** Objects as files, laid out as the reference server does. */
export class FileStorage implements BlobStorage {
  /** Gathered pieces, a write under way, a message. */
  readonly uploadBytes = 4 * 1024 * 1024;
  readonly #folder: BlobFolder;
  readonly #clock: Clock;

  private constructor(folder: BlobFolder, clock: Clock) {
    this.#folder = folder;
    this.#clock = clock;
  }

  /** @throws `store.storage` when the base is no directory that can be written */
  static async open({ basePath, identity, ...options }: FileStorageOptions): Promise<FileStorage> {
    return new FileStorage(await BlobFolder.open(basePath, identity, options), options.clock);
  }

  begin(place: BlobPlace, predictedHeaderLength: number): Promise<BlobUpload> {
    return FileUpload.begin(this.#folder, place, predictedHeaderLength);
  }

  open(place: BlobPlace): Promise<StoredBlob | undefined> {
    return openFile(this.#folder, place);
  }

  isWritable(): Promise<boolean> {
    return this.#folder.isWritable();
  }

  isEmpty(): Promise<boolean> {
    return this.#folder.isEmpty();
  }

  sweep(options: SweepOptions): Promise<number> {
    return sweepOrphans(this.#folder, { ...options, now: this.#clock.now() });
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** The files of a store, for looking only: nothing is created or checked. */
export function fileReader(basePath: string): BlobReader {
  const folder = BlobFolder.forReading(basePath, nodeFileSystem);
  return { open: (place) => openFile(folder, place) };
}

async function openFile(folder: BlobFolder, place: BlobPlace): Promise<StoredBlob | undefined> {
  const file = await folder.openRead(place);
  if (file === undefined) return undefined;
  try {
    return blobOf(file, await file.size());
  } catch (error) {
    await file[Symbol.asyncDispose]();
    throw storageError(error);
  }
}

function blobOf(file: FileHandle, length: number): StoredBlob {
  return {
    length,
    async read(into, position) {
      try {
        return await file.read(into, position);
      } catch (error) {
        throw storageError(error);
      }
    },
    [Symbol.asyncDispose]: async () => file[Symbol.asyncDispose](),
  };
}
