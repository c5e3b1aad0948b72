import type { PublicationComparison } from "@p8e/sdk";
import type { Screen } from "../terminal/screen.ts";

/** Scopes that are named in a line; the rest are counted. */
const SCOPES_SHOWN = 3;

/** A line for each change, with what it breaks. */
export function showComparison(screen: Screen, comparison: PublicationComparison): void {
  const { className, contract, published, changes, unread } = comparison;
  if (published === undefined) screen.say(`${className} is not on the ledger yet.`);
  else if (published === contract) screen.say(`${className} is on the ledger as it is here: ${contract}.`);
  else screen.say(`${className} is on the ledger as ${published}; this one would be ${contract}.`);
  for (const { what, says, scopes, contracts } of changes) {
    const isBreaking = scopes.length > 0 || contracts.length > 0;
    if (isBreaking) screen.fault(`${what} ${says}`);
    else screen.say(`${screen.style("green", "✔")} ${what} ${says}`);
    const shown = scopes.slice(0, SCOPES_SHOWN).join(", ");
    const more = scopes.length > SCOPES_SHOWN ? ` and ${scopes.length - SCOPES_SHOWN} more` : "";
    if (scopes.length > 0) screen.say(`    breaks ${shown}${more}`);
    for (const each of contracts) screen.say(`    breaks ${each.className} (${each.contract})`);
  }
  for (const each of unread) screen.warn(`not looked at: ${each}`);
}
