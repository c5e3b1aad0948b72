import { type CommandDefinition, group } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { executionNamed, sessionNamed } from "../support/session-named.ts";
import { type SessionCommandOptions, withParty } from "../support/session-options.ts";

/** `p8e session cancel`. */
export const sessionCancel: CommandDefinition = {
  register(program, action) {
    withParty(group(program, "session").command("cancel <session>"))
      .description("end an own session before it is written; everybody who was asked is told")
      .action(action(run));
  },
};

async function run(context: CommandContext, text: string, options: SessionCommandOptions): Promise<void> {
  const { agreementView } = await import("@p8e/party/views");
  const name = await sessionNamed(context, text);
  await using party = await context.openParty(options.as, "--as", options);
  const uuid = await executionNamed(party, name);
  // Mail is not taken in first: with the last signature in it, the session would be written instead.
  const { agreements } = await party.client();
  const call = { signal: context.signal };
  const found = await agreements.cancel(uuid, undefined, call);
  context.screen.say(`${context.screen.style("green", "✔")} ${uuid} is ${found.state}; the others are told`);
  context.screen.result(agreementView(found));
}
