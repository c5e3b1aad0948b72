import { type BuiltContract, type Fault, type SourcePlace, sourcePlaces } from "@p8e/contract";
import { throwIfCancelled, utf8Decode } from "@p8e/core";
import type { GuestFailure } from "../sandbox/guest-failure.ts";
import type { RunRequest, Sandbox } from "../sandbox/sandbox.ts";
import { bundleWords } from "./bundle-words.ts";
import { missingName } from "./missing-name.ts";
import { trialMeter } from "./trial-meter.ts";
import { type TrialValueOptions, trialValue } from "./trial-value.ts";

/** Values of inputs and records that an author gives, serialized and by name; what is missing is made up. */
export interface TrialCase {
  /** How it is called before people, as `fixtures/late`. */
  readonly name: string;
  readonly values: ReadonlyMap<string, Uint8Array>;
}

/** How a contract is tried. */
export interface TrialOptions {
  readonly cases?: readonly TrialCase[];
  /** Names that a function may reach for although no contract has them: it is a warning then. */
  readonly allow?: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/** What trying a contract showed. */
export interface TrialReport {
  /** How often a function was run, again for the cause of a failure included. */
  readonly runs: number;
  /** Where functions reached for what no contract has. */
  readonly faults: readonly Fault[];
  /** Where functions failed otherwise than by refusing, and whether not all was tried. */
  readonly warnings: readonly Fault[];
}

/** Values that a seed makes, beside all fields, none, and all with each word of the source. */
const SEEDED = 6;
/** Warnings of a function, and the length of what it said. */
const WARNINGS_MAX = 3;
const MESSAGE_LENGTH_MAX = 200;

/**
 * Runs each function of a built contract in the sandbox, on its author's cases and on values that are made up, the same
 * each time. It finds what no analysis of names does: names that are put together while it runs, and methods that are
 * refused. That nothing was found proves nothing.
 *
 * @throws P8eError `rpc.cancelled`, and what {@link Sandbox.run} throws for what went wrong around a run
 */
export async function tryFunctions(
  sandbox: Sandbox,
  built: BuiltContract,
  { cases = [], allow = [], signal }: TrialOptions = {},
): Promise<TrialReport> {
  const { manifest, bundle } = built;
  const places = sourcePlaces(built.map);
  const words = bundleWords(utf8Decode(bundle), places);
  const meter = trialMeter(sandbox, bundle, signal);
  const failures = new Map<string, FailedRun>();
  const endless = new Map<string, string>();
  for (const round of [...cases.map(givenRound), ...madeUp(words)]) {
    for (const { name: called, inputs } of manifest.functions) {
      throwIfCancelled(signal);
      const values = [...inputs, ...manifest.records];
      if (round.given !== undefined && !values.some(({ name }) => round.given!.has(name))) continue;
      const request = requestOf(built, called, round);
      if ("endless" in request) {
        endless.set(called, request.endless);
        continue;
      }
      const run = await meter.run(request);
      if (run === undefined || run.kind === "output" || run.failure.facts.rule !== undefined) continue;
      const { failure, isOfValues } = run;
      const place = places.placeIn(failure.stack);
      const key = [called, place?.file, place?.line, failure.name, failure.message].join("\n");
      if (failures.has(key)) continue;
      const name =
        failure.code === "contract.no_authority"
          ? String(failure.facts.name)
          : await missingName(meter, failure, { places, request });
      failures.set(key, { called, failure, isOfValues, place, name, on: round.name });
    }
  }
  const { faults, warnings } = reportOf([...failures.values()], allow);
  const cuts = [...endless].map(([called, typeName]) => ({
    where: `function ${called}`,
    message: `was not tried on some made-up values: ${typeName} requires itself, or too much, to be made up`,
  }));
  if (meter.isCut) {
    const message = `was tried ${meter.runs} times, which is not all: more would take too long`;
    cuts.push({ where: "the contract", message });
  }
  return { runs: meter.runs, faults, warnings: [...warnings, ...cuts.map((cut) => ({ rule: "trial-cut", ...cut }))] };
}

/** What a function is run on, and how that is called. */
interface Round {
  readonly name: string;
  /** Absent where all is made up. */
  readonly given?: ReadonlyMap<string, Uint8Array>;
  readonly rest: TrialValueOptions;
}

function givenRound({ name, values }: TrialCase): Round {
  return { name, given: values, rest: { fields: "all", seed: 1, words: [] } };
}

/** Everything, nothing, everything with each word where texts are, and whatever a seed makes. */
function madeUp(words: readonly string[]): readonly Round[] {
  const rests: TrialValueOptions[] = [
    { fields: "all", seed: 1, words },
    { fields: "none", seed: 1, words },
  ];
  for (const [index, everyText] of words.entries()) rests.push({ fields: "all", seed: index + 2, words, everyText });
  for (let seed = 1; seed <= SEEDED; seed += 1) rests.push({ fields: "some", seed: seed * 7919, words });
  return rests.map((rest) => ({ name: "made-up values", rest }));
}

/** A function's run on a round; or the type of which no value can be made up. */
function requestOf(
  { manifest, types }: BuiltContract,
  called: string,
  { given, rest }: Round,
): RunRequest | { readonly endless: string } {
  let endless: string | undefined;
  const bytesOf = ({ name, typeName }: { readonly name: string; readonly typeName: string }) => {
    const bytes = given?.get(name) ?? trialValue(types.message(typeName), types, rest);
    if (bytes === undefined) endless = typeName;
    return [name, bytes ?? new Uint8Array(0)] as const;
  };
  const { inputs } = manifest.functions.find(({ name }) => name === called)!;
  const isThere = (record: { readonly name: string; readonly optional: boolean }): boolean =>
    !record.optional || (given === undefined ? rest.fields === "all" : given.has(record.name));
  const request = {
    startedAt: { seconds: 1_735_689_600n, nanos: 0 },
    records: manifest.records.filter(isThere).map(bytesOf),
    inputs: inputs.map(bytesOf),
    calls: [called],
  };
  return endless === undefined ? request : { endless };
}

/** A function that failed otherwise than by refusing. */
interface FailedRun {
  readonly called: string;
  readonly failure: GuestFailure;
  /** The function had not begun. */
  readonly isOfValues: boolean;
  readonly place: SourcePlace | undefined;
  /** What it reached for and no contract has, if that is why. */
  readonly name: string | undefined;
  readonly on: string;
}

function reportOf(failures: readonly FailedRun[], allow: readonly string[]): Pick<TrialReport, "faults" | "warnings"> {
  const faults = new Map<string, Fault>();
  const warnings: Fault[] = [];
  const warned = new Map<string, number>();
  for (const { called, failure, isOfValues, place, name, on } of failures) {
    const at = place === undefined ? `function ${called}` : `${place.file}:${place.line}`;
    if (name !== undefined) {
      const fault: Fault = {
        rule: "sandbox-reach",
        where: at,
        message: `reaches for ${shownName(name)}, which no contract has: ${called} got there on ${on}`,
        ...(place === undefined ? {} : { place: { ...place, name: shownName(name) } }),
      };
      if (allow.includes(name)) warnings.push(fault);
      else faults.set(`${at}\n${name}`, faults.get(`${at}\n${name}`) ?? fault);
      continue;
    }
    const count = (warned.get(called) ?? 0) + 1;
    warned.set(called, count);
    if (count > WARNINGS_MAX) continue;
    const where = `function ${called}`;
    warnings.push({
      rule: "trial-failure",
      where,
      message: `fails on ${on}: ${reason(failure, isOfValues)}${place ? ` at ${at}` : ""}`,
    });
  }
  return { faults: [...faults.values()], warnings };
}

function reason({ code, name, message }: GuestFailure, isOfValues: boolean): string {
  if (code === "contract.out_of_fuel" && !isOfValues) return "it takes more than a tenth of an execution's fuel";
  const text = message.replaceAll(/\s+/g, " ").slice(0, MESSAGE_LENGTH_MAX);
  if (isOfValues) return `its values cannot be handed to it: ${text}`;
  return code === "contract.failed" ? `${name.slice(0, MESSAGE_LENGTH_MAX)}: ${text}` : text;
}

function shownName(name: string): string {
  return /^[\w$.]{1,100}$/.test(name) ? name : JSON.stringify(name.slice(0, 100));
}
