import { type LedgerUnderTest, World } from "../ledger-conformance/world.ts";
import { castOf } from "./cast.ts";
import { prepare, stepsOf } from "./lanes.ts";
import { type Observation, type Observed, observe, UNKNOWN_CODE } from "./observe.ts";
import type { Step } from "./step.ts";
import { timeSteps } from "./time-steps.ts";

/** A step to which two nodes answered otherwise. */
export interface Difference {
  readonly what: string;
  /** Which lane's step it is. */
  readonly place: string;
  readonly here: Observation;
  readonly node: Observation;
  readonly texts: { readonly here: string; readonly node: string };
}

/** How much to compare. */
export interface DifferentialOptions {
  /** All steps follow from it, and from the seed of the nodes' keys. */
  readonly seed: number;
  /** People beside each other, who know nothing of one another. One more tries what time does. */
  readonly lanes: number;
  /** Of each lane. */
  readonly steps: number;
  /** Whether a difference is known; where it leaves the two in different states, its lane ends. */
  readonly isAccepted: (difference: Difference) => boolean;
}

/** What a comparison came to. */
export interface Comparison {
  /** Steps that were taken on both. */
  readonly compared: number;
  /** Steps that were left out, behind an accepted difference. */
  readonly left: number;
  /** Those that are not accepted. */
  readonly differences: readonly Difference[];
  readonly accepted: readonly Difference[];
}

const observed = ["answer", "broadcast", "result", "paid", "events", "value"] as const;

/**
 * Sends the same generated steps to both, lanes beside each other, and compares what came of each: code, codespace, gRPC
 * status, what was paid, the names of events, what queries answer. Texts are not compared.
 */
export async function compareLedgers(
  here: LedgerUnderTest,
  node: LedgerUnderTest,
  { seed, lanes, steps, isAccepted }: DifferentialOptions,
): Promise<Comparison> {
  using ours = new World(here);
  using theirs = new World(node);
  const casts = Array.from({ length: lanes }, (_, lane) => castOf(ours, `${node.seed} ${seed} ${lane}`));
  const timed = castOf(ours, `${node.seed} ${seed} time`);
  await Promise.all([prepare(ours, [...casts, timed]), prepare(theirs, [...casts, timed])]);
  const taken = await Promise.all([
    ...casts.map((cast, lane) =>
      compareLane({ ours, theirs, name: `lane ${lane}`, isAccepted }, stepsOf(seed * SEED_STEP + lane, cast, steps)),
    ),
    compareLane({ ours, theirs, name: "time", isAccepted }, timeSteps(timed, Date.now())),
  ]);
  return {
    compared: taken.reduce((sum, { compared }) => sum + compared, 0),
    left: taken.reduce((sum, { left }) => sum + left, 0),
    differences: taken.flatMap(({ differences }) => differences),
    accepted: taken.flatMap(({ accepted }) => accepted),
  };
}

/** Lanes of one seed are not those of the next. */
const SEED_STEP = 1_000;

interface Lane {
  readonly ours: World;
  readonly theirs: World;
  readonly name: string;
  readonly isAccepted: DifferentialOptions["isAccepted"];
}

async function compareLane({ ours, theirs, name, isAccepted }: Lane, steps: readonly Step[]): Promise<Comparison> {
  const differences: Difference[] = [];
  const accepted: Difference[] = [];
  for (const [index, step] of steps.entries()) {
    const [here, node] = await Promise.all([observe(ours, step), observe(theirs, step)]);
    if (isSame(here, node)) continue;
    const difference: Difference = {
      what: step.what,
      place: `${name}, step ${index}`,
      here: here.observation,
      node: node.observation,
      texts: { here: here.text, node: node.text },
    };
    (isAccepted(difference) ? accepted : differences).push(difference);
    if (here.observation.result === node.observation.result) continue;
    // From here on the two would differ in everything that follows.
    return { compared: index + 1, left: steps.length - index - 1, differences, accepted };
  }
  return { compared: steps.length, left: 0, differences, accepted };
}

function isSame({ observation: left }: Observed, { observation: right }: Observed): boolean {
  return observed.every(
    (name) => left[name] === right[name] || (name === "answer" && isSameStatus(left[name], right[name])),
  );
}

/** Where the code of one did not arrive, only the status can be compared. */
function isSameStatus(left = "", right = ""): boolean {
  if (!left.endsWith(UNKNOWN_CODE) && !right.endsWith(UNKNOWN_CODE)) return false;
  return left.split(" ", 2).join() === right.split(" ", 2).join();
}
