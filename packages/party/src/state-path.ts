import { join } from "node:path";
import type { LocatedProfile } from "./profile/profile.ts";

/** The folder of what parties remember. */
export function stateFolder({ dataDir }: Pick<LocatedProfile, "dataDir">): string {
  return join(dataDir, "state");
}

/**
 * What the name of everything that a party remembers of one network begins with, in {@link stateFolder}. A party's name has
 * no dot in it.
 */
export function stateName({ profile, elsewhere }: LocatedProfile): string {
  const { party, network } = profile;
  return elsewhere === true ? `${party.name}.${network.chainId}` : party.name;
}

/** The file of what a party remembers of its sessions. */
export function statePath(located: LocatedProfile): string {
  return join(stateFolder(located), `${stateName(located)}.sqlite`);
}

/** The file of a party's index of records. */
export function indexPath(located: LocatedProfile): string {
  return join(stateFolder(located), `${stateName(located)}.index.sqlite`);
}
