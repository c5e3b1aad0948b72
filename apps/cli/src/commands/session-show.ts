import type { Uuid } from "@p8e/core";
import type { OpenParty } from "@p8e/party";
import { type CommandDefinition, group } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { sessionNamed } from "../support/last-named.ts";
import { type SessionCommandOptions, withParty } from "../support/session-options.ts";

/** `p8e session show`. */
export const sessionShow: CommandDefinition = {
  register(program, action) {
    withParty(group(program, "session").command("show <session>"))
      .description("how a session that several parties sign stands, every step it took, and what waits to be signed")
      .action(action(run));
  },
};

async function run(context: CommandContext, text: string, options: SessionCommandOptions): Promise<void> {
  const [{ partyOfAddress }, { agreementView, approvalView, transitionViews }, { P8eError }] = await Promise.all([
    import("@p8e/party"),
    import("@p8e/party/views"),
    import("@p8e/core"),
  ]);
  const { screen } = context;
  const uuid = await sessionNamed(context, text);
  await using party = await context.openParty(options.as, "--as", options);
  const { agreements } = await party.state();
  const [agreement, approval] = [await agreements.agreement(uuid), await agreements.approval(uuid)];
  const found = agreement ?? approval;
  if (found === undefined) {
    throw new P8eError("session.not_found", "this party knows no such session that several sign", {
      facts: { execution: uuid },
    });
  }
  const titleOf = (address: string) => partyOfAddress(party.profile, address)?.title ?? address;
  screen.heading(`Session ${uuid}`);
  screen.facts([
    ["state", found.state],
    ["asked by", approval === undefined ? "you" : titleOf(approval.invoker)],
    ...(approval === undefined ? [] : [["contract", approval.contract] as [string, string]]),
    ["until", new Date(found.deadlineMs).toISOString()],
    ...(found.reason === undefined ? [] : [["reason", found.reason] as [string, string]]),
    ...(agreement?.signers ?? []).map(({ address, stand }): [string, string] => [titleOf(address), stand]),
  ]);
  const steps = await agreements.transitions(uuid);
  screen.table(
    ["at", "became", "by", "because"],
    steps.map(({ atMs, to, actor, cause }) => [new Date(atMs).toISOString(), to, titleOf(actor), cause]),
  );
  const view = agreement === undefined ? approvalView(approval!) : agreementView(agreement);
  const waits = approval?.state === "received" || approval?.state === "inspected";
  const request = waits ? await showWaiting(context, party, uuid, titleOf) : undefined;
  screen.result({ ...view, steps: transitionViews(steps), ...(request === undefined ? {} : { request }) });
}

/** What would be signed: executed here, with the same results. What is wrong with it is told, and what is known stays shown. */
async function showWaiting(
  { screen, signal }: CommandContext,
  party: OpenParty,
  uuid: Uuid,
  named: (address: string) => string,
): Promise<object> {
  const [{ viewRequest }, { showRequest }, { P8eError }] = await Promise.all([
    import("@p8e/sdk"),
    import("../support/show-request.ts"),
    import("@p8e/core"),
  ]);
  const { agreements, parts } = await party.client();
  try {
    const request = await viewRequest(parts, await agreements.inspect(uuid, { signal, waitMs: 0 }), { signal });
    showRequest(screen, request, named);
    return request;
  } catch (thrown) {
    const { code, message, facts } = P8eError.from(thrown);
    if (code === "rpc.cancelled") throw thrown;
    screen.warn(`it cannot be signed as it is: ${message} (${code})`);
    return { error: { code, message, facts } };
  }
}
