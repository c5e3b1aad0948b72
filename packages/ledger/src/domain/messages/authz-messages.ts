import { create, type Message, toBinary } from "@bufbuild/protobuf";
import { type Any, timestampMs } from "@bufbuild/protobuf/wkt";
import type { AccountPrefix } from "@p8e/core";
import { decodeMessage } from "@p8e/decoding";
import * as cosmos from "@p8e/proto/cosmos";
import { accountText, keyOfAccount, requireAccountText } from "../addresses.ts";
import {
  authorizedType,
  checkAuthorization,
  grantKey,
  liveGrant,
  removeGrant,
  saveGrant,
  useForExec,
} from "../authorizations.ts";
import { withAttribute } from "../events.ts";
import { ensureAccount, type MessageContext, messageContext } from "../message-context.ts";
import { plainRefusal, Refusal, sdkRefusal } from "../refusal.ts";
import { define, type MessageDefinition } from "./definition.ts";
import { isOfOtherModule } from "./other-modules.ts";

/** How a type URL finds its definition; the registry passes itself in, since MsgExec runs other messages. */
export type FindDefinition = (typeUrl: string) => MessageDefinition | undefined;

/** The two of a grant, in their usual text. @throws Refusal `authz/7` when they are one, `sdk/7` for no address */
function requireBoth(
  { granter, grantee }: { readonly granter: string; readonly grantee: string },
  prefix: AccountPrefix,
): { granter: string; grantee: string } {
  if (granter.toLowerCase() === grantee.toLowerCase()) {
    throw new Refusal("authz", 7, "grantee and granter should be different");
  }
  return { grantee: requireAddress(grantee, prefix, "grantee"), granter: requireAddress(granter, prefix, "granter") };
}

function requireAddress(text: string, prefix: AccountPrefix, what: string): string {
  const address = accountText(text, prefix);
  if (address === undefined) throw sdkRefusal("invalidAddress", `invalid ${what} address: "${text.slice(0, 120)}"`);
  return address;
}

/** `cosmos.authz.v1beta1.MsgGrant` */
export function grantMessage(find: FindDefinition): MessageDefinition {
  return define({
    schema: cosmos.authz.MsgGrantSchema,
    response: cosmos.authz.MsgGrantResponseSchema,
    signers: (message) => [message.granter],
    validate: (message) => message,
    run: (context, message) => {
      const { granter, grantee } = requireBoth(message, context.block.accountPrefix);
      const { grant } = message;
      if (grant?.authorization === undefined) throw sdkRefusal("invalidType", "authorization is nil");
      const { authorization, expiration } = grant;
      checkAuthorization(authorization);
      ensureAccount(context.branch, keyOfAccount(grantee), grantee);
      const messageType = authorizedType(authorization);
      if (messageType === undefined) {
        throw plainRefusal(`authorizations of type ${authorization.typeUrl} are not supported by the embedded ledger`);
      }
      if (isOfOtherModule(messageType)) {
        throw sdkRefusal("unknownRequest", `${messageType} is not supported by the embedded ledger`);
      }
      if (find(messageType) === undefined) throw sdkRefusal("invalidType", `${messageType} doesn't exist.`);
      const expired = expiration !== undefined && timestampMs(expiration) <= context.block.timeMs;
      if (expired) throw new Refusal("authz", 3, "expiration time of authorization should be more than current time");
      const stored = create(cosmos.authz.GrantAuthorizationSchema, { granter, grantee, authorization });
      saveGrant(context, expiration === undefined ? stored : { ...stored, expiration }, messageType);
      return {};
    },
  });
}

/** `cosmos.authz.v1beta1.MsgRevoke` */
export const revokeMessage = define({
  schema: cosmos.authz.MsgRevokeSchema,
  response: cosmos.authz.MsgRevokeResponseSchema,
  signers: (message) => [message.granter],
  validate: (message) => message,
  run: (context, message) => {
    const { granter, grantee } = requireBoth(message, context.block.accountPrefix);
    const { msgTypeUrl } = message;
    if (msgTypeUrl === "") throw sdkRefusal("invalidRequest", "missing msg method name");
    const grant = liveGrant(context, grantKey(granter, grantee, msgTypeUrl));
    if (grant === undefined) throw new Refusal("authz", 2, "failed to delete grant: authorization not found");
    removeGrant(context, grant, msgTypeUrl);
    return {};
  },
});

/** `cosmos.authz.v1beta1.MsgExec`: messages in the name of others, who have authorized the signer. */
export function execMessage(find: FindDefinition): MessageDefinition {
  return define({
    schema: cosmos.authz.MsgExecSchema,
    response: cosmos.authz.MsgExecResponseSchema,
    signers: (message) => [message.grantee],
    validate: (message) => message,
    run: (context, message) => {
      const grantee = requireAddress(message.grantee, context.block.accountPrefix, "grantee");
      if (message.msgs.length === 0) throw sdkRefusal("invalidRequest", "messages cannot be empty");
      const inner = message.msgs.map((any) => validated(context, find, any));
      return { results: inner.map((given, index) => execute(context, grantee, given, index)) };
    },
  });
}

interface InnerMessage {
  readonly typeUrl: string;
  /** Undefined for messages of modules that the embedded ledger leaves out. */
  readonly known: { readonly definition: MessageDefinition; readonly message: Message } | undefined;
}

/** Decoded when the transaction was, so it decodes. */
function validated(context: MessageContext, find: FindDefinition, { typeUrl, value }: Any): InnerMessage {
  const definition = find(typeUrl);
  if (definition === undefined) return { typeUrl, known: undefined };
  const message = definition.validate(
    decodeMessage(definition.schema, value, { what: definition.schema.typeName }),
    context.block.accountPrefix,
  );
  return { typeUrl, known: { definition, message } };
}

function execute(context: MessageContext, grantee: string, given: InnerMessage, index: number): Uint8Array {
  const { typeUrl, known } = given;
  if (known === undefined) throw sdkRefusal("unknownRequest", `unrecognized message route: ${typeUrl}`);
  const { definition, message } = known;
  const { accountPrefix } = context.block;
  const signers = definition.signers(message).map((signer) => requireAccountText(signer, accountPrefix));
  const [granter] = signers;
  if (granter === undefined || signers.length !== 1) {
    throw new Refusal("authz", 9, "authorization can be given to msg with only one signer");
  }
  if (granter !== grantee) {
    const grant = liveGrant(context, grantKey(granter, grantee, typeUrl));
    if (grant === undefined) {
      throw new Refusal("authz", 2, "failed to get grant with given granter and grantee: authorization not found");
    }
    useForExec(context, grant, typeUrl, message);
  }
  const nested = messageContext(context.branch, context.block, typeUrl);
  const response = create(definition.response, definition.run(nested, message));
  context.events.push(...nested.events.map((event) => withAttribute(event, "authz_msg_index", String(index))));
  return toBinary(definition.response, response);
}
