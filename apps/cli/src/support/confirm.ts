import { P8eError } from "@p8e/core";
import type { CommandContext } from "../command-context.ts";
import { askYesNo } from "../terminal/ask.ts";
import { processTerminal } from "./passphrase.ts";

/**
 * Goes on when a person says yes, and not where nobody sits.
 * @param what would be done, as in "whether to send it"
 * @throws `input.invalid` when nobody can be asked; `rpc.cancelled` for a no
 */
export async function confirm(
  { screen, signal }: Pick<CommandContext, "screen" | "signal">,
  asked: {
    readonly question: string;
    readonly what: string;
    readonly hint: string;
    /** What a no leaves as it is. */
    readonly otherwise?: string;
    readonly inputTaken?: boolean;
  },
): Promise<void> {
  const terminal = asked.inputTaken === true ? undefined : processTerminal();
  if (terminal === undefined || screen.json) {
    throw new P8eError("input.invalid", `nobody can be asked whether to ${asked.what}`, { hint: asked.hint });
  }
  if (await askYesNo(terminal, asked.question, signal)) return;
  throw new P8eError("rpc.cancelled", asked.otherwise ?? "nothing was signed");
}
