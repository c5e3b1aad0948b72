import { type CommandDefinition, group } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { type NodeOptions, withNode } from "../node-options.ts";
import { formatFee } from "../terminal/format.ts";

/** `p8e account show`. */
export const accountShow: CommandDefinition = {
  register(program, action) {
    withNode(group(program, "account").command("show"))
      .description("one's account: address, balance, and whether it counts as a person")
      .option("--as <party>", "whose; one's own by one's own profile")
      .action(action(run));
  },
};

async function run(
  { screen, openParty, signal }: CommandContext,
  options: NodeOptions & { readonly as?: string },
): Promise<void> {
  const { accountView } = await import("@p8e/party/views");
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
    ["balance", formatFee(balance)],
    ["state", STATES[view.state]],
  ]);
  screen.result(view);
}

const STATES = {
  absent: "does not exist: nobody sent it anything yet (p8e account fund, on a local ledger)",
  silent:
    "never signed, so that the chain takes it for a smart contract (p8e account fund sends its first transaction)",
  ready: "can take part",
} as const;
