import { create } from "@bufbuild/protobuf";
import { type Any, timestampFromMs } from "@bufbuild/protobuf/wkt";
import { type AccountAddress, P8eError } from "@p8e/core";
import { packAny } from "@p8e/proto/any";
import * as cosmos from "@p8e/proto/cosmos";
import { type LedgerMessage, ledgerMessage } from "./ledger-message.ts";

/**
 * Leave to act for another account. The metadata module looks for it by itself where a party's signature is missing, so
 * nothing is wrapped: the grantee signs the message, the granter has let it (provenance: x/metadata/spec/04_authz.md). A
 * grant names a type of message and no scope.
 */

/** Who lets whom do what, until when. */
export interface GrantInput {
  readonly granter: AccountAddress;
  readonly grantee: AccountAddress;
  /** `/provenance.metadata.v1.MsgWriteSessionRequest` and so on; see {@link metadataMessageType}. */
  readonly messageTypeUrl: string;
  /** Milliseconds since 1970, later than the block that holds the grant. */
  readonly expiresAtMs: number;
}

/** Lets `grantee` act for `granter` with one message type, as often as it likes. Replaces the grant there is. */
export function grantAuthorization(input: GrantInput): LedgerMessage {
  const { GenericAuthorizationSchema } = cosmos.authz;
  return grant(
    input,
    packAny(GenericAuthorizationSchema, create(GenericAuthorizationSchema, { msg: input.messageTypeUrl })),
  );
}

/**
 * Lets `grantee` act for `granter` in `count` messages of one type. Replaces the grant there is, its count included, so
 * read that before ({@link AccountQueries.grants}). Every message that needs the granter takes one, however many of the
 * granter's parties it needs; the last one ends the grant (Provenance's cosmos-sdk: CountAuthorization).
 * @throws `input.invalid` when the count is none that the chain takes
 */
export function countGrant(input: GrantInput & { readonly count: number }): LedgerMessage {
  const { CountAuthorizationSchema } = cosmos.authz;
  const { count } = input;
  if (!Number.isInteger(count) || count < 1 || count > COUNT_MAX) {
    throw new P8eError("input.invalid", `a grant is for 1 to ${COUNT_MAX} messages`, { facts: { count } });
  }
  return grant(
    input,
    packAny(
      CountAuthorizationSchema,
      create(CountAuthorizationSchema, { msg: input.messageTypeUrl, allowedAuthorizations: count }),
    ),
  );
}

/** An int32 on the wire. */
const COUNT_MAX = 2 ** 31 - 1;

function grant({ granter, grantee, expiresAtMs }: GrantInput, authorization: Any): LedgerMessage {
  return ledgerMessage(cosmos.authz.MsgGrantSchema, {
    granter,
    grantee,
    // The time of a block, which callers count from, has parts of milliseconds.
    grant: { authorization, expiration: timestampFromMs(Math.floor(expiresAtMs)) },
  });
}

/** Takes a grant back, of either kind; the chain refuses to take back what is not there, used up and expired included. */
export function revokeGrant(input: Omit<GrantInput, "expiresAtMs">): LedgerMessage {
  return ledgerMessage(cosmos.authz.MsgRevokeSchema, {
    granter: input.granter,
    grantee: input.grantee,
    msgTypeUrl: input.messageTypeUrl,
  });
}
