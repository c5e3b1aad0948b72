import { type CommandDefinition, group } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { type NodeOptions, withNode } from "../node-options.ts";

/** `p8e account show`. */
export const accountShow: CommandDefinition = {
  register(program, action) {
    withNode(group(program, "account").command("show"))
      .description("one's account: address, balance, and whether it counts as a person")
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
  screen.facts([
    ["account", `${address} (${party.self.title})`],
    ["network", `${view.network}, chain ${view.chainId}`],
    ["balance", balanceWords(context, party.profile.network)(balance)],
    ["state", STATES[view.state]],
  ]);
  screen.result(view);
}

const STATES = {
  absent: "does not exist: nobody sent it anything yet (p8e account fund, on a ledger with a faucet)",
  silent:
    "never signed, so that the chain takes it for a smart contract (p8e account introduce sends its first transaction)",
  ready: "can take part",
} as const;
