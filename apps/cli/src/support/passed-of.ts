import type { ExecutedSession } from "@p8e/sdk";

/** How many functions ran and gave a record; the others had no input. */
export function passedOf({ results }: { readonly results: readonly Outcome[] }): number {
  return results.filter(({ outcome }) => outcome === "PASS").length;
}

type Outcome = Pick<ExecutedSession["results"][number], "outcome">;
