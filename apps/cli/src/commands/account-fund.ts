import { type CommandDefinition, group } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { type NodeOptions, withNode } from "../node-options.ts";
import { formatCoins } from "../terminal/format.ts";

/** `p8e account fund`. */
export const accountFund: CommandDefinition = {
  register(program, action) {
    withNode(group(program, "account").command("fund"))
      .description(
        "get test coins from a local ledger (p8e ledger serve --faucet), and send the account's first transaction",
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
      `${amount === 0n ? "it has enough" : `it got ${formatCoins(amount, { test: true })}`}${
        introduction === undefined
          ? ""
          : `, and sent 1 ${denomination} to itself in block ${introduction.height}: it can take part now`
      }`,
  );
  screen.result(funded);
}
