import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { P8eError } from "@p8e/core";
import { type ServingFolder, type Standing, servingFolders } from "@p8e/environment/profiles";
import { ENVIRONMENT_FILE, PARTY_FOLDER } from "@p8e/party/profile";
import type { CommandContext } from "../command-context.ts";

/**
 * The folders that may be served from here: of the environment, of the profile that acts, or of a store or ledger that runs
 * without either.
 * @throws `environment.not_running` when there is neither
 */
export async function servingOf(context: CommandContext): Promise<readonly ServingFolder[]> {
  const source = await context.source();
  if (source?.kind === "profile") {
    context.screen.actsBy(source.file);
    return servingFolders({ party: join(dirname(source.file), PARTY_FOLDER) });
  }
  const folder = resolve(source?.dataDir ?? context.dataDir);
  if (!existsSync(join(folder, ENVIRONMENT_FILE))) {
    const alone = servingFolders({ party: folder });
    if (alone.length > 0) return alone;
    throw new P8eError("environment.not_running", `there is no environment in ${folder}, and no profile`, {
      facts: { folder },
      hint: "npx p8e up starts one; --data and --profile name one elsewhere.",
    });
  }
  return servingFolders({ environment: folder });
}

/** A standing as JSON has it. */
export function standingView({ what, folder, process, leftDatabase }: Standing): object {
  return { what: what.replace(/^the /, ""), folder, process: process ?? null, leftDatabase: leftDatabase ?? null };
}
