import { create } from "@bufbuild/protobuf";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { packAny } from "@p8e/proto/any";
import * as cosmos from "@p8e/proto/cosmos";
import { keyOfAccount } from "./addresses.ts";
import { unpackAny } from "./any.ts";
import { typedEvent } from "./events.ts";
import { pairKey } from "./ledger-state.ts";
import type { MessageContext } from "./message-context.ts";

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

export function grantKey(granter: string, grantee: string, messageType: string): string {
  return pairKey(keyOfAccount(granter), keyOfAccount(grantee), messageType);
}

/** Where grants are kept and their changes announced. */
export type GrantContext = Pick<MessageContext, "branch" | "events">;

export function saveGrant(context: GrantContext, grant: cosmos.authz.GrantAuthorization, msgTypeUrl: string): void {
  const { branch, events } = context;
  const { granter, grantee } = grant;
  const key = grantKey(granter, grantee, msgTypeUrl);
  branch.set("grants", key, grant);
  branch.set("grantsByGrantee", grantKey(grantee, granter, msgTypeUrl), key);
  events.push(typedEvent(cosmos.authz.EventGrantSchema, { msgTypeUrl, granter, grantee }));
}

export function removeGrant(context: GrantContext, grant: cosmos.authz.GrantAuthorization, msgTypeUrl: string): void {
  const { branch, events } = context;
  const { granter, grantee } = grant;
  branch.delete("grants", grantKey(granter, grantee, msgTypeUrl));
  branch.delete("grantsByGrantee", grantKey(grantee, granter, msgTypeUrl));
  events.push(typedEvent(cosmos.authz.EventRevokeSchema, { msgTypeUrl, granter, grantee }));
}

/** The message type an authorization speaks of; undefined for kinds the embedded ledger does not know. */
export function authorizedType(grant: Pick<cosmos.authz.GrantAuthorization, "authorization">): string | undefined {
  const { authorization } = grant;
  if (authorization === undefined) return undefined;
  return (
    unpackAny(authorization, cosmos.authz.GenericAuthorizationSchema)?.msg ??
    unpackAny(authorization, cosmos.authz.CountAuthorizationSchema)?.msg
  );
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

/** Uses a grant once: a counted one goes down by one and ends at none, a generic one stays. False if it refuses. */
export function consume(context: GrantContext, grant: cosmos.authz.GrantAuthorization, messageType: string): boolean {
  const { authorization } = grant;
  if (authorization === undefined) return false;
  const counted = unpackAny(authorization, cosmos.authz.CountAuthorizationSchema);
  if (counted === undefined) return unpackAny(authorization, cosmos.authz.GenericAuthorizationSchema) !== undefined;
  if (counted.allowedAuthorizations <= 1) {
    removeGrant(context, grant, messageType);
    return true;
  }
  const rest = create(cosmos.authz.CountAuthorizationSchema, {
    msg: counted.msg,
    allowedAuthorizations: counted.allowedAuthorizations - 1,
  });
  saveGrant(context, { ...grant, authorization: packAny(cosmos.authz.CountAuthorizationSchema, rest) }, messageType);
  return true;
}
