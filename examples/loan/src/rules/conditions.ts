import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { RuleViolation } from "@p8e/contract";

/** Refuses the package unless the condition holds. `field` is a path of JSON names that begins with the input's. */
export function hold(condition: boolean, rule: string, field: string, message: string): asserts condition {
  if (!condition) throw new RuleViolation({ rule, field, message });
}

/** As {@link hold}, for a message or text that must be there. */
export function present<T>(value: T | undefined, rule: string, field: string, message: string): T {
  hold(value !== undefined, rule, field, message);
  return value;
}

/** Whether there is nothing but white space. */
export function isBlank(text: string): boolean {
  return text.trim() === "";
}

/** Whether a text is a UUID of any version, in either case of letters. */
export function isUuid(text: string | undefined): boolean {
  return text !== undefined && /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}

/** A decimal number in text, exact: digits times 10 to the power of -scale. */
export interface Decimal {
  readonly digits: bigint;
  readonly scale: number;
}

/** Undefined unless the text is what the types ask for: digits, optionally a sign and a fraction, no exponent. */
export function parseDecimal(text: string): Decimal | undefined {
  const match = /^(-?)(\d*)(?:\.(\d+))?$/.exec(text);
  const [, sign = "", whole = "", fraction = ""] = match ?? [];
  if (match === null || whole + fraction === "" || text.length > 40) return undefined;
  return { digits: BigInt(`${sign}${whole}${fraction}`), scale: fraction.length };
}

/** Negative, zero or positive, as for sorting. */
export function compareDecimals(one: Decimal, other: Decimal): number {
  const scale = Math.max(one.scale, other.scale);
  const difference = one.digits * 10n ** BigInt(scale - one.scale) - other.digits * 10n ** BigInt(scale - other.scale);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** Zero, to compare amounts with. */
export const ZERO: Decimal = { digits: 0n, scale: 0 };
/** One, the highest rate or share that makes sense. */
export const ONE: Decimal = { digits: 1n, scale: 0 };

/** Whether one moment is the other or before it. */
export function isNotAfter(one: Timestamp, other: Timestamp): boolean {
  return one.seconds < other.seconds || (one.seconds === other.seconds && one.nanos <= other.nanos);
}

const SECONDS_PER_DAY = 86_400n;
const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Days since 1970-01-01 of a date such as 2024-02-29; undefined if there is no such day. */
export function parseDay(text: string): bigint | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (match === null) return undefined;
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number];
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const last = month === 2 && isLeap ? 29 : (DAYS_IN_MONTH[month - 1] ?? 0);
  if (day < 1 || day > last) return undefined;
  // Counted from March, so that the leap day is the last of its year.
  const from = month > 2 ? year : year - 1;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const days = from * 365 + Math.floor(from / 4) - Math.floor(from / 100) + Math.floor(from / 400) + dayOfYear;
  return BigInt(days - 719_468);
}

/** Whether a day has begun somewhere on earth: dates of contracts carry no time zone. */
export function hasBegun(day: bigint, now: Timestamp): boolean {
  return day * SECONDS_PER_DAY <= now.seconds + SECONDS_PER_DAY / 2n;
}
