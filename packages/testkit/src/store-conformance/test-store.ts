import { after, before } from "node:test";
import { databaseVariables } from "./local-store-variables.ts";
import { StoreClient } from "./store-client.ts";
import { StoreDatabase } from "./store-database.ts";
import type { RunningStore, StoreHarness, TestDatabase } from "./store-under-test.ts";

/** A store with a client and a view of its database. */
export class TestStore<Store extends RunningStore = RunningStore> implements AsyncDisposable {
  readonly client: StoreClient;
  readonly database: StoreDatabase;
  readonly store: Store;
  readonly folder: string;
  /** What answers call the bucket. */
  readonly bucket: string;
  readonly databaseSettings: TestDatabase;

  private constructor(
    store: Store,
    database: StoreDatabase,
    databaseSettings: TestDatabase,
    { folder, bucket }: { readonly folder: string; readonly bucket: string },
  ) {
    this.bucket = bucket;
    this.store = store;
    this.client = new StoreClient(store.host, store.port);
    this.database = database;
    this.databaseSettings = databaseSettings;
    this.folder = folder;
  }

  /** On a fresh database and folder unless given; settings as the reference's own tests have them. */
  static async open<Store extends RunningStore>(
    harness: StoreHarness<Store>,
    environment: Readonly<Record<string, string>> = {},
    given: { readonly database?: TestDatabase; readonly folder?: string } = {},
  ): Promise<TestStore<Store>> {
    const settings = given.database ?? (await harness.createDatabase());
    const folder = given.folder ?? (await harness.createFolder());
    const store = await harness.start({ ...storeEnvironment(settings, folder), ...environment });
    return new TestStore(store, await StoreDatabase.open(settings), settings, {
      folder,
      bucket: harness.bucket ?? folder,
    });
  }

  /** The scheme that the reference's tests register peers with. */
  get url(): string {
    return `tcp://${this.store.host}:${this.store.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client[Symbol.asyncDispose]();
    await this.database[Symbol.asyncDispose]();
    await this.store[Symbol.asyncDispose]();
  }
}

/** The variables of a store with this database and folder. */
export function storeEnvironment(database: TestDatabase, folder: string): Record<string, string> {
  return {
    URI_HOST: "",
    ...databaseVariables(database),
    DB_CONNECTION_POOL_SIZE: "1",
    STORAGE_TYPE: "file_system",
    STORAGE_BASE_PATH: folder,
    STORAGE_THRESHOLD: "5000",
    REPLICATION_ENABLED: "true",
    REPLICATION_BATCH_SIZE: "2",
    // The original looks at registered keys only this often.
    REPLICATION_CACHE_REFRESH_MIN: "0",
    TRACE_HEADER: "x-trace-id",
  };
}

/** One store for all tests of a describe block. */
export function sharedStore(
  harness: StoreHarness,
  environment: Readonly<Record<string, string>> = {},
): () => TestStore {
  let store: TestStore | undefined;
  before(async () => {
    store = await TestStore.open(harness, environment);
  });
  after(async () => {
    await store?.[Symbol.asyncDispose]();
  });
  return () => {
    if (!store) throw new Error("the store is not running yet");
    return store;
  };
}
