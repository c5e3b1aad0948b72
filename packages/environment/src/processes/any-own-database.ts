import { resolve } from "node:path";
import { hasCode } from "@p8e/core";
import { ENVIRONMENT_FILE, type LocatedProfile, ownStoreAccess, type StoreAccess, writeStoreFile } from "@p8e/party";
import { type OwnDatabase, type OwnDatabaseOptions, openOwnDatabase } from "./own-database.ts";

/** The store's database, running already or started for this; in an environment it is the environment's to start. */
export async function anyOwnDatabase(
  located: LocatedProfile,
  { variables, stack, signal }: Pick<OwnDatabaseOptions, "variables" | "stack" | "signal">,
): Promise<OwnDatabase> {
  const running = async () => {
    const access = await ownStoreAccess(located, variables);
    const { data } = located.profile.store;
    const folder = data === undefined ? undefined : resolve(located.folder, data);
    return access && { access, saveStorage: folder === undefined ? undefined : saver(folder, access) };
  };
  if (located.file.endsWith(ENVIRONMENT_FILE)) {
    const found = await running();
    if (found !== undefined) return found;
  }
  try {
    return await openOwnDatabase(located, { variables, log: () => {}, stack, signal });
  } catch (error) {
    const found = hasCode(error, "environment.in_use") ? await running() : undefined;
    if (found === undefined) throw error;
    return found;
  }
}

function saver(folder: string, access: StoreAccess): NonNullable<OwnDatabase["saveStorage"]> {
  return (storage) => writeStoreFile(folder, { ...access, storage });
}
