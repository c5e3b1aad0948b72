import { type CommandDefinition, positiveInteger } from "../command.ts";

/** `p8e story`. */
export const story: CommandDefinition = {
  register(program, action) {
    program
      .command("story")
      .description("bring up two parties and a ledger, tell the story of a loan, stay up (npm start)")
      .option("--once", "end when the story is told", false)
      .option("--document-mb <size>", "size of the large document", positiveInteger, 100)
      .action(
        action(async (context, options: { once: boolean; documentMb: number }) => {
          const { tellStory } = await import("../story/story.ts");
          await tellStory(context, options);
        }),
      );
  },
};
