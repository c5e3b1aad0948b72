import { join } from "node:path";
import { isP8eError, pause } from "@p8e/core";
import { lockFolder } from "@p8e/machine";
import type { LocatedProfile, Profile } from "./profile.ts";
import { readProfile, requireOwnProfile, writeProfile } from "./profile-file.ts";

const TRIES = 50;
const PAUSE_MS = 100;

/**
 * Changes a profile as it is in its file now, so that of two commands at once neither undoes what the other did.
 * @throws `environment.in_use` when another process has held the profile for seconds; what `change` throws, with nothing
 * changed; `configuration.invalid`
 */
export async function updateProfile(
  located: LocatedProfile,
  change: (profile: Profile) => Profile,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<LocatedProfile> {
  requireOwnProfile(located);
  using _ = await lockProfile(located, options.signal);
  const now = await readProfile(located.file);
  return await writeProfile(now, change(now.profile));
}

async function lockProfile(located: LocatedProfile, signal: AbortSignal | undefined) {
  for (let tried = 1; ; tried++) {
    try {
      return await lockFolder(join(located.dataDir, "profile-lock"), {
        runs: "a change of the profile",
        hint: "Try again in a moment.",
        signal,
      });
    } catch (error) {
      if (!isP8eError(error) || error.code !== "environment.in_use" || tried === TRIES) throw error;
      await pause(PAUSE_MS, signal);
    }
  }
}
