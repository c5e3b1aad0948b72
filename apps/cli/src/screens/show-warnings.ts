import type { BuiltContract } from "@p8e/contract";
import type { TrialReport } from "@p8e/engine";
import type { Screen } from "../terminal/screen.ts";

/** Tells what a contract's author should know, and what stops nobody. */
export function showWarnings(
  screen: Screen,
  {
    manifest,
    sourceWarnings,
    trial,
  }: Pick<BuiltContract, "manifest" | "sourceWarnings"> & { readonly trial: TrialReport | undefined },
): void {
  for (const { where, message } of [...manifest.warnings, ...sourceWarnings, ...(trial?.warnings ?? [])]) {
    screen.warn(`${where} ${message}`);
  }
}
