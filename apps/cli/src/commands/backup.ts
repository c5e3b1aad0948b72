import { resolve } from "node:path";
import type { CommandDefinition } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { showBackup } from "../screens/show-backup.ts";
import { told } from "../support/told.ts";

interface Options {
  readonly to: string;
  readonly store?: string;
}

/** `p8e backup`. */
export const backup: CommandDefinition = {
  register(program, action) {
    program
      .command("backup")
      .description("a store's tables as of one moment, and its objects, in a folder; while it serves, too")
      .requiredOption("--to <folder>", "a new one, or one with this store's backup: what it has is not copied again")
      .option("--store <party>", "whose store; one's own by one's own profile; or the one that the DB_ variables name")
      .action(action(run));
  },
};

async function run(context: CommandContext, { to, store }: Options): Promise<number> {
  const { screen, variables, signal } = context;
  const folder = resolve(to);
  const onProgress = told(screen, ({ copied, bytes }: { copied: number; bytes: number }) => [copied, bytes]);
  const byVariables = store === undefined && variables.DB_HOST !== undefined;
  const options = { folder, variables, onProgress, signal };
  const taken = byVariables
    ? await backUpByVariables(options)
    : await (await import("@p8e/environment")).backUpOwnStore({
        ...options,
        located: await context.profile(store, "--store"),
      });
  const { manifest, copied, bytes, kept } = taken;
  const { takenAt, objects, lacking } = manifest;
  showBackup(screen, { folder, takenAt, objects: objects.rows, copied, bytes, kept, lacking });
  screen.result({
    folder,
    takenAt,
    objects: objects.rows,
    inStorage: objects.inStorage,
    storageBytes: objects.storageBytes,
    copied,
    bytes,
    kept,
    lacking,
  });
  return lacking.length === 0 ? 0 : 1;
}

async function backUpByVariables({
  variables,
  ...options
}: {
  readonly folder: string;
  readonly variables: CommandContext["variables"];
  readonly onProgress: (progress: { readonly copied: number; readonly bytes: number }) => void;
  readonly signal: AbortSignal;
}) {
  const { backUpStore, parseStoreConfiguration } = await import("@p8e/object-store");
  const { database, storage } = parseStoreConfiguration(variables);
  return backUpStore({ ...options, database, storage: storage.location, googleKeyFile: storage.googleKeyFile });
}
