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
  for (const { what, outcome, says, code } of report.findings) {
    const mark = screen.style(marks[outcome][0], marks[outcome][1]);
    screen.say(`${mark} ${what}: ${words[outcome]}${says}${code === undefined ? "" : ` (${code})`}`);
  }
}
