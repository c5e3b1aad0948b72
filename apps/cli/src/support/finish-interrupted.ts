import type { Sessions } from "@p8e/sdk";
import type { CommandContext } from "../command-context.ts";

/** A crash left something half-way to the ledger: it is completed, never repeated. */
export async function finishInterrupted({ screen, signal }: CommandContext, sessions: Sessions): Promise<void> {
  for (const { execution, session, error } of await sessions.resume({ signal })) {
    if (session) screen.say(`${screen.style("green", "✔")} completed what was interrupted: ${session.scope}`);
    else if (execution.state === "failed") screen.warn(`an interrupted session failed for good: ${error?.message}`);
    else screen.warn(`an interrupted session must wait: ${error?.message}`);
  }
}
