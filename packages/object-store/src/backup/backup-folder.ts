import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { link, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isP8eError, P8eError, parseJson, type Shape, type Uuid } from "@p8e/core";
import type { BackedUpObject } from "../domain/backed-up-object.ts";
import { parseBackedUpObject } from "../domain/backed-up-object.ts";
import {
  BACKUP_FORMAT,
  type BackupManifest,
  type BackupRows,
  backupFolderShape,
  backupManifestShape,
  MANIFEST_BYTES_MAX,
} from "../domain/backup-manifest.ts";
import type { BlobReader } from "../storage/blob-storage.ts";
import { fileReader } from "../storage/files/file-storage.ts";
import { errnoOf, isMissing, nodeFileSystem } from "../storage/files/file-system.ts";

/** The list of objects, beside the tables. */
export const OBJECTS_FILE = "objects";
/** A line of it: the checksums of an object of 256 GB. */
const LINE_BYTES_MAX = 16 * 1024 * 1024;

/**
 * A folder with a store's backup: `manifest.json`, written last, `tables/ID/NAME.copy`, and the objects' bytes, each under
 * `blobs/YYYYMMDD/UUID`, with `.N` behind it when they were replaced N times. Under `incoming` is what is being copied.
 */
export class BackupFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /**
   * Makes the folder for the backups of a store, or finds it made; what an interrupted backup left of copies under way goes.
   * @throws `backup.not_empty` for a folder with something else in it, or another store's backups; `store.storage`
   */
  async prepare(store: Uuid): Promise<void> {
    await this.#writing(() => mkdir(this.path, { recursive: true, mode: 0o700 }));
    const owner = await this.#read("folder.json", backupFolderShape);
    if (owner === undefined) {
      if ((await readdir(this.path)).some((name) => !name.startsWith("folder.json."))) {
        throw new P8eError("backup.not_empty", "the folder has something in it that is no backup", {
          facts: { folder: this.path },
          hint: "name a new folder, or one that has this store's backup",
        });
      }
      await this.#create("folder.json", { format: BACKUP_FORMAT, store });
      return this.prepare(store);
    }
    if (owner.store !== store) {
      throw new P8eError("backup.not_empty", "the folder has the backup of another store", {
        facts: { folder: this.path, store: owner.store },
        hint: "name a folder for each store",
      });
    }
    await this.#writing(() => rm(this.#in("incoming"), { recursive: true, force: true }));
    await this.#writing(() => mkdir(this.#in("incoming"), { mode: 0o700 }));
  }

  /** @throws `backup.incomplete` when there is none, or it cannot be read */
  async manifest(): Promise<BackupManifest> {
    const manifest = await this.#read("manifest.json", backupManifestShape);
    if (manifest !== undefined) return manifest;
    throw new P8eError("backup.incomplete", "the folder has no complete backup", {
      facts: { folder: this.path },
      hint: "name the folder that p8e backup wrote; one that was interrupted is completed by giving it again",
    });
  }

  /** From now on the folder's backup is this one; the files of the one before go. */
  async publish(manifest: BackupManifest): Promise<void> {
    await this.#writing(async () => {
      const draft = this.#in(`manifest.json.${manifest.files}`);
      await writeFile(draft, `${JSON.stringify(manifest, null, 2)}\n`, { flag: "wx", mode: 0o600, flush: true });
      await nodeFileSystem.syncDirectory(this.#in("tables"));
      await nodeFileSystem.syncDirectory(this.#in("tables", manifest.files));
      await rename(draft, this.#in("manifest.json"));
      await nodeFileSystem.syncDirectory(this.path);
      for (const name of await readdir(this.#in("tables"))) {
        if (name !== manifest.files) await rm(this.#in("tables", name), { recursive: true, force: true });
      }
      for (const name of await readdir(this.path)) {
        if (name.startsWith("manifest.json.")) await rm(this.#in(name), { force: true });
      }
      await rm(this.#in("incoming"), { recursive: true, force: true });
    });
  }

  /** Writes a file of rows, durably; `copy` gives its pieces to the function it is given, and resolves with their number. */
  async writeRows(
    files: Uuid,
    name: string,
    copy: (take: (bytes: Uint8Array) => Promise<void>) => Promise<number>,
  ): Promise<BackupRows> {
    await this.#writing(() => mkdir(this.#in("tables", files), { recursive: true, mode: 0o700 }));
    const handle = await this.#writing(() => open(this.#rowsPath(files, name), "wx", 0o600));
    const hash = createHash("sha256");
    let bytes = 0;
    try {
      const rows = await copy(async (piece) => {
        hash.update(piece);
        bytes += piece.length;
        await this.#writing(() => handle.appendFile(piece));
      });
      await this.#writing(() => handle.sync());
      return { rows, bytes, sha256: hash.digest("hex") };
    } finally {
      await handle.close();
    }
  }

  /** A file of rows in pieces. @throws `backup.incomplete` when it is missing */
  async *readRows(files: Uuid, name: string): AsyncGenerator<Uint8Array, void> {
    try {
      for await (const piece of createReadStream(this.#rowsPath(files, name), { highWaterMark: 256 * 1024 })) {
        yield piece as Uint8Array;
      }
    } catch (cause) {
      throw unreadable(name, cause);
    }
  }

  /** Whether a file of rows is still the one that was written. @throws `backup.incomplete` when it is missing */
  async isAsWritten(files: Uuid, name: string, { bytes, sha256 }: BackupRows): Promise<boolean> {
    const hash = createHash("sha256");
    let length = 0;
    for await (const piece of this.readRows(files, name)) {
      length += piece.length;
      if (length > bytes) return false;
      hash.update(piece);
    }
    return length === bytes && hash.digest("hex") === sha256;
  }

  /** The list of all objects, in the order of their uuids. @throws `backup.incomplete` */
  async *objects(files: Uuid): AsyncGenerator<BackedUpObject, void> {
    let rest: Uint8Array = new Uint8Array();
    for await (const piece of this.readRows(files, OBJECTS_FILE)) {
      const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
      let begin = 0;
      for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, begin)) {
        yield parseBackedUpObject(Buffer.from(bytes.subarray(begin, end)).toString("utf8"));
        begin = end + 1;
      }
      rest = bytes.subarray(begin);
      if (rest.length > LINE_BYTES_MAX) break;
    }
    if (rest.length > 0) parseBackedUpObject(Buffer.from(rest.subarray(0, 200)).toString("utf8"));
  }

  /** The bytes of the folder's objects, where they are read in place. */
  blobs({ repairVersion }: Pick<BackedUpObject, "repairVersion">): BlobReader {
    const reader = fileReader(this.#in("blobs"));
    return { open: ({ directory, name }) => reader.open({ directory, name: blobName(name, repairVersion) }) };
  }

  /** Undefined when the object's bytes are not there. */
  async blobLength(object: BackedUpObject): Promise<number | undefined> {
    try {
      return (await stat(this.#blobPath(object))).size;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw unreadable(object.uuid, error);
    }
  }

  /** Copies an object's bytes to their place, where they appear as a whole and durably but for the name. */
  async writeBlob(object: BackedUpObject, pieces: AsyncIterable<Uint8Array>): Promise<number> {
    const draft = this.#in("incoming", object.uuid);
    const handle = await this.#writing(() => open(draft, "w", 0o600));
    let length = 0;
    try {
      for await (const piece of pieces) {
        length += piece.length;
        await this.#writing(() => handle.appendFile(piece));
      }
      await this.#writing(() => handle.datasync());
    } finally {
      await handle.close();
    }
    await this.#writing(async () => {
      await mkdir(this.#in("blobs", object.directory), { recursive: true, mode: 0o700 });
      await rename(draft, this.#blobPath(object));
    });
    return length;
  }

  /** Makes the names of blobs durable. */
  async syncBlobs(directories: Iterable<string>): Promise<void> {
    await this.#writing(async () => {
      for (const directory of directories) await nodeFileSystem.syncDirectory(this.#in("blobs", directory));
      await mkdir(this.#in("blobs"), { recursive: true, mode: 0o700 });
      await nodeFileSystem.syncDirectory(this.#in("blobs"));
    });
  }

  async #create(name: string, value: unknown): Promise<void> {
    const draft = this.#in(`${name}.${process.pid}`);
    await this.#writing(async () => {
      await writeFile(draft, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600, flush: true });
      try {
        await link(draft, this.#in(name)).catch((error: unknown) => {
          if (errnoOf(error) !== "EEXIST") throw error; // somebody else was first, and is looked at next
        });
      } finally {
        await rm(draft, { force: true });
      }
    });
  }

  async #read<T>(name: string, shape: Shape<T>): Promise<T | undefined> {
    const file = this.#in(name);
    let content: Uint8Array;
    try {
      if ((await stat(file)).size > MANIFEST_BYTES_MAX) {
        throw new P8eError("backup.incomplete", `${name} is larger than ${MANIFEST_BYTES_MAX} bytes`, {
          facts: { limit: MANIFEST_BYTES_MAX },
        });
      }
      content = await readFile(file);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw unreadable(name, error);
    }
    return parseJson(shape, content, {
      what: name,
      file,
      code: "backup.incomplete",
      newestFormat: BACKUP_FORMAT,
      bytesMax: MANIFEST_BYTES_MAX,
    });
  }

  async #writing<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      if (isP8eError(cause)) throw cause;
      const errno = errnoOf(cause) ?? "unknown error";
      throw new P8eError("store.storage", "the backup's folder cannot be written", {
        cause,
        facts: { folder: this.path, errno },
      });
    }
  }

  #rowsPath(files: Uuid, name: string): string {
    return this.#in("tables", files, `${name}.copy`);
  }

  #blobPath({ directory, name, repairVersion }: BackedUpObject): string {
    return this.#in("blobs", directory, blobName(name, repairVersion));
  }

  #in(...parts: string[]): string {
    return join(this.path, ...parts);
  }
}

function blobName(name: string, repairVersion: number): string {
  return repairVersion === 0 ? name : `${name}.${repairVersion}`;
}

function unreadable(what: string, cause: unknown): P8eError {
  if (isP8eError(cause)) return cause;
  return new P8eError("backup.incomplete", `the backup's ${what} cannot be read`, {
    cause,
    facts: { errno: errnoOf(cause) ?? "unknown error" },
  });
}
