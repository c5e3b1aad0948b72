import { type CommandDefinition, group } from "../command.ts";
import { type NodeOptions, withNode } from "../node-options.ts";

/** `p8e tx show`. */
export const txShow: CommandDefinition = {
  register(program, action) {
    withNode(group(program, "tx").command("show [hash]"))
      .description("what became of a transaction; without a hash, those that one sent by p8e tx send")
      .option("--as <party>", "who sent it; any party of an environment unless one is named")
      .action(
        action(async (context, hash: string | undefined, options: NodeOptions & { readonly as?: string }) => {
          const { listTransactions, showTransaction } = await import("../support/show-transaction.ts");
          await (hash === undefined ? listTransactions(context, options) : showTransaction(context, hash, options));
        }),
      );
  },
};
