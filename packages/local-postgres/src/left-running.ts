import { existsSync, realpathSync } from "node:fs";
import { folderHolder, lockFolder } from "@p8e/machine";
import { clusterOf } from "./local-postgres.ts";
import { peekPostmaster, stopPostmaster } from "./postmaster.ts";

/**
 * The process number of a server that goes on though the process that opened its folder was killed; undefined where there
 * is none, or where somebody has the folder.
 */
export function leftRunning(dataDir: string): number | undefined {
  if (!existsSync(dataDir) || folderHolder(dataDir) !== undefined) return undefined;
  const cluster = clusterOf(realpathSync(dataDir));
  return cluster === undefined ? undefined : peekPostmaster(cluster)?.pid;
}

/**
 * Stops such a server in order, and returns its process number; undefined where there is none.
 * @throws `environment.in_use` when somebody has the folder, or takes it meanwhile
 */
export async function stopLeftRunning(
  dataDir: string,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<number | undefined> {
  if (!existsSync(dataDir)) return undefined;
  const folder = realpathSync(dataDir);
  using _lock = await lockFolder(folder, { runs: "the database", signal: options.signal });
  const cluster = clusterOf(folder);
  const running = cluster === undefined ? undefined : peekPostmaster(cluster);
  if (cluster === undefined || running === undefined) return undefined;
  await stopPostmaster(cluster, running.pid);
  return running.pid;
}
