import { bundlePositions, type SourcePlaces } from "@p8e/contract";
import { isP8eError } from "@p8e/core";
import type { GuestFailure } from "../sandbox/guest-failure.ts";
import type { RunRequest } from "../sandbox/sandbox.ts";
import type { TrialMeter } from "./trial-meter.ts";

/** Names that a contract looks up, and does not fail for, before the one that it fails for. */
const NAMES_MAX = 8;

/**
 * The name of the global object for whose absence a run failed: with a stand-in in its place the use of it fails, at the
 * same line. What is used only where it is there fails at another line then, and is left out of the next try.
 *
 * @param request what failed
 */
export async function missingName(
  meter: TrialMeter,
  failure: GuestFailure,
  { places, request }: { readonly places: SourcePlaces; readonly request: RunRequest },
): Promise<string | undefined> {
  const lineOf = (stack: string | undefined): string | undefined => {
    const [at] = bundlePositions(stack ?? "");
    if (at === undefined) return undefined;
    const place = places.placeOf(at.line, at.column);
    return place === undefined ? `${at.line}:${at.column}` : `${place.file}:${place.line}`;
  };
  const line = lineOf(failure.stack);
  if (line === undefined) return undefined;
  const except: string[] = [];
  while (except.length < NAMES_MAX) {
    const found = await standInUsed(meter, request, except);
    if (found === undefined || except.includes(found.name)) return undefined;
    if (found.stack !== undefined && lineOf(found.stack) === line) return found.name;
    except.push(found.name);
  }
  return undefined;
}

/** Which stand-in a run used first; undefined where it ended otherwise, or there was nothing left to run it with. */
async function standInUsed(
  meter: TrialMeter,
  request: RunRequest,
  except: readonly string[],
): Promise<{ readonly name: string; readonly stack: string | undefined } | undefined> {
  try {
    const run = await meter.run(request, except);
    if (run?.kind !== "failure" || run.failure.name !== "StandIn") return undefined;
    return { name: run.failure.message, stack: run.failure.stack };
  } catch (error) {
    // A bundle that loads without stand-ins may fail with them: for one, or for what it makes of that.
    if (!isP8eError(error) || !error.code.startsWith("contract.")) throw error;
    return error.facts.error === "StandIn" ? { name: error.message, stack: undefined } : undefined;
  }
}
