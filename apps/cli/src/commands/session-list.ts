import { type CommandDefinition, group } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { showSessions, waitsForYou } from "../screens/show-sessions.ts";
import { type SessionCommandOptions, withParty } from "../support/session-options.ts";

/** `p8e session list`. */
export const sessionList: CommandDefinition = {
  register(program, action) {
    withParty(group(program, "session").command("list"))
      .description("sessions that several parties sign: first those that wait for one's own signature")
      .option("--all", "those that are over, too", false)
      .action(action(run));
  },
};

async function run(context: CommandContext, options: SessionCommandOptions & { readonly all: boolean }): Promise<void> {
  const [{ namesOf }, { agreementView, approvalView }, sdk] = await Promise.all([
    import("../support/names-of.ts"),
    import("@p8e/party/views"),
    import("@p8e/sdk"),
  ]);
  const { screen } = context;
  await using party = await context.openParty(options.as, "--as", options);
  const state = await party.state();
  const wanted = options.all ? sdk.approvalStates : sdk.openApprovalStates;
  const approvals = (await state.agreements.approvals(wanted))
    .filter((each) => wanted.includes(each.state))
    .toSorted((one, other) => Number(waitsForYou(other)) - Number(waitsForYou(one)));
  const agreements = await state.agreements.agreements(options.all);
  const { titleOf, nameOf } = namesOf(party);
  showSessions(screen, approvals, agreements, titleOf);
  screen.result({
    sessions: [
      ...approvals.map((each) => approvalView(each, nameOf)),
      ...agreements.map((each) => agreementView(each, nameOf)),
    ],
  });
}
