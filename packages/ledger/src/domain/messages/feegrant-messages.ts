import { create } from "@bufbuild/protobuf";
import * as cosmos from "@p8e/proto/cosmos";
import { keyOfAccount, requireAccountText } from "../addresses.ts";
import { event } from "../events.ts";
import { allowanceKey, checkAllowance, completeAllowance, liveAllowance, requireNotOver } from "../fee-allowances.ts";
import { ensureAccount, type MessageContext } from "../message-context.ts";
import { panicRefusal, sdkRefusal } from "../refusal.ts";
import { define } from "./definition.ts";

/** `cosmos.feegrant.v1beta1.MsgGrantAllowance` */
export const grantAllowance = define({
  schema: cosmos.feegrant.MsgGrantAllowanceSchema,
  response: cosmos.feegrant.MsgGrantAllowanceResponseSchema,
  signers: (message) => [message.granter],
  validate: (message) => message,
  run: (context, message) => {
    if (message.granter.toLowerCase() === message.grantee.toLowerCase()) {
      throw sdkRefusal("invalidAddress", "cannot self-grant fee authorization");
    }
    const { granter, grantee } = both(context, message);
    const key = allowanceKey(granter, grantee);
    if (liveAllowance(context, key) !== undefined) throw sdkRefusal("invalidRequest", "fee allowance already exists");
    const { allowance } = message;
    if (allowance === undefined) throw panicRefusal("an allowance is missing");
    checkAllowance(allowance);
    ensureAccount(context.branch, keyOfAccount(grantee), grantee);
    requireNotOver(allowance, context.block.timeMs);
    const stored = create(cosmos.feegrant.GrantSchema, { granter, grantee, allowance: completeAllowance(allowance) });
    context.branch.set("allowances", key, stored);
    context.events.push(event("set_feegrant", { granter, grantee }));
    return {};
  },
});

/** The two of an allowance, in their usual text; the grantee is looked at first. */
function both(
  { block }: MessageContext,
  { granter, grantee }: { readonly granter: string; readonly grantee: string },
): { granter: string; grantee: string } {
  const receiver = requireAccountText(grantee, block.accountPrefix);
  return { grantee: receiver, granter: requireAccountText(granter, block.accountPrefix) };
}

/** `cosmos.feegrant.v1beta1.MsgRevokeAllowance` */
export const revokeAllowance = define({
  schema: cosmos.feegrant.MsgRevokeAllowanceSchema,
  response: cosmos.feegrant.MsgRevokeAllowanceResponseSchema,
  signers: (message) => [message.granter],
  validate: (message) => message,
  run: (context, message) => {
    if (message.granter === message.grantee) throw sdkRefusal("invalidAddress", "addresses must be different");
    const { granter, grantee } = both(context, message);
    const key = allowanceKey(granter, grantee);
    if (liveAllowance(context, key) === undefined) throw sdkRefusal("notFound", "fee-grant not found");
    context.branch.delete("allowances", key);
    context.events.push(event("revoke_feegrant", { granter, grantee }));
    return {};
  },
});
