import { hasCode, isP8eError, type P8eError } from "@p8e/core";
import type { GuestFailure } from "../sandbox/guest-failure.ts";
import type { RunRequest, Sandbox } from "../sandbox/sandbox.ts";

/** Fuel of one call, a tenth of an execution's, and of all together. */
const CALL_FUEL = 400_000_000;
const ALL_FUEL = 4_000_000_000;
const RUNS_MAX = 1000;
const TIME_MS_MAX = 20_000;

/** What trying a contract may take in all, whatever the runs are for. */
export interface TrialMeter {
  /** Runs so far. */
  readonly runs: number;
  /** Whether a run was wanted when there was nothing left for it. */
  readonly isCut: boolean;
  /**
   * Runs the one function of a request, where something is left to run it with.
   *
   * @returns undefined when nothing is left
   * @throws P8eError as {@link Sandbox.tryOut}, but for values that the contract cannot take: that is its failure
   */
  run(request: RunRequest, standInsExcept?: readonly string[]): Promise<TrialRun | undefined>;
}

/** What a run came to. */
export type TrialRun =
  | { readonly kind: "output" }
  | {
      readonly kind: "failure";
      readonly failure: GuestFailure;
      /** While its values were decoded, before the function began. */
      readonly isOfValues: boolean;
    };

/** A meter for one contract; its time begins now. */
export function trialMeter(sandbox: Sandbox, bundle: Uint8Array, signal: AbortSignal | undefined): TrialMeter {
  const deadline = AbortSignal.timeout(TIME_MS_MAX);
  let [runs, fuel, isCut] = [0, 0, false];
  return {
    get runs() {
      return runs;
    },
    get isCut() {
      return isCut;
    },
    async run(request, standInsExcept) {
      isCut ||= runs >= RUNS_MAX || fuel >= ALL_FUEL || deadline.aborted;
      if (isCut) return undefined;
      runs += 1;
      try {
        const options = { fuel: CALL_FUEL, standInsExcept, signal };
        const { outcomes, loadFuel } = await sandbox.tryOut(bundle, request, options);
        const outcome = outcomes[0]!;
        fuel += loadFuel + outcome.fuel;
        return outcome.kind === "output" ? outcome : { ...outcome, isOfValues: false };
      } catch (error) {
        if (!isP8eError(error) || !isOfValues(error)) throw error;
        // Decoding has an execution's fuel.
        if (hasCode(error, "contract.out_of_fuel")) fuel = ALL_FUEL;
        return { kind: "failure", failure: failureOf(error), isOfValues: true };
      }
    },
  };
}

/** The contract stood, and its values could not be handed to it. */
function isOfValues(error: P8eError): boolean {
  return error.facts.step === "load" || error.code === "input.too_large";
}

function failureOf({ code, message, facts }: P8eError): GuestFailure {
  return { code, name: typeof facts.error === "string" ? facts.error : code, message, facts };
}
