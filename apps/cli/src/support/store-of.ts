import { basename } from "node:path";
import { hasCode, P8eError } from "@p8e/core";
import { storeVariables } from "@p8e/environment/profiles";
import { databaseVariables, parseStoreConfiguration, type StoreConfiguration } from "@p8e/object-store/inspection";
import {
  ENVIRONMENT_FILE,
  type LocatedProfile,
  ownStoreAccess,
  type PartyDescription,
  partyOfKey,
} from "@p8e/party/profile";
import type { CommandContext } from "../command-context.ts";

/** A store by its database, for its operator. */
export interface OperatedStore {
  readonly configuration: StoreConfiguration;
  /** For a person. */
  readonly title: string;
  /** Whose a key is, where the profile says. */
  readonly nameOf: (key: string) => string | undefined;
  readonly partyOf: (key: string) => PartyDescription | undefined;
  /** Throws what was thrown; of a database that is away with whose it is. */
  readonly sayWhose: (thrown: unknown) => never;
}

/**
 * The store of the profile, or without one the one that the DB_ variables name.
 * @param name the party, where an environment has several: `--store`
 * @throws `configuration.invalid` when no database is named
 */
export async function storeOf(context: CommandContext, name: string | undefined): Promise<OperatedStore> {
  const byVariables = name === undefined && databaseVariables.some((variable) => context.variables[variable]);
  return await storeOfParty(context, byVariables ? undefined : await context.profile(name, "--store"));
}

/** The store of a profile that was found already; without one, of the DB_ variables. @throws `configuration.invalid` */
export async function storeOfParty(
  context: CommandContext,
  located: LocatedProfile | undefined,
): Promise<OperatedStore> {
  const configuration = parseStoreConfiguration(
    located === undefined ? context.variables : await variablesOf(located, context),
  );
  const partyOf = (key: string) => (located === undefined ? undefined : partyOfKey(located.profile, key));
  return {
    configuration,
    title:
      located === undefined
        ? `the database ${configuration.database.name}`
        : `the store of ${located.profile.party.title}`,
    nameOf: (key) => partyOf(key)?.title,
    partyOf,
    sayWhose: (thrown) => {
      throw located === undefined ? thrown : ofStore(thrown, located, configuration.database);
    },
  };
}

/** A database that is away, with whose it is: it runs with the store. */
function ofStore(
  thrown: unknown,
  { profile, file }: LocatedProfile,
  { host, port }: { readonly host: string; readonly port: number },
): unknown {
  if (!hasCode(thrown, "store.unavailable")) return thrown;
  const database = `${host}:${port}`;
  const runs = profile.store.data === undefined ? `${file} names it as store.database.` : "p8e store serve runs it.";
  return new P8eError(
    "store.unavailable",
    `the database of the store of ${profile.party.title}, at ${database}, cannot be reached`,
    {
      facts: { ...thrown.facts, database },
      hint: basename(file) === ENVIRONMENT_FILE ? "p8e up runs it." : runs,
      cause: thrown,
    },
  );
}

async function variablesOf(located: LocatedProfile, { variables }: CommandContext): Promise<Record<string, string>> {
  const access = await ownStoreAccess(located, variables);
  if (access !== undefined) return storeVariables(access, { host: "127.0.0.1", port: 0 });
  const { party } = located.profile;
  throw new P8eError("configuration.invalid", `the database of the store at ${party.storeUrl} is not known here`, {
    facts: { file: located.file, field: "store" },
    hint: "Only who runs a store can look into it: start it once with p8e store serve, or name its database in the profile.",
  });
}
