/** A database that the suite may look into, and prepare before a store opens it. */
export interface TestDatabase {
  readonly host: string;
  readonly port: number;
  readonly name: string;
  readonly user: string;
  readonly password: string;
  readonly schema: string;
}

/** A running object store: ours, the original, or somebody else's. */
export interface RunningStore extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
}

/**
 * How the suite gets at a store. Every store of the family is configured by the same environment variables, so that is
 * how the suite asks for what it needs; the harness only adds what is its own (the program, a free port).
 */
export interface StoreHarness<Store extends RunningStore = RunningStore> {
  /** A fresh, empty database. */
  createDatabase(): Promise<TestDatabase>;
  /** An empty folder that the store may write to. */
  createFolder(): Promise<string>;
  /** What its stores call the bucket in their answers; the folder of their objects unless given. */
  readonly bucket?: string;
  /** Resolves when the store answers. `OS_URL` and `OS_PORT` are the harness's to choose. */
  start(environment: Readonly<Record<string, string>>): Promise<Store>;
}
