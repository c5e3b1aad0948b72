import { locatedFailure, type SourcePlaces, sourcePlaces } from "@p8e/contract";
import type { FailedContract } from "@p8e/engine";
import type { StateStore } from "../state/state-store.ts";
import type { FoundContract } from "./find-contract.ts";

/** A contract's failure, with the place in its source where this party has the map, else with that in its bundle. */
export async function locatedOutcome(
  { error }: Pick<FailedContract, "error">,
  { manifest }: Pick<FoundContract<unknown>, "manifest">,
  { sourceMaps }: Pick<StateStore, "sourceMaps">,
): Promise<unknown> {
  const map = await sourceMaps.find(manifest.bundle.hash);
  return locatedFailure(error, map === undefined ? undefined : placesOf(map));
}

/** A map that is none, whoever wrote it there, is as good as absent: what failed is the contract. */
function placesOf(map: string): SourcePlaces | undefined {
  try {
    return sourcePlaces(map);
  } catch {
    return undefined;
  }
}
