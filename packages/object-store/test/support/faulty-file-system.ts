import { type FileHandle, type FileSystem, nodeFileSystem } from "../../src/storage/files/file-system.ts";

export type FileOperation =
  | "create"
  | "write"
  | "sync"
  | "link"
  | "rename"
  | "makeDirectory"
  | "syncDirectory"
  | "unlink"
  | "read";

/** The real file system, of which one operation fails while `fail` names it, with the system's own error. */
export class FaultyFileSystem implements FileSystem {
  fail: FileOperation | undefined;
  errno = "ENOSPC";
  /** How many of the operation succeed before it fails. */
  after = 0;
  /** What a write does before it fails: nothing, or half of its bytes. */
  torn = false;
  #done = 0;

  arm(operation: FileOperation, options: { after?: number; errno?: string; torn?: boolean } = {}): void {
    this.fail = operation;
    this.errno = options.errno ?? "ENOSPC";
    this.after = options.after ?? 0;
    this.torn = options.torn ?? false;
    this.#done = 0;
  }

  disarm(): void {
    this.fail = undefined;
  }

  #fails(operation: FileOperation): boolean {
    return this.fail === operation && this.#done++ >= this.after;
  }

  #check(operation: FileOperation): void {
    if (this.#fails(operation)) throw this.#error();
  }

  #error(): Error {
    return Object.assign(new Error(`${this.errno}: injected fault`), { code: this.errno });
  }

  async create(path: string): Promise<FileHandle> {
    this.#check("create");
    return this.#wrap(await nodeFileSystem.create(path));
  }

  async openRead(path: string): Promise<FileHandle> {
    return this.#wrap(await nodeFileSystem.openRead(path));
  }

  async link(from: string, to: string): Promise<void> {
    this.#check("link");
    await nodeFileSystem.link(from, to);
  }

  async rename(from: string, to: string): Promise<void> {
    this.#check("rename");
    await nodeFileSystem.rename(from, to);
  }

  async unlink(path: string): Promise<void> {
    this.#check("unlink");
    await nodeFileSystem.unlink(path);
  }

  async makeDirectory(path: string): Promise<void> {
    this.#check("makeDirectory");
    await nodeFileSystem.makeDirectory(path);
  }

  async syncDirectory(path: string): Promise<void> {
    this.#check("syncDirectory");
    await nodeFileSystem.syncDirectory(path);
  }

  list(path: string) {
    return nodeFileSystem.list(path);
  }

  facts(path: string) {
    return nodeFileSystem.facts(path);
  }

  isWritableDirectory(path: string) {
    return nodeFileSystem.isWritableDirectory(path);
  }

  directoryOwner(path: string) {
    return nodeFileSystem.directoryOwner(path);
  }

  #wrap(file: FileHandle): FileHandle {
    return {
      write: async (parts, position) => {
        if (!this.#fails("write")) return file.write(parts, position);
        if (this.torn) await file.write([parts[0]!.subarray(0, parts[0]!.length / 2)], position);
        throw this.#error();
      },
      read: async (into, position) => {
        this.#check("read");
        return file.read(into, position);
      },
      sync: async () => {
        this.#check("sync");
        await file.sync();
      },
      size: () => file.size(),
      [Symbol.asyncDispose]: async () => file[Symbol.asyncDispose](),
    };
  }
}
