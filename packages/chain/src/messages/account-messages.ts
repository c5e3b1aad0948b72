import type { AccountAddress } from "@p8e/core";
import * as cosmos from "@p8e/proto/cosmos";
import { type Amount, toCoins } from "../transactions/fees.ts";
import { type LedgerMessage, ledgerMessage } from "./ledger-message.ts";

/** Sends coins from one account to another, which need not exist yet. */
export function sendCoins(input: {
  readonly from: AccountAddress;
  readonly to: AccountAddress;
  readonly amounts: readonly Amount[];
}): LedgerMessage {
  return ledgerMessage(cosmos.bank.MsgSendSchema, {
    fromAddress: input.from,
    toAddress: input.to,
    amount: toCoins(input.amounts),
  });
}
