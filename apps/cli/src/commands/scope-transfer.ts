import { withChange } from "../change-options.ts";
import { type CommandDefinition, group } from "../command.ts";
import type { TransferOptions } from "../support/transfer-value.ts";

/** `p8e scope transfer`. */
export const scopeTransfer: CommandDefinition = {
  register(program, action) {
    withChange(group(program, "scope").command("transfer <address>"))
      .description("move a scope's value to another owner; its owners and readers stay")
      .requiredOption("--to <party>", "a party, or any account's address")
      .action(
        action(async (context, address: string, options: TransferOptions) => {
          const { transferValue } = await import("../support/transfer-value.ts");
          await transferValue(context, address, options);
        }),
      );
  },
};
