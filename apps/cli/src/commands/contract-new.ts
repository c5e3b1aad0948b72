import { type CommandDefinition, group } from "../command.ts";

/** `p8e contract new`. */
export const contractNew: CommandDefinition = {
  register(program, action) {
    group(program, "contract")
      .command("new <folder>")
      .description("make a project with a contract of one's own: types, contract, tests; overwrites nothing")
      .action(
        action(async (context, folder: string) => {
          const { newContract } = await import("../support/new-contract.ts");
          await newContract(context, folder);
        }),
      );
  },
};
