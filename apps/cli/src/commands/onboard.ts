import { withChange } from "../change-options.ts";
import { type CommandDefinition, collect, list } from "../command.ts";
import type { OnboardCommandOptions } from "../support/onboard.ts";

/** `p8e onboard`. */
export const onboard: CommandDefinition = {
  register(program, action) {
    withChange(program.command("onboard <tape>"))
      .description("make a scope of each row of a tape (CSV or JSON), none twice, and report on every row")
      .requiredOption("--contract <contract>", "what each row is put to: class name or contractspec1…")
      .requiredOption(
        "--new-scope <specification>",
        "the kind of scope: scopespec1…, or the name it was published under",
      )
      .requiredOption("--row <column>", "the column that names a row; a name is onboarded once, whatever tape has it")
      .option("--columns <file>", "where each column goes, as JSON; a column that is not in it is itself a path")
      .option("--input <name=file>", "what every row begins with, as protobuf JSON; may be repeated", collect, [])
      .option("--participant <role=party>", "who takes a role; may be repeated", collect, [])
      .option("--share <parties>", "who else can read, separated by commas", list, [])
      .option("--report <file>", "what became of each row, .csv or .json; beside the tape unless given")
      .action(
        action(async (context, tape: string, options: OnboardCommandOptions) => {
          const { onboardCommand } = await import("../support/onboard.ts");
          return await onboardCommand(context, tape, options);
        }),
      );
  },
};
