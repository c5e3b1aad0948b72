import * as scope from "@p8e/proto/scope";

/** What a function came to. */
export interface FunctionResult {
  /** NONE: the execution did not come to it. */
  readonly outcome: "PASS" | "SKIP" | "FAIL" | "NONE";
  /** Of the output, when it passed. */
  readonly hash?: string;
  /** What it was charged; absent where nothing is said of it. */
  readonly fuel?: bigint;
  /** Why it failed. */
  readonly message?: string;
}

/** One function as it was signed, and as it came out again. */
export interface ReplayedFunction {
  readonly function: string;
  /** The record it writes. */
  readonly record: string;
  readonly signed: FunctionResult;
  readonly replayed: FunctionResult;
}

/** In what a function differs: whether it ran to its end, what it gave, what it was charged. */
export type ReplayDifference = "outcome" | "output" | "fuel";

/** Puts a signed contract beside the same contract executed again, function by function in the signed one's order. */
export function compareReplay(signed: scope.Contract, replayed: scope.Contract): readonly ReplayedFunction[] {
  return signed.considerations.map(({ considerationName, result }) => {
    const again = replayed.considerations.find((each) => each.considerationName === considerationName)?.result;
    return {
      function: considerationName,
      record: (result ?? again)?.output?.name ?? "",
      signed: functionResult(result),
      replayed: functionResult(again),
    };
  });
}

/** What differs. Fuel is compared where both sides name it, and only of functions that gave the same. */
export function differencesOf({ signed, replayed }: ReplayedFunction): readonly ReplayDifference[] {
  if (signed.outcome !== replayed.outcome) return ["outcome"];
  if (signed.outcome !== "PASS") return [];
  const differences: ReplayDifference[] = [];
  if (signed.hash !== replayed.hash) differences.push("output");
  if (signed.fuel !== undefined && replayed.fuel !== undefined && signed.fuel !== replayed.fuel) {
    differences.push("fuel");
  }
  return differences;
}

/** A contract as it was before anybody executed it: without any result. */
export function withoutResults(contract: scope.Contract): scope.Contract {
  const considerations = contract.considerations.map(({ result: _dropped, ...each }) => each);
  return { ...contract, considerations };
}

function functionResult(result: scope.ExecutionResult | undefined): FunctionResult {
  const { PASS, SKIP, FAIL } = scope.ExecutionResult_Result;
  const fuel = result === undefined || result.fuel === 0n ? {} : { fuel: result.fuel };
  if (result?.result === PASS) return { outcome: "PASS", hash: result.output?.hash ?? "", ...fuel };
  if (result?.result === SKIP) return { outcome: "SKIP" };
  if (result?.result === FAIL) return { outcome: "FAIL", message: result.errorMessage, ...fuel };
  return { outcome: "NONE" };
}
