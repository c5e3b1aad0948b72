import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { AccountAddress } from "@p8e/core";
import { packAny } from "@p8e/proto/any";
import * as cosmos from "@p8e/proto/cosmos";
import { type Amount, toCoins } from "../transactions/fees.ts";
import { type LedgerMessage, ledgerMessage } from "./ledger-message.ts";

/** Messages between accounts: coins, and leave to act for one another. */

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

/** Lets `grantee` act for `granter` with one message type; a new grant replaces the one there is. */
export function grantAuthorization(input: {
  readonly granter: AccountAddress;
  readonly grantee: AccountAddress;
  /** `/provenance.metadata.v1.MsgWriteSessionRequest` and so on. */
  readonly messageTypeUrl: string;
  /** How often it may be used; absent: any number of times. Only Provenance's chains know counted grants. */
  readonly uses?: number;
  /** Milliseconds since 1970. */
  readonly expiresAtMs: number;
}): LedgerMessage {
  const authorization =
    input.uses === undefined
      ? packAny(
          cosmos.authz.GenericAuthorizationSchema,
          create(cosmos.authz.GenericAuthorizationSchema, { msg: input.messageTypeUrl }),
        )
      : packAny(
          cosmos.authz.CountAuthorizationSchema,
          create(cosmos.authz.CountAuthorizationSchema, {
            msg: input.messageTypeUrl,
            allowedAuthorizations: input.uses,
          }),
        );
  return ledgerMessage(cosmos.authz.MsgGrantSchema, {
    granter: input.granter,
    grantee: input.grantee,
    grant: { authorization, expiration: timestampFromMs(input.expiresAtMs) },
  });
}

/** Takes a grant of {@link grantAuthorization} back; the chain refuses to take back what is not there. */
export function revokeAuthorization(input: {
  readonly granter: AccountAddress;
  readonly grantee: AccountAddress;
  readonly messageTypeUrl: string;
}): LedgerMessage {
  return ledgerMessage(cosmos.authz.MsgRevokeSchema, {
    granter: input.granter,
    grantee: input.grantee,
    msgTypeUrl: input.messageTypeUrl,
  });
}
