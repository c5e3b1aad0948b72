import { create } from "@bufbuild/protobuf";
import { durationMs, timestampFromMs } from "@bufbuild/protobuf/wkt";
import { packAny } from "@p8e/proto/any";
import * as cosmos from "@p8e/proto/cosmos";
import { isAccount, keyOfAccount } from "../addresses.ts";
import { unpackAny } from "../any.ts";
import { event } from "../events.ts";
import { allowanceKey, checkAllowance, liveAllowance } from "../fee-allowances.ts";
import { ensureAccount, type MessageContext } from "../message-context.ts";
import { Refusal, sdkRefusal } from "../refusal.ts";
import { define } from "./definition.ts";

function requireBoth(context: MessageContext, granter: string, grantee: string): void {
  for (const address of [granter, grantee]) {
    if (!isAccount(address, context.block.accountPrefix)) {
      throw new Refusal("sdk", 7, `invalid address "${address}": invalid address`);
    }
  }
  if (granter === grantee) throw new Refusal("sdk", 7, "addresses cannot be the same: invalid address");
}

export const grantAllowance = define({
  schema: cosmos.feegrant.MsgGrantAllowanceSchema,
  response: cosmos.feegrant.MsgGrantAllowanceResponseSchema,
  signers: (message) => [message.granter],
  validate: (message) => message,
  run: (context, message) => {
    const { granter, grantee, allowance } = message;
    requireBoth(context, granter, grantee);
    if (allowance === undefined) throw sdkRefusal("invalidType", "allowance is missing");
    const key = allowanceKey(granter, grantee);
    if (liveAllowance(context, key) !== undefined) throw sdkRefusal("invalidRequest", "fee allowance already exists");
    checkAllowance(allowance, context.block.timeMs);
    ensureAccount(context.branch, keyOfAccount(grantee), grantee);
    const stored = create(cosmos.feegrant.GrantSchema, {
      granter,
      grantee,
      allowance: withFirstPeriod(allowance, context.block.timeMs),
    });
    context.branch.set("allowances", key, stored);
    context.events.push(event("set_feegrant", { granter, grantee }));
    return {};
  },
});

/** A periodic allowance starts its first period at the block's time unless it says otherwise. */
function withFirstPeriod(
  allowance: NonNullable<cosmos.feegrant.MsgGrantAllowance["allowance"]>,
  nowMs: number,
): typeof allowance {
  const periodic = unpackAny(allowance, cosmos.feegrant.PeriodicAllowanceSchema);
  if (periodic?.period === undefined || periodic.periodReset !== undefined) return allowance;
  const periodReset = timestampFromMs(nowMs + durationMs(periodic.period));
  return packAny(cosmos.feegrant.PeriodicAllowanceSchema, { ...periodic, periodReset });
}

export const revokeAllowance = define({
  schema: cosmos.feegrant.MsgRevokeAllowanceSchema,
  response: cosmos.feegrant.MsgRevokeAllowanceResponseSchema,
  signers: (message) => [message.granter],
  validate: (message) => message,
  run: (context, message) => {
    const { granter, grantee } = message;
    requireBoth(context, granter, grantee);
    const key = allowanceKey(granter, grantee);
    if (liveAllowance(context, key) === undefined) throw sdkRefusal("notFound", "fee-grant not found");
    context.branch.delete("allowances", key);
    context.events.push(event("revoke_feegrant", { granter, grantee }));
    return {};
  },
});
