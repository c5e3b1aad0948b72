import { type CommandDefinition, group } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { executionNamed, sessionNamed } from "../support/session-named.ts";
import { type SessionCommandOptions, withParty } from "../support/session-options.ts";

/** `p8e session reject`. */
export const sessionReject: CommandDefinition = {
  register(program, action) {
    withParty(group(program, "session").command("reject <session>"))
      .description("refuse to sign another party's session, or take back what was granted before it is used")
      .requiredOption("--reason <text>", "why; all parties are shown it")
      .action(action(run));
  },
};

async function run(
  context: CommandContext,
  text: string,
  { reason, ...options }: SessionCommandOptions & { readonly reason: string },
): Promise<void> {
  const [{ takeMail }, { approvalView, jvmRequestView }] = await Promise.all([
    import("../support/take-mail.ts"),
    import("@p8e/party/views"),
  ]);
  const name = await sessionNamed(context, text);
  await using party = await context.openParty(options.as, "--as", options);
  const { agreements } = await takeMail(context, party);
  const uuid = await executionNamed(party, name);
  const { screen } = context;
  if ((await (await party.state()).agreements.jvmRequest(uuid)) !== undefined) {
    const refused = await agreements.rejectJvm(uuid, reason, { signal: context.signal });
    screen.say(
      `${screen.style("green", "✔")} ${uuid} is ${refused.state}; its parties have been told why, in the JVM's form`,
    );
    return screen.result(jvmRequestView(refused));
  }
  const rejected = await agreements.reject(uuid, reason, { signal: context.signal });
  screen.say(`${screen.style("green", "✔")} ${uuid} is ${rejected.state}; the other parties have been told why`);
  screen.result(approvalView(rejected));
}
