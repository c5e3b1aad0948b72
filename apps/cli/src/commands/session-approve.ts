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
      .option("--fee-max <amount>", FEE_MAX_HELP)
      .action(action(run));
  },
};

async function run(
  context: CommandContext,
  text: string,
  options: SessionCommandOptions & { readonly feeMax?: string; readonly yes: boolean },
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
