import type { Screen } from "../terminal/screen.ts";

/** One thing that was looked at. */
export interface Check {
  readonly what: string;
  readonly ok: boolean;
  readonly says: string;
}

/** `p8e doctor`. */
export function showChecks(screen: Screen, checks: readonly Check[]): void {
  for (const { what, ok, says } of checks) {
    if (ok) screen.say(`${screen.style("green", "✔")} ${what}: ${says}`);
    else screen.fault(`${what}: ${says}`);
  }
}
