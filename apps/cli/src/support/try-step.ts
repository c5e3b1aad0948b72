import { type BuiltContract, contractInvalid } from "@p8e/contract";
import { type Sandbox, type TrialReport, tryFunctions } from "@p8e/engine";
import type { Screen } from "../terminal/screen.ts";
import { fixturesOf } from "./fixtures-of.ts";

/**
 * Runs a built contract's functions in the sandbox in front of the person's eyes, on its fixtures and on made-up values.
 * @throws `contract.invalid` when one reaches for what no contract has; `input.invalid` for a fixture; `rpc.cancelled`
 */
export async function tryStep(
  { screen, sandbox, signal }: { readonly screen: Screen; readonly sandbox: Sandbox; readonly signal: AbortSignal },
  file: string,
  built: BuiltContract,
  allow: readonly string[],
): Promise<TrialReport> {
  const cases = await fixturesOf(file, built, signal);
  return await screen.step(
    `trying ${built.manifest.className}`,
    async () => {
      const report = await tryFunctions(sandbox, built, { cases, allow, signal });
      if (report.faults.length > 0) throw contractInvalid(built.manifest.className, report.faults);
      return report;
    },
    ({ runs, warnings }) => {
      const isAllowed = warnings.some(({ rule }) => rule === "sandbox-reach");
      const but = isAllowed ? " but for what is allowed" : "";
      return `its functions ran ${runs} times in the sandbox, and reached for nothing that it lacks${but}`;
    },
  );
}
