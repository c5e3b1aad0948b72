import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { AccountPrefix } from "@p8e/core";
import * as cosmos from "@p8e/proto/cosmos";
import { isAccount, keyOfAccount } from "../addresses.ts";
import { unpackAny } from "../any.ts";
import { authorizedType, consume, grantKey, liveGrant, removeGrant, saveGrant } from "../authorizations.ts";
import { withAttribute } from "../events.ts";
import { ensureAccount, type MessageContext, messageContext } from "../message-context.ts";
import { normalizeMetadataAddresses } from "../metadata-address-fields.ts";
import { plainRefusal, Refusal, sdkRefusal } from "../refusal.ts";
import { define, type MessageDefinition } from "./definition.ts";

/** How a type URL finds its definition; the registry passes itself in, since MsgExec runs other messages. */
export type FindDefinition = (typeUrl: string) => MessageDefinition | undefined;

function requireBoth(granter: string, grantee: string, prefix: AccountPrefix): void {
  for (const address of [granter, grantee]) {
    if (!isAccount(address, prefix)) throw new Refusal("sdk", 7, `invalid address "${address}": invalid address`);
  }
  if (granter === grantee) throw new Refusal("authz", 7, "grantee and granter should be different");
}

export function grantMessage(find: FindDefinition): MessageDefinition {
  return define({
    schema: cosmos.authz.MsgGrantSchema,
    response: cosmos.authz.MsgGrantResponseSchema,
    signers: (message) => [message.granter],
    validate: (message) => message,
    run: (context, message) => {
      const { granter, grantee, grant } = message;
      requireBoth(granter, grantee, context.block.accountPrefix);
      if (grant?.authorization === undefined) throw sdkRefusal("invalidType", "authorization is missing");
      const { authorization, expiration } = grant;
      const counted = unpackAny(authorization, cosmos.authz.CountAuthorizationSchema);
      if (counted !== undefined && counted.allowedAuthorizations <= 0) {
        throw sdkRefusal("invalidRequest", "allowed authorizations must be greater than 0");
      }
      const messageType = authorizedType({ authorization });
      if (messageType === undefined) {
        throw plainRefusal(`authorizations of type ${authorization.typeUrl} are not supported by the embedded ledger`);
      }
      if (find(messageType) === undefined) throw sdkRefusal("invalidType", `${messageType} doesn't exist.`);
      const expired = expiration !== undefined && timestampMs(expiration) <= context.block.timeMs;
      if (expired) throw new Refusal("authz", 3, "expiration time of authorization should be more than current time");
      ensureAccount(context.branch, keyOfAccount(grantee), grantee);
      const stored = create(cosmos.authz.GrantAuthorizationSchema, { granter, grantee, authorization });
      saveGrant(context, expiration === undefined ? stored : { ...stored, expiration }, messageType);
      return {};
    },
  });
}

export const revokeMessage = define({
  schema: cosmos.authz.MsgRevokeSchema,
  response: cosmos.authz.MsgRevokeResponseSchema,
  signers: (message) => [message.granter],
  validate: (message) => message,
  run: (context, message) => {
    const { granter, grantee, msgTypeUrl } = message;
    requireBoth(granter, grantee, context.block.accountPrefix);
    if (msgTypeUrl === "") throw sdkRefusal("invalidRequest", "missing msg method name");
    const grant = liveGrant(context, grantKey(granter, grantee, msgTypeUrl));
    if (grant === undefined) throw new Refusal("authz", 2, "failed to delete grant: authorization not found");
    removeGrant(context, grant, msgTypeUrl);
    return {};
  },
});

const NESTING_MAX = 4;

export function execMessage(find: FindDefinition): MessageDefinition {
  return define({
    schema: cosmos.authz.MsgExecSchema,
    response: cosmos.authz.MsgExecResponseSchema,
    signers: (message) => [message.grantee],
    validate: (message) => message,
    run: (context, message) => {
      if (!isAccount(message.grantee, context.block.accountPrefix)) {
        throw new Refusal("sdk", 7, `invalid grantee address "${message.grantee}": invalid address`);
      }
      if (message.msgs.length === 0) throw sdkRefusal("invalidRequest", "messages cannot be empty");
      const results = message.msgs.map((any, index) => execute(context, find, message.grantee, any, index));
      return { results };
    },
  });
}

function execute(
  context: MessageContext,
  find: FindDefinition,
  grantee: string,
  any: cosmos.authz.MsgExec["msgs"][number],
  index: number,
): Uint8Array {
  const definition = find(any.typeUrl);
  if (definition === undefined) throw sdkRefusal("unknownRequest", `unrecognized message route: ${any.typeUrl}`);
  if (any.typeUrl === "/cosmos.authz.v1beta1.MsgExec" && nesting(any.value) >= NESTING_MAX) {
    throw sdkRefusal("invalidRequest", "messages are nested too deeply");
  }
  const decoded = fromBinary(definition.schema, any.value);
  normalizeMetadataAddresses(definition.schema, decoded);
  const inner = definition.validate(decoded, context.block.accountPrefix);
  const signers = definition.signers(inner);
  const [granter] = signers;
  if (granter === undefined || signers.length !== 1) {
    throw new Refusal("authz", 9, "authorization can be given to msg with only one signer");
  }
  if (granter !== grantee) useGrant(context, granter, grantee, any.typeUrl);
  const nested = messageContext(context.branch, context.block, any.typeUrl);
  const response = create(definition.response, definition.run(nested, inner));
  context.events.push(...nested.events.map((event) => withAttribute(event, "authz_msg_index", String(index))));
  return toBinary(definition.response, response);
}

function useGrant(context: MessageContext, granter: string, grantee: string, messageType: string): void {
  const grant = liveGrant(context, grantKey(granter, grantee, messageType));
  if (grant === undefined) {
    throw new Refusal("authz", 2, "failed to get grant with given granter and grantee: authorization not found");
  }
  if (!consume(context, grant, messageType)) {
    throw sdkRefusal("unauthorized", "the authorization does not accept this message");
  }
}

/** How many MsgExec lie inside each other from here on. */
function nesting(bytes: Uint8Array): number {
  let depth = 1;
  let level = [bytes];
  while (depth < NESTING_MAX) {
    level = level.flatMap((value) =>
      fromBinary(cosmos.authz.MsgExecSchema, value)
        .msgs.filter(({ typeUrl }) => typeUrl === "/cosmos.authz.v1beta1.MsgExec")
        .map(({ value: inner }) => inner),
    );
    if (level.length === 0) return depth;
    depth++;
  }
  return depth;
}
