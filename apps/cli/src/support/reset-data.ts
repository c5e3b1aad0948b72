import { existsSync, lstatSync, readdirSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { basename, dirname, join, resolve, sep } from "node:path";
import { P8eError } from "@p8e/core";
import { FOLDER_HOLDER_FILE, FOLDER_LOCK_FILE, lockFolder, markedProcess } from "@p8e/machine";
import { ENVIRONMENT_FILE, PARTY_FOLDER } from "@p8e/party";
import type { CommandContext } from "../command-context.ts";
import { confirm } from "./confirm.ts";

/** What an environment's folder holds of ours, earlier versions included; whatever else lies there stays. */
const environmentParts = [
  ...[
    "keys",
    "stores",
    "objects",
    "postgres",
    "ledger",
    "provenanced",
    "provenanced.new",
    "state",
    "logs",
    "run",
    "store",
  ],
  ...[`${ENVIRONMENT_FILE}.new`, "up.pid"],
];
/** Every server keeps the lock of its folder while it runs. */
const lockedParts = [
  ["", "the environment"],
  ["store", "the store"],
  ["ledger", "the ledger"],
  ["postgres", "the database"],
  [join("store", "postgres"), "the store's database"],
] as const;
/** Removed last: while it is there, the folder is an environment that `reset` can be run on again. */
const environmentLast = [ENVIRONMENT_FILE];
const lockFiles: readonly string[] = [FOLDER_LOCK_FILE, FOLDER_HOLDER_FILE];
/** Of a profile's folder: keys and the profile itself stay. */
const profileParts = ["store", "ledger", "state"];

/**
 * Removes what an environment or a profile holds, after asking.
 * @throws `environment.in_use` while something runs there, `input.invalid` when nobody can be asked,
 *   `environment.not_running` when there is nothing
 */
export async function resetData(context: CommandContext, options: { readonly yes: boolean }): Promise<void> {
  const { screen, signal } = context;
  const source = await context.source();
  if (source === undefined) {
    throw new P8eError("environment.not_running", "there is no environment here, and no profile: nothing to remove");
  }
  const isProfile = source.kind === "profile";
  const folder = isProfile ? join(dirname(source.file), PARTY_FOLDER) : resolve(source.dataDir);
  if (!isProfile && !existsSync(join(folder, ENVIRONMENT_FILE))) {
    throw new P8eError("environment.not_running", `there is no environment in ${folder}: nothing to remove`, {
      facts: { folder },
    });
  }
  const parts = isProfile ? profileParts : environmentParts;
  // The locks' own files are left: others may wait on them, and Windows removes no file that is open.
  using stack = new DisposableStack();
  requireNoEarlier(folder);
  const locked = new Set<string>();
  for (const [part, runs] of lockedParts) {
    const path = join(folder, part);
    if (!existsSync(path)) continue;
    stack.use(await lockFolder(path, { runs, signal, hint: "npx p8e down stops it." }));
    locked.add(path);
  }
  const there = parts.filter((part) => holdsAnything(join(folder, part)));
  const what = isProfile
    ? `store, ledger and state of ${source.file}; its keys and the profile stay`
    : `the environment in ${folder}, with all its data`;
  if (!options.yes) {
    screen.say(`This removes ${what}.`);
    const hint = "--yes removes without asking.";
    await confirm(context, { question: "Remove it?", what: "remove it", hint, otherwise: "nothing was removed" });
  }
  for (const part of [...there, ...(isProfile ? [] : environmentLast)]) await clear(join(folder, part), locked);
  const left = readdirSync(folder).filter((name) => holdsAnything(join(folder, name)));
  screen.say(`${screen.style("green", "✔")} removed ${what}`);
  screen.result({ folder, removed: there, left });
}

/** Whether there is more than the files of locks. */
function holdsAnything(path: string): boolean {
  if (!existsSync(path)) return false;
  if (!lstatSync(path).isDirectory()) return !lockFiles.includes(basename(path));
  const names = readdirSync(path);
  return names.length === 0 || names.some((name) => holdsAnything(join(path, name)));
}

/** Removes what is there, but for the files of the locks that are held. */
async function clear(path: string, locked: ReadonlySet<string>): Promise<void> {
  if (![...locked].some((each) => each === path || each.startsWith(path + sep))) {
    return rm(path, { recursive: true, force: true, maxRetries: 3 });
  }
  for (const name of await readdir(path)) {
    if (!(locked.has(path) && lockFiles.includes(name))) await clear(join(path, name), locked);
  }
}

/** An earlier p8e marked its folder by another file. */
function requireNoEarlier(folder: string): void {
  const process = markedProcess(join(folder, "up.pid"));
  if (process === undefined) return;
  throw new P8eError("environment.in_use", `process ${process} runs the environment in ${folder}`, {
    facts: { folder, process },
    hint: "npx p8e down stops it.",
  });
}
