import * as cosmos from "@p8e/proto/cosmos";
import { isAccount, keyOfAccount } from "../addresses.ts";
import { distribute, isBlocked, transfer } from "../bank.ts";
import { addCoins, type Coins, requireCoins, subtractCoins } from "../coins.ts";
import { Refusal, sdkRefusal } from "../refusal.ts";
import { define } from "./definition.ts";

export const send = define({
  schema: cosmos.bank.MsgSendSchema,
  response: cosmos.bank.MsgSendResponseSchema,
  signers: (message) => [message.fromAddress],
  validate: (message) => message,
  run: (context, message) => {
    requireAddress(message.fromAddress, context.block.accountPrefix, "from");
    requireAddress(message.toAddress, context.block.accountPrefix, "to");
    const coins = requireCoins(message.amount);
    if (isBlocked(context.branch.state, keyOfAccount(message.toAddress))) {
      throw sdkRefusal("unauthorized", `${message.toAddress} is not allowed to receive funds`);
    }
    transfer(context, message.fromAddress, message.toAddress, coins);
    return {};
  },
});

/** One sender, several receivers: the only form the original still takes. */
export const multiSend = define({
  schema: cosmos.bank.MsgMultiSendSchema,
  response: cosmos.bank.MsgMultiSendResponseSchema,
  signers: (message) => message.inputs.map(({ address }) => address),
  validate: (message) => message,
  run: (context, message) => {
    const prefix = context.block.accountPrefix;
    const [input, ...others] = message.inputs;
    if (input === undefined) throw new Refusal("bank", 2, "no inputs to send transaction");
    if (others.length > 0) throw new Refusal("bank", 9, "multiple senders not allowed");
    if (message.outputs.length === 0) throw new Refusal("bank", 3, "no outputs to send transaction");
    requireAddress(input.address, prefix, "input");
    let rest: Coins = requireCoins(input.coins);
    for (const output of message.outputs) {
      requireAddress(output.address, prefix, "output");
      rest = subtractCoins(rest, requireCoins(output.coins));
    }
    if (addCoins(rest, []).length > 0) throw new Refusal("bank", 4, "sum inputs != sum outputs");
    for (const { address } of message.outputs) {
      if (isBlocked(context.branch.state, keyOfAccount(address))) {
        throw sdkRefusal("unauthorized", `${address} is not allowed to receive funds`);
      }
    }
    const outputs = message.outputs.map(({ address, coins }) => ({ address, coins: requireCoins(coins) }));
    distribute(context, input.address, outputs);
    return {};
  },
});

function requireAddress(text: string, prefix: Parameters<typeof isAccount>[1], what: string): void {
  if (!isAccount(text, prefix)) {
    throw new Refusal("sdk", 7, `invalid ${what} address: "${text.slice(0, 120)}": invalid address`);
  }
}
