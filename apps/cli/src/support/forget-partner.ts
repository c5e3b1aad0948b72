import { storeVariables } from "@p8e/environment";
import { type ForgottenKeys, forgetRemoteKeys, parseStoreConfiguration } from "@p8e/object-store";
import { type LocatedProfile, ownStoreAccess } from "@p8e/party";
import type { CommandContext } from "../command-context.ts";

/**
 * Takes keys out of the own store by its database, with what waits for them; undefined when the profile knows no database:
 * the store is known by its URL alone, or was never started.
 * @throws `store.unavailable` when the database does not answer
 */
export async function forgetInOwnStore(
  located: LocatedProfile,
  keys: readonly string[],
  variables: CommandContext["variables"],
): Promise<ForgottenKeys | undefined> {
  const access = await ownStoreAccess(located, variables);
  if (access === undefined) return undefined;
  const { database } = parseStoreConfiguration(storeVariables(access, { host: "127.0.0.1", port: 0 }));
  return forgetRemoteKeys(database, [...new Set(keys)]);
}
