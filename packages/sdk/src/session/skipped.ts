import { P8eError } from "@p8e/core";
import type { PassedResult, SkippedResult } from "@p8e/engine";
import { foreignText } from "../foreign-text.ts";

/** Why a function was not run, in words: "input absent: person". */
export function skipText(reason: SkippedResult["reason"]): string {
  const names = reason.kind === "input absent" ? reason.names : [reason.name];
  return `${reason.kind}: ${names.map((name) => foreignText(name)).join(", ")}`;
}

/** @throws `session.nothing_to_record` when no function was run, with what each lacked */
export function requireRecords(results: readonly (PassedResult | SkippedResult)[]): void {
  if (results.some(({ outcome }) => outcome === "PASS")) return;
  const skipped = results.flatMap((each) =>
    each.outcome === "SKIP" ? [`${foreignText(each.function)} (${skipText(each.reason)})`] : [],
  );
  const absent = new Set(
    results.flatMap((each) =>
      each.outcome === "SKIP" && each.reason.kind === "input absent" ? each.reason.names : [],
    ),
  );
  const missing = [...absent].map((name) => foreignText(name)).join(", ");
  const why = missing === "" ? "every function was skipped" : `no input ${missing}, so every function was skipped`;
  throw new P8eError("session.nothing_to_record", `${why}: there is no record to write`, {
    facts: { skipped },
    hint: "Give the inputs that are absent; --input NAME=FILE on the command line.",
  });
}
