import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { type LocalPostgres, openLocalPostgres } from "@p8e/local-postgres";
import {
  type ObjectStoreServer,
  type OpenObjectStoreOptions,
  openObjectStore,
  parseStoreConfiguration,
} from "@p8e/object-store";
import type { StoreHarness, TestDatabase } from "@p8e/testkit";
import { prepareLocalPostgres } from "@p8e/testkit";
import pg from "pg";
import { FileStorage } from "../../src/storage/files/file-storage.ts";
import type { FileSystem } from "../../src/storage/files/file-system.ts";
import { testLog } from "./harness-log.ts";

const password = "a password's 'quotes'";

/** Databases on one embedded PostgreSQL, and folders; everything goes at the end of the test file. */
export class TestGround {
  #root: Promise<string> | undefined;
  #postgres: Promise<LocalPostgres> | undefined;
  #shared: Promise<TestDatabase> | undefined;
  #count = 0;

  constructor() {
    after(async () => {
      await (await this.#postgres)?.[Symbol.asyncDispose]();
      if (this.#root) await rm(await this.#root, { recursive: true, force: true });
    });
  }

  postgres(): Promise<LocalPostgres> {
    this.#postgres ??= this.#startPostgres();
    return this.#postgres;
  }

  async #startPostgres(): Promise<LocalPostgres> {
    const dataDir = await this.#path("postgres");
    await prepareLocalPostgres(dataDir);
    return openLocalPostgres({ dataDir });
  }

  /** A schema of its own in one database: a tenth of the time that a database takes. */
  async createDatabase(): Promise<TestDatabase> {
    this.#shared ??= this.createSeparateDatabase();
    const schema = `store_${++this.#count}`;
    const settings = { ...(await this.#shared), schema };
    const { host, port, name, user } = settings;
    const client = new pg.Client({ host, port, database: name, user, password });
    await client.connect();
    await client.query(`CREATE SCHEMA ${schema}`);
    await client.end();
    return settings;
  }

  async createSeparateDatabase(): Promise<TestDatabase> {
    const server = await this.postgres();
    const name = `store-${++this.#count}`;
    await server.createDatabase(name, name, password);
    return { host: server.host, port: server.port, name, user: name, password, schema: "public" };
  }

  /** A connection with every right, for what only an administrator, or a fault, can do to a database. */
  async superuser(database: string): Promise<pg.Client> {
    const { host, port } = await this.postgres();
    const secret = readFileSync(join(await this.#root!, "postgres", "superuser.password"), "utf8").trim();
    const client = new pg.Client({ host, port, user: "postgres", password: secret, database });
    client.on("error", () => {});
    await client.connect();
    return client;
  }

  createFolder(): Promise<string> {
    return this.#folder(`blobs-${++this.#count}`);
  }

  async #folder(name: string): Promise<string> {
    const path = await this.#path(name);
    await mkdir(path);
    return path;
  }

  async #path(name: string): Promise<string> {
    this.#root ??= mkdtemp(join(tmpdir(), "p8e-store-"));
    return join(await this.#root, name);
  }
}

export interface LocalHarnessOptions extends OpenObjectStoreOptions {
  /** A disk that fails. */
  readonly fileSystem?: FileSystem;
}

/** Stores of ours in this process. */
export class LocalHarness extends TestGround implements StoreHarness<ObjectStoreServer> {
  readonly #options: OpenObjectStoreOptions;

  constructor({ fileSystem, ...options }: LocalHarnessOptions = {}) {
    super();
    this.#options = fileSystem === undefined ? options : { ...options, openStorage: openOn(fileSystem) };
  }

  start(environment: Readonly<Record<string, string>>): Promise<ObjectStoreServer> {
    const configuration = parseStoreConfiguration({ OS_URL: "127.0.0.1", OS_PORT: "0", ...environment });
    return openObjectStore(configuration, { log: testLog, ...this.#options });
  }
}

function openOn(fileSystem: FileSystem): NonNullable<OpenObjectStoreOptions["openStorage"]> {
  return ({ storage: { location } }, identity, clock) => {
    if (location.kind !== "files") throw new Error("only a disk fails here");
    return FileStorage.open({ basePath: location.basePath, identity, clock, fileSystem });
  };
}
