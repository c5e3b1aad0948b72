import { type CommandDefinition, group } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { executionNamed, sessionNamed } from "../support/session-named.ts";
import { type SessionCommandOptions, withParty } from "../support/session-options.ts";

/** `p8e session resend`. */
export const sessionResend: CommandDefinition = {
  register(program, action) {
    withParty(group(program, "session").command("resend <session>"))
      .description("ask those once more who have not answered")
      .action(action(run));
  },
};

async function run(context: CommandContext, text: string, options: SessionCommandOptions): Promise<void> {
  const [{ takeMail }, { agreementView }] = await Promise.all([
    import("../support/take-mail.ts"),
    import("@p8e/party/views"),
  ]);
  const name = await sessionNamed(context, text);
  await using party = await context.openParty(options.as, "--as", options);
  const { agreements } = await takeMail(context, party);
  const uuid = await executionNamed(party, name);
  const call = { signal: context.signal };
  const found = await agreements.resend(uuid, call);
  context.screen.say(`asked ${found.sendings} times so far`);
  context.screen.result(agreementView(found));
}
