import { resolve } from "node:path";
import type { CommandDefinition } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { told } from "../support/told.ts";
import { formatSize } from "../terminal/format.ts";

interface Options {
  readonly to?: string;
  readonly store?: string;
  readonly leaveDamaged?: boolean;
}

/** `p8e restore`. */
export const restore: CommandDefinition = {
  register(program, action) {
    program
      .command("restore <folder>")
      .description(
        "a backup becomes a store again, in a database and a storage that are empty; goes on where it stopped",
      )
      .option("--to <where>", "the objects: an absolute path, s3://BUCKET/PREFIX or gs://BUCKET/PREFIX")
      .option("--store <party>", "whose store; one's own by one's own profile; or the one that the DB_ variables name")
      .option("--leave-damaged", "restore although objects are missing from the backup or damaged in it")
      .action(action(run));
  },
};

async function run(context: CommandContext, given: string, options: Options): Promise<void> {
  const { screen, variables, signal } = context;
  const { to, store, leaveDamaged = false } = options;
  const folder = resolve(given);
  const onProgress = told(screen, ({ objects, bytes }: { objects: number; bytes: number }) => [objects, bytes]);
  const byVariables = store === undefined && variables.DB_HOST !== undefined;
  const restoring = { folder, to, leaveDamaged, variables, onProgress, signal };
  const restored = byVariables
    ? await restoreByVariables(restoring)
    : await (await import("@p8e/environment")).restoreOwnStore({
        ...restoring,
        located: await context.profile(store, "--store"),
      });
  const { manifest, objects, bytes, damaged, storage } = restored;
  screen.facts([
    ["as of", manifest.takenAt],
    ["objects", `${manifest.objects.rows}; ${objects} in the storage, ${formatSize(bytes)}, each read back`],
    ["lie in", storage],
    ...(damaged.length === 0 ? [] : [["left out", `${damaged.length} missing or damaged`] as const]),
  ]);
  if (byVariables && to !== undefined) screen.note(`Start the store with P8E_STORE_STORAGE=${storage}.`);
  const { takenAt } = manifest;
  screen.result({ takenAt, objects: manifest.objects.rows, inStorage: objects, bytes, damaged, storage });
}

async function restoreByVariables({
  variables,
  to,
  ...options
}: {
  readonly folder: string;
  readonly to: string | undefined;
  readonly leaveDamaged: boolean;
  readonly variables: CommandContext["variables"];
  readonly onProgress: (progress: { readonly objects: number; readonly bytes: number }) => void;
  readonly signal: AbortSignal;
}) {
  const { parseStorageLocation, parseStoreConfiguration, restoreStore, storageLocationText } = await import(
    "@p8e/object-store"
  );
  const { database, storage } = parseStoreConfiguration(variables);
  const location = to === undefined ? storage.location : parseStorageLocation(to);
  const restored = await restoreStore({
    ...options,
    database,
    storage: location,
    googleKeyFile: storage.googleKeyFile,
  });
  return { ...restored, storage: storageLocationText(location) };
}
