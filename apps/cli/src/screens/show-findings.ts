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

/** A line for all records that hold, one for their inputs, one for contracts; one for each of everything else. */
export function summarizeFindings(screen: Screen, report: { readonly findings: readonly Finding[] }): void {
  const told = new Set<Kind>();
  for (const finding of report.findings) {
    const kind = kindOf(finding);
    if (kind === undefined) show(screen, finding);
    else if (!told.has(kind)) {
      told.add(kind);
      const alike = report.findings.filter((each) => kindOf(each) === kind);
      if (alike.length === 1 && kind === "contract") show(screen, finding);
      else screen.say(`${mark(screen, "holds")} ${inOneLine(kind, alike)}`);
    }
  }
}

type Kind = keyof typeof namesOf;

/** Of which there are many in a report, and where a finding names which it is. */
const namesOf = {
  record: /^record "([^"]*)"/,
  input: /^input "([^"]*)"/,
  contract: /^contract (\S+)$/,
} as const;

function inOneLine(kind: Kind, alike: readonly Finding[]): string {
  const names = [...new Set(alike.map(({ what }) => namesOf[kind].exec(what)![1]!))].join(", ");
  const what = `${alike.length} ${kind}${alike.length === 1 ? "" : "s"} (${names})`;
  if (kind === "contract") {
    return `${what}: the code of each has the hash its specification names, and describes itself as the ledger does`;
  }
  const content = alike.length === 1 ? "its content has" : "the content of each has";
  return `${what}: ${content} the hash on the ledger and is of the type named there`;
}

/** Of those that are many and hold. */
function kindOf({ what, outcome }: Finding): Kind | undefined {
  if (outcome !== "holds") return undefined;
  return (Object.keys(namesOf) as Kind[]).find((kind) => namesOf[kind].test(what));
}

function show(screen: Screen, { what, outcome, says, code }: Finding): void {
  const cause = code === undefined ? "" : ` (${code})`;
  const text = `${what}: ${words[outcome]}${says}${cause}`;
  if (outcome === "broken") screen.fault(text);
  else screen.say(`${mark(screen, outcome)} ${text}`);
}

function mark(screen: Screen, outcome: Outcome): string {
  return screen.style(marks[outcome][0], marks[outcome][1]);
}
