import { type CommandDefinition, collect, group } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import type { RegisterOptions } from "../support/register-at-store.ts";

/** `p8e store register`. */
export const storeRegister: CommandDefinition = {
  register(program, action) {
    group(program, "store")
      .command("register <url>")
      .description("tell a store which keys are its own, and where others' stores are; by public keys, and repeatable")
      .option("--key <key>", "a public key that is the store's own, in base64 or hex; may be repeated", collect, [])
      .option(
        "--partner <key=url>",
        "a partner's public key, and the URL of the store it is at; may be repeated",
        collect,
        [],
      )
      .option("--store-ca <file>", "the authority (PEM) that signed the store's certificate")
      .option("--credential <variable>", "a variable that holds HEADER:VALUE, where the store asks for a credential")
      .action(
        action(async (context: CommandContext, url: string, options: RegisterOptions) => {
          const { registerAtStore } = await import("../support/register-at-store.ts");
          await registerAtStore(context, url, options);
        }),
      );
  },
};
