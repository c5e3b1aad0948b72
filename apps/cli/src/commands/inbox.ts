import type { CommandDefinition } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { type SessionCommandOptions, withParty } from "../support/session-options.ts";

/** `p8e inbox`. */
export const inbox: CommandDefinition = {
  register(program, action) {
    withParty(program.command("inbox"))
      .description("take in mail, do what is due, and show what waits for one's signature")
      .action(action(run));
  },
};

async function run(context: CommandContext, options: SessionCommandOptions): Promise<void> {
  const [{ takeMail }, { partyOfAddress }, { approvalView }] = await Promise.all([
    import("../support/take-mail.ts"),
    import("@p8e/party"),
    import("@p8e/party/views"),
  ]);
  const { screen } = context;
  await using party = await context.openParty(options.as, "--as", options);
  const { agreements } = await takeMail(context, party);
  const waiting = await agreements.approvals(["received", "inspected"]);
  const asked = await (await party.state()).agreements.openAgreements();
  const unanswered = asked.filter(({ state }) => state === "requested" || state === "awaiting").length;
  if (waiting.length === 0) screen.say("Nothing waits for your signature.");
  else {
    screen.table(
      ["session", "asked by", "contract", "until"],
      waiting.map(({ uuid, invoker, contract, deadlineMs }) => [
        ...[uuid, partyOfAddress(party.profile, invoker)?.title ?? invoker, contract],
        new Date(deadlineMs).toISOString(),
      ]),
    );
  }
  if (unanswered > 0) {
    screen.say(
      `${unanswered === 1 ? "One session" : `${unanswered} sessions`} of yours ${unanswered === 1 ? "waits" : "wait"} for others: npx p8e session list shows which.`,
    );
  }
  screen.result({ waiting: waiting.map(approvalView), unanswered });
}
