import type { Uuid } from "@p8e/core";
import type { OpenParty } from "@p8e/party";
import type { JvmRequest, Transition } from "@p8e/sdk";
import { type CommandDefinition, group } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { showSession } from "../screens/show-session.ts";
import { waitsForYou } from "../screens/show-sessions.ts";
import { executionNamed, sessionNamed } from "../support/session-named.ts";
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
  const [{ namesOf }, { agreementView, approvalView, transitionViews }, { requestSummary }, { P8eError }] =
    await Promise.all([
      import("../support/names-of.ts"),
      import("@p8e/party/views"),
      import("@p8e/sdk"),
      import("@p8e/core"),
    ]);
  const { screen } = context;
  const name = await sessionNamed(context, text);
  await using party = await context.openParty(options.as, "--as", options);
  const uuid = await executionNamed(party, name);
  const { agreements } = await party.state();
  const [agreement, approval] = [await agreements.agreement(uuid), await agreements.approval(uuid)];
  const found = agreement ?? approval;
  const jvm = await agreements.jvmRequest(uuid);
  if (jvm !== undefined) return await showForeign(context, party, jvm, await agreements.transitions(uuid));
  if (found === undefined) {
    throw new P8eError("session.not_found", "this party knows no such session that several sign", {
      facts: { execution: uuid },
      hint: "p8e inbox takes in what others ask; p8e session list --all tells those that are known.",
    });
  }
  const { titleOf, nameOf } = namesOf(party);
  const { contract, scope, participants } = requestSummary(found.request, party.profile.network.accountPrefix);
  const steps = await agreements.transitions(uuid);
  const { state, deadlineMs, reason } = found;
  showSession(
    screen,
    {
      ...{ uuid, state, contract, scope, participants, deadlineMs, reason, steps },
      invoker: approval?.invoker,
      signers: agreement?.signers ?? [],
    },
    titleOf,
  );
  const view = agreement === undefined ? approvalView(approval!, nameOf) : agreementView(agreement, nameOf);
  const request =
    approval !== undefined && waitsForYou(approval) ? await showWaiting(context, party, uuid, titleOf) : undefined;
  screen.result({
    ...{ ...view, contract, scope },
    participants: participants.map((each) => ({ ...each, party: nameOf(each.address) })),
    steps: transitionViews(steps, nameOf),
    ...(request === undefined ? {} : { request }),
  });
}

/** What a party of the JVM's SDK asks for. */
async function showForeign(
  { screen }: CommandContext,
  party: OpenParty,
  request: JvmRequest,
  steps: readonly Transition[],
): Promise<void> {
  const [{ namesOf }, { jvmRequestView, transitionViews }, { viewJvmRequest }, { showJvmRequest }] = await Promise.all([
    import("../support/names-of.ts"),
    import("@p8e/party/views"),
    import("@p8e/sdk"),
    import("../screens/show-jvm-request.ts"),
  ]);
  const { titleOf, nameOf } = namesOf(party);
  const view = viewJvmRequest(request, party.profile.network.accountPrefix);
  showJvmRequest(screen, request, view, steps, titleOf);
  screen.result({ ...jvmRequestView(request, nameOf), ...view, steps: transitionViews(steps, nameOf) });
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
    import("../screens/show-request.ts"),
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
