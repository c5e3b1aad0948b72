import { type CommandDefinition, group } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { type NodeOptions, withNode } from "../node-options.ts";
import { formatFee } from "../terminal/format.ts";

/** `p8e account fund`. */
export const accountFund: CommandDefinition = {
  register(program, action) {
    withNode(group(program, "account").command("fund"))
      .description(
        "get test money from a local ledger (p8e ledger serve --faucet), and make the account count as a person",
      )
      .option("--as <party>", "whose; one's own by one's own profile")
      .action(action(run));
  },
};

async function run(
  { screen, openParty, signal }: CommandContext,
  options: NodeOptions & { readonly as?: string },
): Promise<void> {
  const { fundAccount } = await import("@p8e/party");
  await using party = await openParty(options.as, "--as", options);
  const funded = await screen.step(
    `funding ${party.self.address}`,
    () => fundAccount(party, { signal }),
    ({ amount, denomination, introduction }) =>
      `${amount === 0n ? "it has enough" : `it got ${formatFee(amount)} of test money`}${
        introduction === undefined
          ? ""
          : `, and sent 1 ${denomination} to itself in block ${introduction.height}: it counts as a person now`
      }`,
  );
  screen.result(funded);
}
