import type { Verification } from "@p8e/sdk";
import type { Screen } from "../terminal/screen.ts";

/** A line for each finding. */
export function showFindings(screen: Screen, report: Verification): void {
  for (const finding of report.findings) {
    const mark = finding.ok ? screen.style("green", "✔") : screen.style("red", "✖");
    screen.say(`${mark} ${finding.what}: ${finding.says}${finding.code === undefined ? "" : ` (${finding.code})`}`);
  }
}
