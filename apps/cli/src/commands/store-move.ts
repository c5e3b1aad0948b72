import { P8eError } from "@p8e/core";
import { type CommandDefinition, group } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { formatSize } from "../terminal/format.ts";

interface Options {
  readonly to: string;
  readonly store?: string;
  readonly leaveDamaged?: boolean;
}

/** `p8e store move`. */
export const storeMove: CommandDefinition = {
  register(program, action) {
    group(program, "store")
      .command("move")
      .description("take a store's objects to another storage: copied, read back, switched; goes on where it stopped")
      .requiredOption("--to <where>", "an absolute path, s3://BUCKET/PREFIX or gs://BUCKET/PREFIX")
      .option("--store <party>", "whose store; one's own by one's own profile; or the one that the DB_ variables name")
      .option("--leave-damaged", "switch although objects are damaged or missing where they are: they stay behind")
      .action(action(run));
  },
};

async function run(context: CommandContext, { to, store, leaveDamaged = false }: Options): Promise<void> {
  const { screen, variables, signal } = context;
  let told = 0;
  const onProgress = ({ copied, bytes }: { readonly copied: number; readonly bytes: number }) => {
    if (copied < told + 1000) return;
    told = copied;
    screen.note(`${copied} objects, ${formatSize(bytes)}`);
  };
  const byVariables = store === undefined && variables.DB_HOST !== undefined;
  const options = { to, leaveDamaged, variables, onProgress, signal };
  const moved = byVariables
    ? await moveByVariables(options)
    : await (await import("@p8e/environment")).moveOwnStore({
        ...options,
        located: await context.profile(store, "--store"),
      });
  screen.facts([
    ["copied", `${moved.copied} objects, ${formatSize(moved.bytes)}, each read back`],
    ...(moved.damaged.length === 0 ? [] : [["left behind", `${moved.damaged.length} damaged or missing`] as const]),
    ["the store reads", moved.switched ? `from there at its next start: ${to}` : "from where it did"],
  ]);
  if (moved.writeDown !== undefined) {
    screen.note(`Where its objects lie is said elsewhere: write ${moved.writeDown} there before the store is started.`);
  }
  if (moved.switched) return screen.result({ ...moved, to });
  throw new P8eError(
    "environment.in_use",
    "the store is serving: its objects are copied, and it reads from where it did",
    {
      facts: { to, copied: moved.copied },
      hint: "Stop it and give the command again: it copies what came since, and switches.",
    },
  );
}

async function moveByVariables(options: {
  readonly to: string;
  readonly leaveDamaged: boolean;
  readonly variables: CommandContext["variables"];
  readonly onProgress: (progress: { readonly copied: number; readonly bytes: number }) => void;
  readonly signal: AbortSignal;
}) {
  const { moveStorage, parseStorageLocation, parseStoreConfiguration, storageLocationText } = await import(
    "@p8e/object-store"
  );
  const { database, storage } = parseStoreConfiguration(options.variables);
  const target = parseStorageLocation(options.to);
  const moved = await moveStorage({
    ...options,
    database,
    from: storage.location,
    to: target,
    googleKeyFile: storage.googleKeyFile,
  });
  const writeDown = moved.switched ? `P8E_STORE_STORAGE=${storageLocationText(target)}` : undefined;
  return { ...moved, writeDown };
}
