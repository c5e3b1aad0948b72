import { join } from "node:path";
import { P8eError } from "@p8e/core";
import type { BlobPlace } from "../../domain/stored-bytes.ts";
import { draftName } from "../draft-name.ts";
import { DirectorySync } from "./directory-sync.ts";
import { errnoOf, type FileHandle, type FileSystem, isMissing, nodeFileSystem, storageError } from "./file-system.ts";

/**
 * The files of a store: `<base>/<YYYYMMDD>/<uuid>`, as the reference server lays them out.
 *
 * An upload is written under `.incoming/<store>/<YYYYMMDD>.<uuid>`, made durable, and then given its final name as a
 * second link, before its row is committed. Only after the commit does the first link go. What a crash leaves behind
 * therefore always has a name under `.incoming` that tells which row to look for: see OrphanSweeper. The store's own
 * id in that path keeps apart stores that were given the same base.
 */
export class BlobFolder {
  readonly fileSystem: FileSystem;
  readonly incoming: string;
  readonly #base: string;
  readonly #sync: DirectorySync;
  readonly #directories = new Set<string>();
  /** Uploads of this process that are under way; the sweeper leaves them alone. */
  readonly #active = new Set<string>();

  private constructor(base: string, storeIdentity: string, fileSystem: FileSystem) {
    this.fileSystem = fileSystem;
    this.#base = base;
    this.incoming = join(base, ".incoming", storeIdentity);
    this.#sync = new DirectorySync(fileSystem);
  }

  /** @throws `store.storage` when the base is no directory that can be written */
  static async open(
    base: string,
    storeIdentity: string,
    options: { readonly fileSystem?: FileSystem | undefined; readonly healthCheck?: boolean } = {},
  ): Promise<BlobFolder> {
    const folder = new BlobFolder(base, storeIdentity, options.fileSystem ?? nodeFileSystem);
    if (!(await folder.fileSystem.isWritableDirectory(base))) {
      const facts = { folder: base, ...(await ownersOf(base, folder.fileSystem)) };
      throw new P8eError("store.storage", "STORAGE_BASE_PATH is not a directory that can be written", {
        facts,
        hint: hintFor(facts),
      });
    }
    try {
      await folder.fileSystem.makeDirectory(folder.incoming);
      if (options.healthCheck) await folder.#checkHealth();
    } catch (error) {
      throw storageError(error);
    }
    return folder;
  }

  /** For looking only: nothing is created or checked. */
  static forReading(base: string, fileSystem: FileSystem): BlobFolder {
    return new BlobFolder(base, "", fileSystem);
  }

  /** Whether there is nothing but uploads under way. */
  async isEmpty(): Promise<boolean> {
    try {
      return (await this.fileSystem.list(this.#base)).every((name) => name === ".incoming");
    } catch (error) {
      throw storageError(error);
    }
  }

  /** Starts a file that nobody can see yet. */
  async begin(place: BlobPlace): Promise<{ readonly file: FileHandle; readonly draft: string }> {
    const name = draftName(place);
    const draft = join(this.incoming, name);
    this.#active.add(name);
    try {
      return { file: await this.fileSystem.create(draft), draft };
    } catch (error) {
      this.#active.delete(name);
      throw storageError(error);
    }
  }

  /** Gives a complete, synced draft its final name, durably. The draft's own name stays until `settle`. */
  async publish(draft: string, place: BlobPlace): Promise<void> {
    const directory = join(this.#base, place.directory);
    try {
      await this.#ensureDirectory(directory);
      await this.#link(draft, join(directory, place.name));
      await this.#sync.sync(directory);
    } catch (error) {
      throw storageError(error);
    }
  }

  /** Like `publish`, over a file that is there but damaged. */
  async replace(draft: string, place: BlobPlace): Promise<void> {
    const directory = join(this.#base, place.directory);
    try {
      await this.#ensureDirectory(directory);
      await this.fileSystem.rename(draft, join(directory, place.name));
      await this.#sync.sync(directory);
    } catch (error) {
      throw storageError(error);
    }
  }

  /** After the row is committed, or when there is nothing to keep: the draft's name goes. */
  async settle(place: BlobPlace): Promise<void> {
    const name = draftName(place);
    await this.#remove(join(this.incoming, name));
    this.#active.delete(name);
  }

  /** Takes back an upload whose row was not and will not be committed. */
  async discard(place: BlobPlace): Promise<void> {
    await this.#remove(join(this.#base, place.directory, place.name));
    await this.settle(place);
  }

  /** For an upload whose commit has an unknown outcome: its file and draft stay for the sweeper. */
  abandon(place: BlobPlace): void {
    this.#active.delete(draftName(place));
  }

  isWritable(): Promise<boolean> {
    return this.fileSystem.isWritableDirectory(this.#base);
  }

  isActive(draftName: string): boolean {
    return this.#active.has(draftName);
  }

  finalPath(place: BlobPlace): string {
    return join(this.#base, place.directory, place.name);
  }

  /** @throws `store.storage`; undefined when there is no such file */
  async openRead(place: BlobPlace): Promise<FileHandle | undefined> {
    try {
      return await this.fileSystem.openRead(this.finalPath(place));
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw storageError(error);
    }
  }

  async #ensureDirectory(directory: string): Promise<void> {
    if (this.#directories.has(directory)) return;
    await this.fileSystem.makeDirectory(directory);
    await this.#sync.sync(this.#base);
    this.#directories.add(directory);
  }

  async #link(from: string, to: string): Promise<void> {
    try {
      await this.fileSystem.link(from, to);
    } catch (error) {
      // Some file systems have no second names; there a crash before the commit leaves a file that nothing sweeps.
      const unsupported = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"];
      if (!unsupported.includes(errnoOf(error) ?? "")) throw error;
      await this.fileSystem.rename(from, to);
    }
  }

  async #remove(path: string): Promise<void> {
    try {
      await this.fileSystem.unlink(path);
    } catch (error) {
      if (!isMissing(error)) throw storageError(error);
    }
  }

  /** As the reference does it: `test/test.txt` is written, read and deleted. */
  async #checkHealth(): Promise<void> {
    const directory = join(this.#base, "test");
    const path = join(directory, "test.txt");
    await this.fileSystem.makeDirectory(directory);
    await this.#remove(path);
    const text = Buffer.from("test");
    {
      await using file = await this.fileSystem.create(path);
      await file.write([text], 0);
      await file.sync();
      const back = Buffer.alloc(text.length);
      await file.read(back, 0);
      if (!back.equals(text)) throw new P8eError("store.storage", "the storage does not give back what was written");
    }
    await this.#remove(path);
  }
}

interface Owners {
  readonly folder: string;
  /** Of the folder, and of this process, where the system has such numbers. */
  readonly ownerUid?: number;
  readonly uid?: number;
}

async function ownersOf(folder: string, fileSystem: FileSystem): Promise<Omit<Owners, "folder">> {
  const uid = process.getuid?.();
  const ownerUid = await fileSystem.directoryOwner(folder);
  return uid === undefined || ownerUid === undefined ? {} : { ownerUid, uid };
}

/** A volume that another user wrote, as the original store did as root, is handed over by one command. */
function hintFor({ folder, ownerUid, uid }: Owners): string {
  if (ownerUid === undefined || ownerUid === uid) return "create it, and let this process write there";
  return `It belongs to uid ${ownerUid}, and this process is uid ${uid}: run chown -R ${uid}:${process.getgid?.()} ${folder} as root, once, or run the store as uid ${ownerUid}.`;
}
