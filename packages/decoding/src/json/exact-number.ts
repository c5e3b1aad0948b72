/** The range of an integer type. */
export interface IntegerRange {
  readonly min: bigint;
  readonly max: bigint;
}

const NUMBER = /^(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$/;
/** More digits than any integer type has. */
const DIGITS_MAX = 20;
/** Beyond it, protobuf's readers do not agree on what is a number. */
const EXPONENT_MAX = 2_147_483_647;

interface Decimal {
  readonly negative: boolean;
  /** Without leading zeros. */
  readonly whole: string;
  /** Without zeros at its end. */
  readonly fraction: string;
  readonly exponent: number;
}

/** Undefined for what is no JSON number, or has an exponent that readers differ on. */
function parseDecimal(text: string): Decimal | undefined {
  const found = NUMBER.exec(text);
  if (found === null) return undefined;
  const [, sign, whole, fraction = "", exponent = "0"] = found;
  const power = Number(exponent);
  if (Math.abs(power) > EXPONENT_MAX) return undefined;
  return {
    negative: sign === "-",
    whole: whole === "0" ? "" : whole!,
    fraction: withoutTrailingZeros(fraction),
    exponent: power,
  };
}

function withoutTrailingZeros(digits: string): string {
  let end = digits.length;
  while (end > 0 && digits[end - 1] === "0") end -= 1;
  return digits.slice(0, end);
}

/**
 * The integer that a JSON number is, however it is written (`1`, `1.0`, `1e3`, `10e-1`), or why it is none of the type's.
 * No digit is lost. A few spellings of small integers with long exponents, which protobuf-go does not take, are refused.
 */
export function exactInteger(text: string, { min, max }: IntegerRange): bigint | string {
  const decimal = parseDecimal(text);
  if (decimal === undefined) return "is not a number";
  const { negative, whole, fraction, exponent } = decimal;
  if (whole === "" && fraction === "") return 0n;
  if (fraction.length > Math.max(exponent, 0)) return "is not a whole number";
  let digits: string;
  if (exponent >= 0) {
    if (whole.length + exponent > DIGITS_MAX) return "is out of the type's range";
    digits = whole + fraction.padEnd(exponent, "0");
  } else {
    const point = whole.length + exponent;
    if (point < 0 || /[1-9]/.test(whole.slice(point))) return "is not a whole number";
    digits = whole.slice(0, point);
    if (digits.length > DIGITS_MAX) return "is out of the type's range";
  }
  const value = BigInt(negative ? `-${digits}` : digits);
  return value < min || value > max ? "is out of the type's range" : value;
}

/** The double nearest to a JSON number, or why there is none. */
export function exactDouble(text: string): number | string {
  return parseDecimal(text) === undefined ? "is not a number" : finite(Number(text));
}

function finite(value: number): number | string {
  return Number.isFinite(value) ? value : "is out of the type's range";
}

/**
 * The 32-bit float nearest to a JSON number, or why there is none. Java reads a double first and rounds that, which in rare
 * cases is another float: those are refused.
 */
export function exactFloat(text: string): number | string {
  if (!NUMBER.test(text)) return "is not a number";
  const double = Number(text);
  const value = Math.fround(double);
  if (value === double || !Number.isFinite(value)) return finite(value);
  const other = floatBeyond(value, double);
  const isMiddle = double - value === other - double;
  if (!isMiddle || isNearer(text, double, value, other)) return value;
  return "lies so close to the middle of two floats that readers differ";
}

/** The float next to `value` on the side of `double`. */
function floatBeyond(value: number, double: number): number {
  if (value === 0) return Math.sign(double) * 2 ** -149;
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  // Magnitudes grow with the bits, whatever the sign is.
  view.setInt32(0, view.getInt32(0) + (Math.abs(double) > Math.abs(value) ? 1 : -1));
  return view.getFloat32(0);
}

/** Whether the text's own digits, of which `double` is the nearest double, are not nearer to `other` than to `value`. */
function isNearer(text: string, double: number, value: number, other: number): boolean {
  const { negative, whole, fraction, exponent } = parseDecimal(text)!;
  const digits = BigInt(`0${whole}${fraction}`) * (negative ? -1n : 1n);
  const power = exponent - fraction.length;
  const [mantissa, scale] = binaryParts(double);
  // digits * 10^power against mantissa * 2^scale, without fractions.
  const left = digits * 10n ** BigInt(Math.max(power, 0)) * 2n ** BigInt(Math.max(-scale, 0));
  const right = mantissa * 2n ** BigInt(Math.max(scale, 0)) * 10n ** BigInt(Math.max(-power, 0));
  return left === right || left > right === value > other;
}

function binaryParts(double: number): readonly [mantissa: bigint, scale: number] {
  let scale = 0;
  let value = double;
  while (!Number.isInteger(value)) {
    value *= 2;
    scale -= 1;
  }
  return [BigInt(value), scale];
}
