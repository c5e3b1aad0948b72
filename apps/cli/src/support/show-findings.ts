import type { Finding, Outcome } from "@p8e/sdk";
import type { Screen } from "../terminal/screen.ts";

const marks = {
  holds: ["green", "✔"],
  broken: ["red", "✖"],
  not_shown: ["yellow", "–"],
  unchecked: ["yellow", "?"],
} as const satisfies Record<Outcome, readonly [string, string]>;

const words: Record<Outcome, string> = {
  holds: "",
  broken: "broken: ",
  not_shown: "not shown: ",
  unchecked: "cannot be checked: ",
};

/** A line for each finding. */
export function showFindings(screen: Screen, report: { readonly findings: readonly Finding[] }): void {
  for (const finding of report.findings) show(screen, finding);
}

/** A line for all records that hold, and one for their inputs; one for each of everything else. */
export function summarizeFindings(screen: Screen, report: { readonly findings: readonly Finding[] }): void {
  const told = new Set<string>();
  for (const finding of report.findings) {
    const kind = kindOf(finding);
    if (kind === undefined) show(screen, finding);
    else if (!told.has(kind)) {
      told.add(kind);
      const alike = report.findings.filter((each) => kindOf(each) === kind);
      const names = [...new Set(alike.map(({ what }) => /"([^"]*)"/.exec(what)![1]!))].join(", ");
      const content = alike.length === 1 ? "its content has" : "the content of each has";
      const what = `${alike.length} ${kind}${alike.length === 1 ? "" : "s"}`;
      screen.say(
        `${mark(screen, "holds")} ${what} (${names}): ${content} the hash on the ledger and is of the type named there`,
      );
    }
  }
}

/** Of those that are many and hold. */
function kindOf({ what, outcome }: Finding): "record" | "input" | undefined {
  const kind = /^(record|input) "[^"]*"/.exec(what)?.[1];
  return outcome === "holds" ? (kind as "record" | "input" | undefined) : undefined;
}

function show(screen: Screen, { what, outcome, says, code }: Finding): void {
  const cause = code === undefined ? "" : ` (${code})`;
  screen.say(`${mark(screen, outcome)} ${what}: ${words[outcome]}${says}${cause}`);
}

function mark(screen: Screen, outcome: Outcome): string {
  return screen.style(marks[outcome][0], marks[outcome][1]);
}
