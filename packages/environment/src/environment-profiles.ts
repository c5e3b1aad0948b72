import { join, resolve } from "node:path";
import { didYouMean, P8eError } from "@p8e/core";
import { folderHolder } from "@p8e/machine";
import {
  DEVELOPMENT_ENCRYPTION_PATH,
  DEVELOPMENT_SIGNING_PATH,
  ENVIRONMENT_FILE,
  type LocatedProfile,
  type PartyName,
} from "@p8e/party/profile";
import { type EnvironmentFile, readEnvironmentFile } from "./environment-file.ts";

/** Where an environment keeps the words of a party's keys, relative to its data folder. */
export function keyFileOf(name: PartyName): string {
  return join("keys", name);
}

/** Where an environment keeps a party's store, relative to its data folder. */
export function storeFolderOf(name: PartyName): string {
  return join("stores", name);
}

/** The profile that an environment offers for each of its parties, the others its partners. */
export function profilesOf(dataDir: string, file: EnvironmentFile): readonly LocatedProfile[] {
  return file.parties.map((party) => ({
    profile: {
      party,
      network: file.network,
      node: { url: file.ledgerUrl },
      keys: {
        signing: `mnemonic-file:${keyFileOf(party.name)}`,
        encryption: `mnemonic-file:${keyFileOf(party.name)}`,
        signingPath: DEVELOPMENT_SIGNING_PATH,
        encryptionPath: DEVELOPMENT_ENCRYPTION_PATH,
      },
      store: { data: storeFolderOf(party.name) },
      partners: file.parties.filter((other) => other !== party).map((other) => ({ ...other, toRegister: false })),
    },
    file: join(dataDir, ENVIRONMENT_FILE),
    folder: dataDir,
    dataDir,
  }));
}

/** @throws `environment.not_running` when the folder holds no environment, or one that is down; `configuration.invalid` */
export async function requireEnvironment(dataDir: string): Promise<EnvironmentFile> {
  const folder = resolve(dataDir);
  const file = await readEnvironmentFile(folder);
  const down = (what: string) =>
    new P8eError("environment.not_running", what, {
      facts: { folder },
      hint: "Start it with npm start, or npx p8e up; --data names another folder.",
    });
  if (file === undefined) throw down(`there is no environment in ${folder}`);
  if (folderHolder(folder) === undefined) throw down(`the environment in ${folder} is not running`);
  return file;
}

/**
 * The profile of one party of a running environment.
 * @throws as {@link requireEnvironment}; `key.unavailable` for a party that is not in it
 */
export async function environmentProfile(dataDir: string, name: string): Promise<LocatedProfile> {
  const file = await requireEnvironment(dataDir);
  const found = profilesOf(resolve(dataDir), file).find(({ profile }) => profile.party.name === name);
  if (found === undefined) {
    const parties = file.parties.map((party) => party.name);
    throw new P8eError("key.unavailable", `there is no party "${name}" in this environment`, {
      facts: { party: name, parties },
      hint: didYouMean(name, parties),
    });
  }
  return found;
}
