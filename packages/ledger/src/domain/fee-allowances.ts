import { create } from "@bufbuild/protobuf";
import {
  type Any,
  DurationSchema,
  durationMs,
  TimestampSchema,
  timestampFromMs,
  timestampMs,
} from "@bufbuild/protobuf/wkt";
import { packAny } from "@p8e/proto/any";
import * as cosmos from "@p8e/proto/cosmos";
import { keyOfAccount } from "./addresses.ts";
import { unpackAny } from "./any.ts";
import type { TransferContext } from "./bank.ts";
import { anyNegative, type Coins, coinsOf, requireCoins, subtractCoins, toWireCoins } from "./coins.ts";
import { event } from "./events.ts";
import { pairKey } from "./ledger-state.ts";
import { Refusal, sdkRefusal } from "./refusal.ts";

/** Allowances to pay fees from another account (cosmos-sdk: x/feegrant). */
const { BasicAllowanceSchema, PeriodicAllowanceSchema, AllowedMsgAllowanceSchema } = cosmos.feegrant;

/** The key of an allowance in its table. */
export function allowanceKey(granter: string, grantee: string): string {
  return pairKey(keyOfAccount(grantee), keyOfAccount(granter));
}

/** A node removes an allowance whose expiration has come: then it is gone. */
export function isAllowanceExpired({ allowance }: Pick<cosmos.feegrant.Grant, "allowance">, timeMs: number): boolean {
  const expiration = allowance === undefined ? undefined : expirationOf(allowance);
  return expiration !== undefined && expiration <= timeMs;
}

function expirationOf(allowance: Any): number | undefined {
  const listed = unpackAny(allowance, AllowedMsgAllowanceSchema);
  if (listed !== undefined) return listed.allowance === undefined ? undefined : expirationOf(listed.allowance);
  const periodic = unpackAny(allowance, PeriodicAllowanceSchema);
  const basic = periodic === undefined ? unpackAny(allowance, BasicAllowanceSchema) : periodic.basic;
  return basic?.expiration === undefined ? undefined : timestampMs(basic.expiration);
}

/** The allowance with that key, unless its time is over. */
export function liveAllowance(
  { branch, block }: Pick<TransferContext, "branch" | "block">,
  key: string,
): cosmos.feegrant.Grant | undefined {
  const grant = branch.get("allowances", key);
  return grant === undefined || isAllowanceExpired(grant, block.timeMs) ? undefined : grant;
}

/** What is left of an allowance after a fee: undefined when it is used up. */
type Left = Any | undefined;

/**
 * Takes `fee` from the allowance that `granter` gave `grantee`.
 * @throws Refusal `sdk/38` without allowance, `feegrant/2` over its limit, `/3` expired, `/7` message not listed
 */
export function useAllowance(
  context: TransferContext,
  names: { readonly granter: string; readonly grantee: string },
  fee: Coins,
  messageTypes: readonly string[],
): void {
  const { branch, events, block } = context;
  const { granter, grantee } = names;
  const key = allowanceKey(granter, grantee);
  const grant = liveAllowance({ branch, block }, key);
  if (grant?.allowance === undefined) {
    throw sdkRefusal("notFound", `fee-grant not found: granter ${granter}, grantee ${grantee}`);
  }
  const left = spend(grant.allowance, fee, messageTypes, block.timeMs);
  if (left === undefined) {
    branch.delete("allowances", key);
    events.push(event("revoke_feegrant", names), event("use_feegrant", names));
  } else {
    branch.set("allowances", key, { ...grant, allowance: left });
    events.push(event("use_feegrant", names), event("update_feegrant", names));
  }
}

function spend(allowance: Any, fee: Coins, messageTypes: readonly string[], nowMs: number): Left {
  const basic = unpackAny(allowance, BasicAllowanceSchema);
  if (basic !== undefined) return spendBasic(basic, fee, nowMs);
  const periodic = unpackAny(allowance, PeriodicAllowanceSchema);
  if (periodic !== undefined) return spendPeriodic(periodic, fee, nowMs);
  const listed = unpackAny(allowance, AllowedMsgAllowanceSchema);
  if (listed?.allowance === undefined) throw sdkRefusal("invalidType", `unknown allowance ${allowance.typeUrl}`);
  if (!messageTypes.every((type) => listed.allowedMessages.includes(type))) {
    throw new Refusal("feegrant", 7, "message does not exist in allowed messages: message not allowed");
  }
  const inner = spend(listed.allowance, fee, messageTypes, nowMs);
  return inner === undefined ? undefined : packAny(AllowedMsgAllowanceSchema, { ...listed, allowance: inner });
}

function requireCurrent(basic: cosmos.feegrant.BasicAllowance, nowMs: number): void {
  if (basic.expiration !== undefined && timestampMs(basic.expiration) < nowMs) {
    throw new Refusal("feegrant", 3, "fee allowance expired");
  }
}

function within(limit: Coins, fee: Coins, what: string): Coins {
  const left = subtractCoins(limit, fee);
  if (anyNegative(left)) throw new Refusal("feegrant", 2, `${what}: fee limit exceeded`);
  return left;
}

function spendBasic(basic: cosmos.feegrant.BasicAllowance, fee: Coins, nowMs: number): Left {
  requireCurrent(basic, nowMs);
  if (basic.spendLimit.length === 0) return packAny(BasicAllowanceSchema, basic);
  const left = within(coinsOf(basic.spendLimit), fee, "basic allowance");
  if (left.length === 0) return undefined;
  return packAny(BasicAllowanceSchema, withLimit(basic, left));
}

function withLimit(basic: cosmos.feegrant.BasicAllowance, limit: Coins): cosmos.feegrant.BasicAllowance {
  const spendLimit = toWireCoins(limit);
  const { expiration } = basic;
  return create(BasicAllowanceSchema, expiration === undefined ? { spendLimit } : { spendLimit, expiration });
}

function spendPeriodic(given: cosmos.feegrant.PeriodicAllowance, fee: Coins, nowMs: number): Left {
  const basic = given.basic ?? create(BasicAllowanceSchema);
  requireCurrent(basic, nowMs);
  let canSpend = coinsOf(given.periodCanSpend);
  let resetMs = given.periodReset === undefined ? 0 : timestampMs(given.periodReset);
  if (nowMs >= resetMs) {
    const periodMs = given.period === undefined ? 0 : durationMs(given.period);
    const limit = coinsOf(given.periodSpendLimit);
    const total = coinsOf(basic.spendLimit);
    canSpend = total.length > 0 && anyNegative(subtractCoins(total, limit)) ? total : limit;
    resetMs += periodMs;
    if (nowMs > resetMs) resetMs = nowMs + periodMs;
  }
  const leftOfPeriod = within(canSpend, fee, "period limit");
  let leftOfAll = basic;
  if (basic.spendLimit.length > 0) {
    const left = within(coinsOf(basic.spendLimit), fee, "absolute limit");
    if (left.length === 0) return undefined;
    leftOfAll = withLimit(basic, left);
  }
  return packAny(PeriodicAllowanceSchema, {
    ...given,
    basic: leftOfAll,
    periodCanSpend: create(BasicAllowanceSchema, { spendLimit: toWireCoins(leftOfPeriod) }).spendLimit,
    periodReset: timestampFromMs(resetMs),
  });
}

/**
 * What needs no state to see of an allowance.
 * @throws Refusal `sdk/10` for coins that are none, `feegrant/4` for a negative time, `/5` without an inner allowance,
 *   `/6` without messages
 */
export function checkAllowance(allowance: Any): void {
  const listed = unpackAny(allowance, AllowedMsgAllowanceSchema);
  if (listed !== undefined) {
    if (listed.allowance === undefined) throw new Refusal("feegrant", 5, "allowance should not be empty: no allowance");
    if (listed.allowedMessages.length === 0) throw new Refusal("feegrant", 6, "allowed messages shouldn't be empty");
    checkAllowance(listed.allowance);
    return;
  }
  const periodic = unpackAny(allowance, PeriodicAllowanceSchema);
  const basic = periodic === undefined ? unpackAny(allowance, BasicAllowanceSchema) : periodic.basic;
  if (basic !== undefined) checkBasic(basic);
  if (periodic !== undefined) checkPeriodic(periodic);
}

function checkBasic({ spendLimit, expiration }: cosmos.feegrant.BasicAllowance): void {
  if (spendLimit.length > 0) requireCoins(spendLimit);
  if (expiration !== undefined && expiration.seconds < 0n) {
    throw new Refusal("feegrant", 4, "expiration time cannot be negative: invalid duration");
  }
}

function checkPeriodic(given: cosmos.feegrant.PeriodicAllowance): void {
  const { period, periodSpendLimit, periodCanSpend } = given;
  requireCoins(periodSpendLimit);
  if (periodCanSpend.length > 0) requireCoins(periodCanSpend);
  const total = given.basic?.spendLimit ?? [];
  if (total.length > 0 && periodSpendLimit.some(({ denom }) => !total.some((coin) => coin.denom === denom))) {
    throw sdkRefusal("invalidCoins", "period spend limit has different currency than basic spend limit");
  }
  if (period !== undefined && durationMs(period) < 0) {
    throw new Refusal("feegrant", 4, "negative clock step: invalid duration");
  }
}

/** @throws Refusal `sdk/18` for an allowance whose time is over */
export function requireNotOver(allowance: Any, nowMs: number): void {
  const expiration = expirationOf(allowance);
  if (expiration !== undefined && expiration < nowMs) {
    throw sdkRefusal("invalidRequest", "expiration is before current block time");
  }
}

/** The year 1, which stands for no time. */
const NEVER = { seconds: -62_135_596_800n, nanos: 0 } as const;

/** As a node keeps it: a periodic allowance always has a basic one, a period and a time of its next. */
export function completeAllowance(allowance: Any): Any {
  const listed = unpackAny(allowance, AllowedMsgAllowanceSchema);
  if (listed?.allowance !== undefined) {
    return packAny(AllowedMsgAllowanceSchema, { ...listed, allowance: completeAllowance(listed.allowance) });
  }
  const periodic = unpackAny(allowance, PeriodicAllowanceSchema);
  if (periodic === undefined) return allowance;
  const { basic, period, periodReset } = periodic;
  return packAny(PeriodicAllowanceSchema, {
    ...periodic,
    basic: basic ?? create(BasicAllowanceSchema),
    period: period ?? create(DurationSchema),
    periodReset: periodReset ?? create(TimestampSchema, NEVER),
  });
}
