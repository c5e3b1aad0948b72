import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { openLocalPostgres } from "@p8e/local-postgres";

const cache = join(import.meta.dirname, "../../../../.cache");
const LAUNCHER = join(import.meta.dirname, "../../../local-postgres");
/** What a server leaves in its folder that another one makes anew. */
const OF_ONE_RUN = ["port", "postgres.log", "folder.lock"];

/**
 * Lays a new data folder for tests: a copy of one in which a server was started and stopped once, kept in the
 * repository's cache. A copy takes a twentieth of the time in which PostgreSQL makes a cluster. Does nothing where the
 * folder is there already, or where clusters lie outside their data folders, and on Windows.
 *
 * @param dataDir as `openLocalPostgres` is given it afterwards
 * @throws as `openLocalPostgres`
 */
export async function prepareLocalPostgres(dataDir: string): Promise<void> {
  if (existsSync(dataDir) || process.platform === "win32") return;
  const kept = await keptFolder();
  if (!existsSync(join(kept, "cluster", "PG_VERSION"))) return;
  mkdirSync(dirname(dataDir), { recursive: true, mode: 0o700 });
  // A tenth of what `cpSync` takes, and modes stay: the server refuses a folder that others may enter.
  execFileSync("cp", ["-a", kept, dataDir]);
}

/** Made by whoever comes first, whole or not at all; another release of PostgreSQL, or of what starts it, makes its own. */
async function keptFolder(): Promise<string> {
  const version = createHash("sha256");
  for (const file of ["package.json", "src/local-postgres.ts"]) version.update(readFileSync(join(LAUNCHER, file)));
  const folder = join(cache, `postgres-${version.digest("hex").slice(0, 16)}-${process.getuid?.() ?? 0}`);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const draft = mkdtempSync(`${folder}.part.`);
  try {
    await (await openLocalPostgres({ dataDir: draft }))[Symbol.asyncDispose]();
    for (const name of OF_ONE_RUN) rmSync(join(draft, name), { recursive: true, force: true });
    renameSync(draft, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return folder;
}
