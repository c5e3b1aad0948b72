import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DrilledBackup, DrillProgress, ServerDatabase } from "@p8e/object-store";
import { storeVariables } from "../store-variables.ts";

/** A backup that was restored into a copy: what is wrong with it, and the copy's database, until it is disposed of. */
export interface BackupDrill extends AsyncDisposable {
  readonly found: DrilledBackup;
  readonly database: ServerDatabase;
}

/**
 * Restores a backup's rows into a PostgreSQL of its own, in a temporary folder, and compares each object with its row.
 * @throws as `drillBackup` and `openLocalDatabase`
 */
export async function openBackupDrill(options: {
  readonly folder: string;
  readonly onProgress?: ((progress: DrillProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}): Promise<BackupDrill> {
  const { folder, onProgress, signal } = options;
  const stack = new AsyncDisposableStack();
  try {
    const { drillBackup, parseStoreConfiguration } = await import("@p8e/object-store");
    const { openLocalDatabase } = await import("@p8e/local-postgres");
    const place = await mkdtemp(join(tmpdir(), "p8e-drill-"));
    stack.defer(() => rm(place, { recursive: true, force: true }));
    const local = stack.use(
      await openLocalDatabase({ dataDir: join(place, "postgres"), name: "drill", say: () => {}, signal }),
    );
    const { host, port, name, user, password } = local;
    const access = { database: { host, port, name, user, password, schema: "public" }, storagePath: folder };
    const { database } = parseStoreConfiguration(storeVariables(access, { host: "127.0.0.1", port: 0 }));
    const found = await drillBackup({ folder, database, onProgress, signal });
    return { found, database, [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose]() };
  } catch (error) {
    await stack[Symbol.asyncDispose]();
    throw error;
  }
}
