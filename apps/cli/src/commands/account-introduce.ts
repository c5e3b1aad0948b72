import { P8eError } from "@p8e/core";
import { type CommandDefinition, FEE_MAX_HELP, group } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { type NodeOptions, withNode } from "../node-options.ts";

/** `p8e account introduce`. */
export const accountIntroduce: CommandDefinition = {
  register(program, action) {
    withNode(group(program, "account").command("introduce"))
      .description(
        "send an account's first transaction, one nhash to itself: until then the chain takes it for a smart contract",
      )
      .option("--as <party>", "whose; one's own by one's own profile")
      .option("--fee-max <amount>", FEE_MAX_HELP)
      .action(action(run));
  },
};

interface IntroduceOptions extends NodeOptions {
  readonly as?: string;
  readonly feeMax?: string;
}

async function run(context: CommandContext, options: IntroduceOptions): Promise<void> {
  const { screen, openParty, signal } = context;
  const [{ introduceAccount }, { priceWords }] = await Promise.all([
    import("@p8e/party"),
    import("../support/price-words.ts"),
  ]);
  await using party = await openParty(options.as, "--as", options);
  const { address } = party.self;
  const account = await (await party.chain()).accounts.account(address, { signal });
  if (account === undefined) {
    throw new P8eError("ledger.account_not_found", "the account does not exist on this chain yet", {
      facts: { address },
      hint: "Somebody sends it some hash first: the faucet of a test network, or whoever has some.",
    });
  }
  const inWords = await priceWords(context, party);
  const receipt = await introduceAccount(party, {
    signal,
    onCost: ({ fee }) => screen.say(`  a transfer of 1 nhash to itself costs ${inWords(fee)}`),
  });
  if (receipt === undefined) screen.say(`${address} has signed before: it can take part.`);
  else {
    const { height, fee } = receipt;
    screen.say(`${screen.style("green", "✔")} ${address} can take part since block ${height}, for ${inWords(fee)}`);
  }
  screen.result({
    address,
    introduction: receipt && { transaction: receipt.hash, height: receipt.height, fee: receipt.fee },
  });
}
