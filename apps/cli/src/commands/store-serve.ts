import process from "node:process";
import { type CommandDefinition, group } from "../command.ts";
import { serveUntilStopped } from "../support/serve-until-stopped.ts";

export const storeServe: CommandDefinition = {
  register(program, action) {
    group(program, "store")
      .command("serve")
      .description("serve as the environment variables say (DB_HOST, OS_PORT, STORAGE_BASE_PATH …)")
      .action(
        action(async (context) => {
          const { serveStore } = await import("@p8e/environment");
          await serveUntilStopped(context, "object store", () =>
            serveStore({ P8E_DATA: context.dataDir, ...process.env }),
          );
        }),
      );
  },
};
