import type { LedgerKind } from "@p8e/environment";
import { type CommandDefinition, ledgerKind, positiveInteger } from "../command.ts";

/** `p8e story`. */
export const story: CommandDefinition = {
  register(program, action) {
    program
      .command("story")
      .description("bring up five parties and a ledger, tell the story of a loan, stay up (npm start)")
      .option("--once", "end when the story is told", false)
      .option("--document-mb <size>", "size of the large document", positiveInteger, 100)
      .option(
        "--ledger <kind>",
        "embedded, or provenanced: a real node, run from P8E_PROVENANCED or the path",
        ledgerKind,
      )
      .action(
        action(async (context, options: { once: boolean; documentMb: number; ledger?: LedgerKind }) => {
          const { tellStory } = await import("../story/story.ts");
          await tellStory(context, options);
        }),
      );
  },
};
