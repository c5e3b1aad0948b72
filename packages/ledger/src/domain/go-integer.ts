/**
 * Whole numbers as the node reads them where a message carries text: literals of Go (math/big, base 0), so that `010` is
 * eight, and `0x10`, `0b11`, `0o17`, `1_000` and `+5` are numbers too.
 */
const LITERAL =
  /^([+-]?)(?:0[bB]((?:_?[01])+)|0[oO]((?:_?[0-7])+)|0[xX]((?:_?[0-9a-fA-F])+)|0((?:_?[0-7])*)|([1-9](?:_?[0-9])*))$/;

/** Bits of the largest amount, without its sign. */
const BITS_MAX = 256;
/** Digits that so many bits can have, by base. */
const DIGITS_MAX = { 2: 256, 8: 86, 16: 64, 10: 78 } as const;

/** Undefined for text that is no such literal, or a number of more than 256 bits. */
export function parseGoInteger(text: string): bigint | undefined {
  const found = LITERAL.exec(text);
  if (found === null) return undefined;
  const [, sign, binary, octal, hexadecimal, legacyOctal, decimal] = found;
  const value = read(2, binary) ?? read(8, octal) ?? read(16, hexadecimal) ?? read(8, legacyOctal) ?? read(10, decimal);
  if (value === undefined || value >= 1n << BigInt(BITS_MAX)) return undefined;
  return sign === "-" ? -value : value;
}

const prefixes = { 2: "0b", 8: "0o", 16: "0x", 10: "" } as const;

/** Undefined without digits, and for more of them than are looked at. */
function read(base: keyof typeof DIGITS_MAX, text: string | undefined): bigint | undefined {
  if (text === undefined) return undefined;
  const digits = text.replaceAll("_", "").replace(/^0+/, "");
  if (digits.length > DIGITS_MAX[base]) return undefined;
  return digits === "" ? 0n : BigInt(`${prefixes[base]}${digits}`);
}
