import { bundlePositions, type SourcePlaces } from "@p8e/contract";
import { isP8eError } from "@p8e/core";
import type { GuestFailure } from "../sandbox/guest-failure.ts";
import type { RunRequest, Sandbox } from "../sandbox/sandbox.ts";

/** Names that a contract looks up, and does not fail for, before the one that it fails for. */
const NAMES_MAX = 8;

/** What a run is repeated with. */
export interface RepeatedRun {
  readonly bundle: Uint8Array;
  readonly places: SourcePlaces;
  readonly request: RunRequest;
  readonly fuel: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The name of the global object for whose absence a run failed: with a stand-in in its place the use of it fails, at the
 * same line. What is used only where it is there fails at another line then, and is left out of the next try.
 */
export async function missingName(
  sandbox: Sandbox,
  failure: GuestFailure,
  { bundle, places, request, fuel, signal }: RepeatedRun,
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
    const found = await standInUsed(() =>
      sandbox.tryOut(bundle, request, { fuel, standInsExcept: except, ...(signal === undefined ? {} : { signal }) }),
    );
    if (found === undefined || except.includes(found.name)) return undefined;
    if (found.stack !== undefined && lineOf(found.stack) === line) return found.name;
    except.push(found.name);
  }
  return undefined;
}

async function standInUsed(
  run: () => ReturnType<Sandbox["tryOut"]>,
): Promise<{ readonly name: string; readonly stack: string | undefined } | undefined> {
  try {
    const last = (await run()).outcomes.at(-1);
    if (last?.kind !== "failure" || last.failure.name !== "StandIn") return undefined;
    return { name: last.failure.message, stack: last.failure.stack };
  } catch (error) {
    // While the bundle loads, where the run itself did not fail.
    if (!isP8eError(error) || error.code !== "contract.failed" || error.facts.error !== "StandIn") throw error;
    return { name: error.message, stack: undefined };
  }
}
