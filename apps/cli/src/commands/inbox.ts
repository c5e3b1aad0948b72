import type { CommandDefinition } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { showInbox } from "../screens/show-inbox.ts";
import { showJvmRequests } from "../screens/show-jvm-request.ts";
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
  const [{ takeMail }, { namesOf }, { approvalView, jvmRequestView }] = await Promise.all([
    import("../support/take-mail.ts"),
    import("../support/names-of.ts"),
    import("@p8e/party/views"),
  ]);
  const { screen } = context;
  await using party = await context.openParty(options.as, "--as", options);
  const { agreements } = await takeMail(context, party);
  const waiting = await agreements.approvals(["received", "inspected"]);
  const asked = await (await party.state()).agreements.openAgreements();
  const unanswered = asked.filter(({ state }) => state === "requested" || state === "awaiting").length;
  const { titleOf, nameOf } = namesOf(party);
  showInbox(screen, waiting, unanswered, titleOf);
  const byJvm = await agreements.jvmRequests();
  showJvmRequests(screen, byJvm, titleOf);
  screen.result({
    waiting: waiting.map((each) => approvalView(each, nameOf)),
    unanswered,
    jvm: byJvm.map((each) => jvmRequestView(each, nameOf)),
  });
}
