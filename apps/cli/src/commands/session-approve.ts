import { parseUuid } from "@p8e/core";
import { type CommandDefinition, FEE_MAX_HELP, group } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { type SessionCommandOptions, withParty } from "../support/session-options.ts";

/** `p8e session approve`. */
export const sessionApprove: CommandDefinition = {
  register(program, action) {
    withParty(group(program, "session").command("approve <session>"))
      .description("execute another party's session here and, when the results are the same, sign it")
      .option("--fee-max <amount>", FEE_MAX_HELP)
      .action(action(run));
  },
};

async function run(
  context: CommandContext,
  text: string,
  options: SessionCommandOptions & { readonly feeMax?: string },
): Promise<void> {
  const [{ takeMail }, { partyOfAddress }, { approvalView }, { priceWords }] = await Promise.all([
    import("../support/take-mail.ts"),
    import("@p8e/party"),
    import("@p8e/party/views"),
    import("../support/price-words.ts"),
  ]);
  const { screen, signal } = context;
  const uuid = parseUuid(text);
  await using party = await context.openParty(options.as, "--as", options);
  const { agreements } = await takeMail(context, party);
  const { approval, leave, cost, results } = await screen.step(
    "executing it here",
    () => agreements.inspect(uuid, { signal }),
    (done) => `${done.approval.contract} gives the same here`,
  );
  const invoker = partyOfAddress(party.profile, approval.invoker)?.title ?? approval.invoker;
  screen.table(
    ["function", "outcome", "record", "hash"],
    results.map((each) => [...[each.function, each.outcome, each.record], each.outcome === "PASS" ? each.hash : ""]),
  );
  const inWords = await priceWords(context, party);
  for (const { count, untilMs } of leave) {
    const until = new Date(untilMs).toISOString();
    screen.say(`  ${invoker} may write ${count} messages on any scope of yours until ${until}`);
  }
  if (cost !== undefined) screen.say(`  letting it costs ${inWords(cost.fee)}`);
  const approved = await screen.step(
    "granting and signing",
    () => agreements.approve(uuid, { signal }),
    () => `signed; ${invoker} has been told`,
  );
  screen.result({ ...approvalView(approved), leave });
}
