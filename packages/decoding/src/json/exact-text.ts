/** `value` or why the text is none. */
export type Read<T> = { readonly value: T } | string;

const TIMESTAMP = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):(\d\d))$/;
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
/** The first and the last second that a google.protobuf.Timestamp can be. */
const SECONDS_MIN = -62_135_596_800;
const SECONDS_MAX = 253_402_300_799;

/** Seconds and nanoseconds of a google.protobuf.Timestamp or google.protobuf.Duration. */
export interface SecondsAndNanos {
  readonly seconds: bigint;
  readonly nanos: number;
}

/** RFC 3339 as protobuf has it: days and times that exist, no leap second, up to nine digits of a second. */
export function readTimestamp(text: string): Read<SecondsAndNanos> {
  const found = TIMESTAMP.exec(text);
  if (found === null) return "is not a time in the form of RFC 3339";
  const [year, month, day, hour, minute, second] = found.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const [fraction, sign, offsetHour, offsetMinute] = found.slice(7);
  if (year === 0) return "is a time that protobuf cannot hold";
  if (month < 1 || month > 12 || day < 1 || day > daysOf(year, month)) return "is a date that does not exist";
  if (hour > 23 || minute > 59 || second > 59) return "is a time of day that does not exist";
  const offset = Number(offsetHour ?? 0) * 60 + Number(offsetMinute ?? 0);
  if (Number(offsetHour ?? 0) > 23 || Number(offsetMinute ?? 0) > 59) return "has an offset that does not exist";
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  const seconds = date.getTime() / 1000 - (sign === "-" ? -offset : offset) * 60;
  if (seconds < SECONDS_MIN || seconds > SECONDS_MAX) return "is a time that protobuf cannot hold";
  return { value: { seconds: BigInt(seconds), nanos: nanosOf(fraction) } };
}

function daysOf(year: number, month: number): number {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && leap ? 29 : DAYS[month - 1]!;
}

function nanosOf(fraction = ""): number {
  return Number(fraction.padEnd(9, "0"));
}

const DURATION = /^([+-]?)(0|[1-9]\d{0,11})(?:\.(\d{0,9}))?s$/;
const DURATION_SECONDS_MAX = 315_576_000_000;

/** Seconds with up to nine decimals and an `s`, within ten thousand years. */
export function readDuration(text: string): Read<SecondsAndNanos> {
  const found = DURATION.exec(text);
  if (found === null) return "is not a duration in seconds, such as 1.5s";
  const [, sign, whole, fraction] = found;
  const seconds = Number(whole);
  if (seconds > DURATION_SECONDS_MAX) return "is a duration that protobuf cannot hold";
  const nanos = nanosOf(fraction);
  // Not -0: it would be written as another number than 0.
  return { value: { seconds: BigInt(sign === "-" ? -seconds : seconds), nanos: sign === "-" ? 0 - nanos : nanos } };
}

const MASK_PATH = /^[a-zA-Z][a-zA-Z0-9]*(?:\.[a-zA-Z][a-zA-Z0-9]*)*$/;

/** Paths in lowerCamelCase, separated by commas; in the message they are in snake_case. */
export function readFieldMask(text: string): Read<readonly string[]> {
  if (text === "") return { value: [] };
  const paths = text.split(",");
  if (!paths.every((path) => MASK_PATH.test(path))) return "is not a list of paths in lowerCamelCase";
  return { value: paths.map((path) => path.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)) };
}

const BASE64 = /^(?:[A-Za-z0-9+/]*|[A-Za-z0-9_-]*)(={0,2})$/;

/** Base64 of either alphabet, padded or not. */
export function readBase64(text: string): Read<Uint8Array> {
  const found = BASE64.exec(text);
  const padding = found?.[1]?.length ?? 0;
  const digits = text.length - padding;
  if (found === null || digits % 4 === 1 || (padding > 0 && text.length % 4 !== 0)) return "is not base64";
  return { value: new Uint8Array(Buffer.from(text, "base64")) };
}
