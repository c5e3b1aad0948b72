import { type CommandDefinition, group } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
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
  const [{ partyOfAddress }, { agreementView, approvalView }, sdk] = await Promise.all([
    import("@p8e/party"),
    import("@p8e/party/views"),
    import("@p8e/sdk"),
  ]);
  const { screen } = context;
  await using party = await context.openParty(options.as, "--as", options);
  const state = await party.state();
  const wanted = options.all ? sdk.approvalStates : sdk.openApprovalStates;
  const mine = (state: string) => state === "received" || state === "inspected";
  const approvals = (await state.agreements.approvals(wanted))
    .filter((each) => wanted.includes(each.state))
    .toSorted((one, other) => Number(mine(other.state)) - Number(mine(one.state)));
  const agreements = await state.agreements.agreements(options.all);
  const titleOf = (address: string) => partyOfAddress(party.profile, address)?.title ?? address;
  screen.table(
    ["session", "state", "asked by", "who signs", "until"],
    [
      ...approvals.map(({ uuid, state, invoker, deadlineMs }) => [
        ...[uuid, mine(state) ? `${state}: waits for you` : state, titleOf(invoker), "you", dateText(deadlineMs)],
      ]),
      ...agreements.map(({ uuid, state, signers, deadlineMs }) => [
        ...[uuid, state, "you"],
        signers.map(({ address, stand }) => `${titleOf(address)} (${stand})`).join(", "),
        dateText(deadlineMs),
      ]),
    ],
  );
  screen.result({ sessions: [...approvals.map(approvalView), ...agreements.map(agreementView)] });
}

function dateText(ms: number): string {
  return new Date(ms).toISOString();
}
