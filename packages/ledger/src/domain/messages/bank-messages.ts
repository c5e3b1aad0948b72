import type { AccountPrefix } from "@p8e/core";
import * as cosmos from "@p8e/proto/cosmos";
import { accountText, keyOfAccount } from "../addresses.ts";
import { distribute, isBlocked, transfer } from "../bank.ts";
import { type Coins, requireCoins, subtractCoins } from "../coins.ts";
import { Refusal, sdkRefusal } from "../refusal.ts";
import { define } from "./definition.ts";

/** `cosmos.bank.v1beta1.MsgSend` */
export const send = define({
  schema: cosmos.bank.MsgSendSchema,
  response: cosmos.bank.MsgSendResponseSchema,
  signers: (message) => [message.fromAddress],
  validate: (message) => message,
  run: (context, message) => {
    const from = requireAddress(message.fromAddress, context.block.accountPrefix, "from");
    const to = requireAddress(message.toAddress, context.block.accountPrefix, "to");
    const coins = requireCoins(message.amount);
    if (isBlocked(context.branch.state, keyOfAccount(to))) {
      throw sdkRefusal("unauthorized", `${to} is not allowed to receive funds`);
    }
    transfer(context, from, to, coins);
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
    const from = requireAddress(input.address, prefix, "input");
    let rest: Coins = requireCoins(input.coins);
    const outputs = message.outputs.map((output) => {
      const address = requireAddress(output.address, prefix, "output");
      const coins = requireCoins(output.coins);
      rest = subtractCoins(rest, coins);
      return { address, coins };
    });
    if (rest.length > 0) throw new Refusal("bank", 4, "sum inputs != sum outputs");
    for (const { address } of outputs) {
      if (isBlocked(context.branch.state, keyOfAccount(address))) {
        throw sdkRefusal("unauthorized", `${address} is not allowed to receive funds`);
      }
    }
    distribute(context, from, outputs);
    return {};
  },
});

/** The usual text of the address. @throws Refusal `sdk/7` */
function requireAddress(text: string, prefix: AccountPrefix, what: string): string {
  const address = accountText(text, prefix);
  if (address === undefined) throw sdkRefusal("invalidAddress", `invalid ${what} address: "${text.slice(0, 120)}"`);
  return address;
}
