import { create, type Message } from "@bufbuild/protobuf";
import { type Any, timestampMs } from "@bufbuild/protobuf/wkt";
import { packAny } from "@p8e/proto/any";
import * as cosmos from "@p8e/proto/cosmos";
import { keyOfAccount } from "./addresses.ts";
import { unpackAny } from "./any.ts";
import { anyNegative, coinsOf, parseAmount, subtractCoins, toWireCoins } from "./coins.ts";
import { typedEvent } from "./events.ts";
import { pairKey } from "./ledger-state.ts";
import type { MessageContext } from "./message-context.ts";
import { plainRefusal, Refusal, sdkRefusal } from "./refusal.ts";

const { GenericAuthorizationSchema, CountAuthorizationSchema } = cosmos.authz;
const { SendAuthorizationSchema } = cosmos.bank;

const METADATA = "/provenance.metadata.v1.Msg";

/** Types whose grants also cover another type's messages (provenance: x/metadata/keeper/signers.go). */
const alsoCoveredBy: Readonly<Record<string, string>> = {
  [`${METADATA}AddScopeDataAccessRequest`]: `${METADATA}WriteScopeRequest`,
  [`${METADATA}DeleteScopeDataAccessRequest`]: `${METADATA}WriteScopeRequest`,
  [`${METADATA}AddScopeOwnerRequest`]: `${METADATA}WriteScopeRequest`,
  [`${METADATA}DeleteScopeOwnerRequest`]: `${METADATA}WriteScopeRequest`,
  [`${METADATA}WriteRecordRequest`]: `${METADATA}WriteSessionRequest`,
  [`${METADATA}AddContractSpecToScopeSpecRequest`]: `${METADATA}WriteScopeSpecificationRequest`,
  [`${METADATA}DeleteContractSpecFromScopeSpecRequest`]: `${METADATA}WriteScopeSpecificationRequest`,
  [`${METADATA}WriteRecordSpecificationRequest`]: `${METADATA}WriteContractSpecificationRequest`,
  [`${METADATA}DeleteRecordSpecificationRequest`]: `${METADATA}DeleteContractSpecificationRequest`,
};

/** The key of a grant in its table. */
export function grantKey(granter: string, grantee: string, messageType: string): string {
  return pairKey(keyOfAccount(granter), keyOfAccount(grantee), messageType);
}

/** Where grants are kept and their changes announced. */
export type GrantContext = Pick<MessageContext, "branch" | "events">;

/** Keeps a grant in the place of one for the same accounts and type. */
export function saveGrant(context: GrantContext, grant: cosmos.authz.GrantAuthorization, msgTypeUrl: string): void {
  const { branch, events } = context;
  const { granter, grantee } = grant;
  const key = grantKey(granter, grantee, msgTypeUrl);
  branch.set("grants", key, grant);
  branch.set("grantsByGrantee", grantKey(grantee, granter, msgTypeUrl), key);
  events.push(typedEvent(cosmos.authz.EventGrantSchema, { msgTypeUrl, granter, grantee }));
}

/** Forgets a grant. */
export function removeGrant(context: GrantContext, grant: cosmos.authz.GrantAuthorization, msgTypeUrl: string): void {
  const { branch, events } = context;
  const { granter, grantee } = grant;
  branch.delete("grants", grantKey(granter, grantee, msgTypeUrl));
  branch.delete("grantsByGrantee", grantKey(grantee, granter, msgTypeUrl));
  events.push(typedEvent(cosmos.authz.EventRevokeSchema, { msgTypeUrl, granter, grantee }));
}

const SEND = "/cosmos.bank.v1beta1.MsgSend";

/** The message type an authorization speaks of; undefined for kinds the embedded ledger does not know. */
export function authorizedType(authorization: Any): string | undefined {
  return (
    unpackAny(authorization, GenericAuthorizationSchema)?.msg ??
    unpackAny(authorization, CountAuthorizationSchema)?.msg ??
    (unpackAny(authorization, SendAuthorizationSchema) === undefined ? undefined : SEND)
  );
}

/** Whether an authorization may be granted. @throws Refusal `undefined/1`, `sdk/10`, `sdk/18` or `bank/8` */
export function checkAuthorization(authorization: Any): void {
  const generic = unpackAny(authorization, GenericAuthorizationSchema);
  if (generic?.msg === "") throw plainRefusal("msg type cannot be empty");
  const counted = unpackAny(authorization, CountAuthorizationSchema);
  if (counted?.msg === "") throw plainRefusal("msg type cannot be empty");
  if (counted !== undefined && counted.allowedAuthorizations <= 0) {
    throw sdkRefusal("invalidRequest", "allowed authorizations must be greater than 0");
  }
  const send = unpackAny(authorization, SendAuthorizationSchema);
  if (send === undefined) return;
  if (send.spendLimit.length === 0) throw sdkRefusal("invalidCoins", "spend limit cannot be nil");
  if (send.spendLimit.some(({ amount }) => (parseAmount(amount) ?? 0n) <= 0n)) {
    throw sdkRefusal("invalidCoins", "spend limit must be positive");
  }
  if (new Set(send.allowList).size < send.allowList.length) throw new Refusal("bank", 8, "duplicate entry");
}

/** A node removes a grant at the beginning of the block whose time is its expiration's or later: then it is gone. */
export function isExpired(grant: Pick<cosmos.authz.GrantAuthorization, "expiration">, timeMs: number): boolean {
  return grant.expiration !== undefined && timestampMs(grant.expiration) <= timeMs;
}

/** The grant with that key, unless its time is over. */
export function liveGrant(
  { branch, block }: Pick<MessageContext, "branch" | "block">,
  key: string,
): cosmos.authz.GrantAuthorization | undefined {
  const grant = branch.get("grants", key);
  return grant === undefined || isExpired(grant, block.timeMs) ? undefined : grant;
}

/**
 * The first of `grantees` that `granter` has authorized for this message, using the grant up where it counts.
 * Expired grants and grants of other kinds are passed over.
 */
export function findGrantee(context: MessageContext, granter: string, grantees: readonly string[]): string | undefined {
  const other = alsoCoveredBy[context.messageType];
  const types = other === undefined ? [context.messageType] : [context.messageType, other];
  for (const grantee of grantees) {
    for (const type of types) {
      const key = grantKey(granter, grantee, type);
      if (context.accepted.has(key)) return grantee;
      const grant = liveGrant(context, key);
      if (grant === undefined) continue;
      if (!consume(context, grant, type)) continue;
      context.accepted.add(key);
      return grantee;
    }
  }
  return undefined;
}

/**
 * Uses a grant once: a counted one goes down by one and ends at none, a generic one stays. False if it refuses, as one
 * for sending does here, where nothing is sent.
 */
function consume(context: GrantContext, grant: cosmos.authz.GrantAuthorization, messageType: string): boolean {
  const { authorization } = grant;
  if (authorization === undefined) return false;
  const counted = unpackAny(authorization, CountAuthorizationSchema);
  if (counted === undefined) return unpackAny(authorization, GenericAuthorizationSchema) !== undefined;
  const rest = oneLess(counted);
  if (rest === undefined) removeGrant(context, grant, messageType);
  else saveGrant(context, { ...grant, authorization: rest }, messageType);
  return true;
}

function oneLess(counted: cosmos.authz.CountAuthorization): Any | undefined {
  const allowedAuthorizations = counted.allowedAuthorizations - 1;
  if (allowedAuthorizations <= 0) return undefined;
  return packAny(
    CountAuthorizationSchema,
    create(CountAuthorizationSchema, { msg: counted.msg, allowedAuthorizations }),
  );
}

/**
 * Uses a grant for a message inside `MsgExec`: what is left of it is kept without an event.
 * @throws Refusal `sdk/5` or `sdk/4` when an authorization to send does not cover it
 */
export function useForExec(
  context: GrantContext,
  grant: cosmos.authz.GrantAuthorization,
  messageType: string,
  message: Message,
): void {
  const { authorization, granter, grantee } = grant;
  if (authorization === undefined) throw sdkRefusal("unauthorized", "the authorization does not accept this message");
  const left = leftOf(authorization, message);
  if (left === authorization) return;
  if (left === undefined) removeGrant(context, grant, messageType);
  else context.branch.set("grants", grantKey(granter, grantee, messageType), { ...grant, authorization: left });
}

/** Undefined when it is used up. */
function leftOf(authorization: Any, message: Message): Any | undefined {
  const counted = unpackAny(authorization, CountAuthorizationSchema);
  if (counted !== undefined) return oneLess(counted);
  const send = unpackAny(authorization, SendAuthorizationSchema);
  if (send === undefined) return authorization;
  const { toAddress, amount } = message as cosmos.bank.MsgSend;
  const left = subtractCoins(coinsOf(send.spendLimit), coinsOf(amount));
  if (anyNegative(left)) throw sdkRefusal("insufficientFunds", "requested amount is more than spend limit");
  if (send.allowList.length > 0 && !send.allowList.includes(toAddress)) {
    throw sdkRefusal("unauthorized", `cannot send to ${toAddress} address`);
  }
  if (left.length === 0) return undefined;
  const spendLimit = toWireCoins(left);
  return packAny(SendAuthorizationSchema, create(SendAuthorizationSchema, { allowList: send.allowList, spendLimit }));
}
