import { P8eError } from "@p8e/core";
import type { ProfileApprovers } from "@p8e/party";
import type { ConsentStanding } from "@p8e/sdk";
import { type CommandDefinition, FEE_MAX_HELP, group } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { executionNamed, sessionNamed } from "../support/session-named.ts";
import { type SessionCommandOptions, withParty } from "../support/session-options.ts";

/** `p8e session approve`. */
export const sessionApprove: CommandDefinition = {
  register(program, action) {
    withParty(group(program, "session").command("approve <session>"))
      .description("execute another party's session here, show what it does, and sign it when the results are the same")
      .option("--yes", "do not ask", false)
      .option("--approver <name>", "whose yes it is, where the profile names people who must say yes")
      .option("--fee-max <amount>", FEE_MAX_HELP)
      .action(action(run));
  },
};

async function run(
  context: CommandContext,
  text: string,
  options: SessionCommandOptions & { readonly approver?: string; readonly feeMax?: string; readonly yes: boolean },
): Promise<void> {
  const [{ takeMail }, { partyOfAddress }, { approvalView }, { priceWords }, { viewRequest }, { showRequest }] =
    await Promise.all([
      import("../support/take-mail.ts"),
      import("@p8e/party"),
      import("@p8e/party/views"),
      import("../support/price-words.ts"),
      import("@p8e/sdk"),
      import("../screens/show-request.ts"),
    ]);
  const { screen, signal } = context;
  const name = await sessionNamed(context, text);
  await using party = await context.openParty(options.as, "--as", options);
  const { parts, agreements } = await takeMail(context, party);
  const uuid = await executionNamed(party, name);
  const named = (address: string) => partyOfAddress(party.profile, address)?.title ?? address;
  const known = await agreements.approval(uuid);
  if (known.state === "approved") {
    screen.say(
      `${screen.style("green", "✔")} you have signed it already; ${named(known.invoker)} writes it to the ledger`,
    );
    return screen.result(approvalView(known));
  }
  requireApprover(party.profile.approvers, options.approver, await agreements.consents(uuid));
  const inspection = await screen.step(
    "executing it here",
    () => agreements.inspect(uuid, { signal }),
    (done) => `${done.approval.contract} gives the same here`,
  );
  const request = await viewRequest(parts, inspection, { signal });
  showRequest(screen, request, named);
  const { approval, leave, cost } = inspection;
  const inWords = await priceWords(context, party);
  if (cost !== undefined) screen.say(`  letting it costs ${inWords(cost.fee)}`);
  if (!options.yes) {
    const { confirm } = await import("../support/confirm.ts");
    await confirm(context, { question: "Sign it?", what: "sign it", hint: "--yes signs without asking." });
  }
  if (options.approver !== undefined) {
    await using person = await party.approverKey(options.approver);
    const { needed, given, missing } = await agreements.consent(inspection, options.approver, person.key);
    screen.say(`${screen.style("green", "✔")} ${options.approver} has said yes: ${given.length} of ${needed}`);
    if (given.length < needed) {
      screen.say(`  nothing is signed before ${needed - given.length} more of ${missing.join(", ")} have said yes`);
      return screen.result({ ...approvalView(await agreements.approval(uuid)), needed, given, missing });
    }
  }
  const approved = await screen.step(
    "granting and signing",
    () => agreements.approveInspected(inspection, { signal }),
    ({ state }) =>
      state === "approving"
        ? `signed; another process at work for this party grants it and tells ${named(approval.invoker)}`
        : `signed; ${named(approval.invoker)} has been told`,
  );
  screen.result({ ...approvalView(approved), leave, request });
}

/** Before anything is run: a name that is none of theirs, or none where somebody must say yes. */
function requireApprover(
  approvers: ProfileApprovers | undefined,
  name: string | undefined,
  standing: ConsentStanding | undefined,
): void {
  const names = approvers?.people.map((each) => each.name) ?? [];
  if (name !== undefined && !names.includes(name)) {
    throw new P8eError("key.unavailable", `the profile names no approver "${name}"`, {
      facts: { party: name, parties: names },
      hint: names.length === 0 ? "Leave --approver away." : `It names ${names.join(", ")}.`,
    });
  }
  if (name === undefined && standing !== undefined && standing.given.length < standing.needed) {
    throw new P8eError("session.approvers_missing", `this party wants the yes of ${standing.needed} people`, {
      facts: { needed: standing.needed, given: standing.given.map((each) => each.name), missing: standing.missing },
      hint: `Say whose yes it is: --approver ${standing.missing.join(", or --approver ")}.`,
    });
  }
}
