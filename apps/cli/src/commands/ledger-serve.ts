import { resolve } from "node:path";
import process from "node:process";
import { type CommandDefinition, group } from "../command.ts";
import { serveUntilStopped } from "../support/serve-until-stopped.ts";

export const ledgerServe: CommandDefinition = {
  register(program, action) {
    group(program, "ledger")
      .command("serve")
      .description("serve as P8E_LEDGER_DATA, P8E_LEDGER_PORT and P8E_LEDGER_CHAIN_ID say")
      .action(
        action(async (context) => {
          const { serveLedgerProcess } = await import("@p8e/environment");
          await serveUntilStopped(context, "ledger", () =>
            serveLedgerProcess({ P8E_LEDGER_DATA: resolve(context.dataDir, "ledger"), ...process.env }),
          );
        }),
      );
  },
};
