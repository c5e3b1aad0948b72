import type { Money, Rate } from "../gen/tech/figure/util/v1beta1/types_pb.ts";
import { compareDecimals, hold, ONE, parseDecimal, present, ZERO } from "./conditions.ts";

/** An amount that is there, with a decimal value and a currency of three capital letters. */
export function checkMoney(given: Money | undefined, field: string) {
  const money = present(given, "amount-given", field, "an amount is missing");
  const value = present(
    parseDecimal(money.value),
    "amount-decimal",
    `${field}.value`,
    "an amount must be a decimal number",
  );
  hold(/^[A-Z]{3}$/.test(money.currency), "currency-code", `${field}.currency`, "a currency has three capital letters");
  return { value, currency: money.currency };
}

/** A share between 0 and 1. */
export function checkRate(given: Rate | undefined, field: string): void {
  const rate = present(given, "rate-given", field, "a rate is missing");
  const value = present(parseDecimal(rate.rate), "rate-decimal", `${field}.rate`, "a rate must be a decimal number");
  const inRange = compareDecimals(value, ZERO) >= 0 && compareDecimals(value, ONE) <= 0;
  hold(inRange, "rate-in-range", `${field}.rate`, "a rate lies between 0 and 1");
}
