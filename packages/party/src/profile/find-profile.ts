import { stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { P8eError } from "@p8e/core";
import { ENVIRONMENT_FILE, PARTY_FOLDER, PROFILE_FILE } from "./profile-file.ts";

/** What a command works with: one party's own profile, or an environment that offers one for each of its parties. */
export type ProfileSource =
  | { readonly kind: "profile"; readonly file: string }
  | { readonly kind: "environment"; readonly dataDir: string };

/** What the looking goes by. */
export interface WhereToLook {
  /** `--profile`: a file, or a folder with a `p8e.json`. */
  readonly profile?: string | undefined;
  /** `--data`: an environment's folder. */
  readonly data?: string | undefined;
  /** `P8E_PROFILE` and `P8E_DATA`. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Where the looking begins. */
  readonly workingFolder: string;
}

/**
 * In this order: `--profile`, `--data`, `P8E_PROFILE`, `P8E_DATA`, then the nearest folder upwards with a `p8e.json` or a
 * `.p8e/environment.json`; where one folder has both, the profile. Undefined when nothing was named and nothing is there.
 * What is named need not be there: whoever opens it says so.
 * @throws `input.invalid` when both options are given
 */
export async function findProfile(where: WhereToLook): Promise<ProfileSource | undefined> {
  const { profile, data, variables, workingFolder } = where;
  if (profile !== undefined && data !== undefined) {
    throw new P8eError("input.invalid", "--profile and --data name two different things: give one of them");
  }
  if (profile !== undefined) return atProfile(resolve(workingFolder, profile));
  if (data !== undefined) return { kind: "environment", dataDir: resolve(workingFolder, data) };
  if (variables.P8E_PROFILE) return atProfile(resolve(workingFolder, variables.P8E_PROFILE));
  if (variables.P8E_DATA) return { kind: "environment", dataDir: resolve(workingFolder, variables.P8E_DATA) };
  for (let folder = resolve(workingFolder); ; folder = dirname(folder)) {
    if (await isFile(join(folder, PROFILE_FILE))) return { kind: "profile", file: join(folder, PROFILE_FILE) };
    const dataDir = join(folder, PARTY_FOLDER);
    if (await isFile(join(dataDir, ENVIRONMENT_FILE))) return { kind: "environment", dataDir };
    if (dirname(folder) === folder) return undefined;
  }
}

async function atProfile(path: string): Promise<ProfileSource> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  return { kind: "profile", file: isFolder ? join(path, PROFILE_FILE) : path };
}

function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
