import { resolve } from "node:path";
import type { ProfileSource } from "@p8e/party";

/** The folder that `npm start` and `p8e up` make where no other is named. */
const DEFAULT_DATA = ".p8e";

/** What a command that is proposed must say to act in the environment that this one acted in: nothing where it would be found anyway. */
export function atSameEnvironment(source: ProfileSource | undefined): string {
  return source?.kind === "environment" && source.dataDir !== resolve(DEFAULT_DATA) ? ` --data ${source.dataDir}` : "";
}
