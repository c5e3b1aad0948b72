import type { ContractCost } from "@p8e/sdk";
import type { Screen } from "../terminal/screen.ts";

/** `p8e contract cost`. */
export function showCost(
  screen: Screen,
  {
    className,
    chainId,
    cost: { publishing, execution },
  }: { readonly className: string; readonly chainId: string; readonly cost: ContractCost },
  inWords: (nhash: bigint) => string,
): void {
  screen.heading(`${className} on ${chainId}`);
  const many = publishing.transactions > 1 ? `, in ${publishing.transactions} transactions` : "";
  screen.facts([
    ["publishing it", `${inWords(publishing.fee)} for ${publishing.messages} messages${many}`],
    [
      "on a new scope",
      execution.newScope === undefined ? "not possible: it only updates" : inWords(execution.newScope),
    ],
    ["on an existing one", inWords(execution.existingScope)],
    ["of that each record", inWords(execution.perRecord)],
  ]);
  screen.say(`An execution is counted with ${execution.records} records, one for each function.`);
}
