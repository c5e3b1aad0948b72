import { type CommandDefinition, group } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { type NodeOptions, withNode } from "../node-options.ts";
import { showAccount } from "../screens/show-account.ts";

/** `p8e account show`. */
export const accountShow: CommandDefinition = {
  register(program, action) {
    withNode(group(program, "account").command("show"))
      .description("one's account: address, balance, and whether it can take part")
      .option("--as <party>", "whose; one's own by one's own profile")
      .action(action(run));
  },
};

async function run(context: CommandContext, options: NodeOptions & { readonly as?: string }): Promise<void> {
  const { screen, openParty, signal } = context;
  const [{ accountView }, { balanceWords }] = await Promise.all([
    import("@p8e/party/views"),
    import("../support/price-words.ts"),
  ]);
  await using party = await openParty(options.as, "--as", options);
  const chain = await party.chain();
  const { address } = party.self;
  const [account, balance] = await Promise.all([
    chain.accounts.account(address, { signal }),
    chain.accounts.balance(address, { signal }),
  ]);
  const view = accountView(party.profile, account, balance);
  showAccount(screen, view, party.self.title, balanceWords(context, party.profile.network)(balance));
  screen.result(view);
}
