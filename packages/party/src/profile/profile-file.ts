import { randomBytes } from "node:crypto";
import { chmod, link, mkdir, open, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { hasCode, isP8eError, type Network, P8eError, parseNetwork, utf8Decode } from "@p8e/core";
import { readRegularFile } from "@p8e/machine";
import { parseProfile, profileText } from "./parse-profile.ts";
import type { LocatedProfile, Profile } from "./profile.ts";

/** The name of a profile's file. */
export const PROFILE_FILE = "p8e.json";
/** The folder beside it that holds keys, state and whatever runs here. */
export const PARTY_FOLDER = ".p8e";

/** The file in an environment's data folder that says what runs there. */
export const ENVIRONMENT_FILE = "environment.json";

/** A thousand partners have less. */
const SIZE_MAX = 2_000_000;

/**
 * Reads a profile, and the file of its network where that is not built in.
 * @throws `configuration.invalid` when it is not there, too large, or not of its form
 */
export async function readProfile(path: string): Promise<LocatedProfile> {
  const file = resolve(path);
  const folder = dirname(file);
  const text = await readBounded(file, "the profile");
  // The parser is pure and asks for the network's file by name: read it before, if there is one to read.
  const networkFile = networkFileOf(text);
  const network = networkFile === undefined ? undefined : await readNetwork(resolve(folder, networkFile));
  const profile = parseProfile(text, file, () => network!);
  return { profile, file, folder, dataDir: join(folder, PARTY_FOLDER) };
}

/** Reads a network's file. @throws `configuration.invalid` */
export async function readNetwork(path: string): Promise<Network> {
  const text = await readBounded(path, "the network's file");
  try {
    return parseNetwork(JSON.parse(text));
  } catch (cause) {
    if (!isP8eError(cause))
      throw new P8eError("configuration.invalid", `${path} is not JSON`, { facts: { file: path } });
    throw new P8eError("configuration.invalid", `${path}: ${cause.message}`, {
      facts: { ...cause.facts, file: path },
      hint: cause.hint,
      cause,
    });
  }
}

/**
 * Writes a profile that is not there yet, with the folder beside it.
 * @throws `configuration.invalid` when there is one: nothing is ever overwritten
 */
export async function createProfile(folder: string, profile: Profile): Promise<LocatedProfile> {
  const file = join(resolve(folder), PROFILE_FILE);
  await makePartyFolder(folder);
  const draft = await writeDraft(file, profile);
  try {
    // A link appears with its content or not at all, and never over another file.
    await link(draft, file);
  } catch (cause) {
    throw isTaken(cause) ? existing(file) : unwritable(file, cause);
  } finally {
    await rm(draft, { force: true });
  }
  await syncFolder(dirname(file));
  return { profile, file, folder: dirname(file), dataDir: join(dirname(file), PARTY_FOLDER) };
}

/** @throws `configuration.invalid` when the folder has a profile */
export async function requireNoProfile(folder: string): Promise<void> {
  const file = join(resolve(folder), PROFILE_FILE);
  if (await exists(file)) throw existing(file);
}

/** Replaces a profile at once: a reader sees the old one or the new one. @throws `configuration.invalid` */
export async function writeProfile(located: LocatedProfile, profile: Profile): Promise<LocatedProfile> {
  requireOwnProfile(located);
  const { file } = located;
  const draft = await writeDraft(file, profile);
  try {
    await rename(draft, file);
  } catch (cause) {
    await rm(draft, { force: true });
    throw unwritable(file, cause);
  }
  await syncFolder(dirname(file));
  return { ...located, profile };
}

/** @throws `configuration.invalid` for the profile of an environment's party: those are not changed one by one */
export function requireOwnProfile({ file }: LocatedProfile): void {
  if (basename(file) !== ENVIRONMENT_FILE) return;
  throw new P8eError("configuration.invalid", "the parties of an environment are not changed one by one", {
    facts: { file },
    hint: "Make a profile of your own with p8e init.",
  });
}

/** The folder beside a profile: its owner's alone, and out of version control. Returns its path. */
export async function makePartyFolder(folder: string): Promise<string> {
  const path = join(resolve(folder), PARTY_FOLDER);
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await chmod(path, 0o700);
    await writeFile(join(path, ".gitignore"), "*\n", { flag: "wx" }).catch((error: unknown) => {
      if (!isTaken(error)) throw error;
    });
  } catch (cause) {
    throw unwritable(path, cause);
  }
  return path;
}

async function writeDraft(file: string, profile: Profile): Promise<string> {
  const draft = `${file}.${randomBytes(6).toString("hex")}.new`;
  try {
    await writeFile(draft, profileText(profile), { flag: "wx", mode: 0o644, flush: true });
  } catch (cause) {
    await rm(draft, { force: true });
    throw unwritable(file, cause);
  }
  return draft;
}

/** A rename or a link is on the disk when its folder is; where a folder cannot be opened, the system sees to it. */
async function syncFolder(folder: string): Promise<void> {
  try {
    await using handle = await open(folder, "r");
    await handle.sync();
  } catch {
    // Windows opens no folders.
  }
}

async function readBounded(file: string, what: string): Promise<string> {
  try {
    return utf8Decode(await readRegularFile(file, SIZE_MAX));
  } catch (cause) {
    const tooLarge = hasCode(cause, "input.too_large");
    throw new P8eError("configuration.invalid", tooLarge ? cause.message : `${what} cannot be read: ${file}`, {
      facts: tooLarge ? { file, limit: SIZE_MAX } : { file },
      cause,
      hint: tooLarge ? undefined : "p8e init makes a profile; --profile names another.",
    });
  }
}

function networkFileOf(text: string): string | undefined {
  try {
    const network = (JSON.parse(text) as { network?: unknown } | null)?.network;
    return typeof network === "string" && network.startsWith("file:") ? network.slice("file:".length) : undefined;
  } catch {
    return undefined;
  }
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

function isTaken(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "EEXIST";
}

function existing(file: string): P8eError {
  return new P8eError("configuration.invalid", `there is a profile already: ${file}`, {
    facts: { file },
    hint: "A profile is never overwritten: change the file by hand, or make another in another folder.",
  });
}

function unwritable(file: string, cause: unknown): P8eError {
  return new P8eError("configuration.invalid", `${file} cannot be written`, { facts: { file }, cause });
}
