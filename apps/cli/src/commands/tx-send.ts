import { type CommandDefinition, FEE_MAX_HELP, group } from "../command.ts";
import { withNode } from "../node-options.ts";
import type { SendOptions } from "../support/send-transaction.ts";

/** `p8e tx send`. */
export const txSend: CommandDefinition = {
  register(program, action) {
    withNode(group(program, "tx").command("send <file>"))
      .description(
        "sign and send any messages of one's own account: protobuf JSON with @type, one or a list; - is standard input",
      )
      .option("--as <party>", "who signs; oneself by one's own profile")
      .option(
        "--types <file.binpb>",
        "what describes the messages' types, instead of the node (buf build -o FILE.binpb)",
      )
      .option("--memo <text>", "a note that everybody can read")
      .option("--fee-max <amount>", FEE_MAX_HELP)
      .option("--dry-run", "show and price it, but sign nothing", false)
      .option("--yes", "send without asking", false)
      .action(
        action(async (context, file: string, options: SendOptions) => {
          const { sendTransaction } = await import("../support/send-transaction.ts");
          await sendTransaction(context, file, options);
        }),
      );
  },
};
