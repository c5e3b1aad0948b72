import {
  type DescField,
  type DescMessage,
  type Message,
  type MessageShape,
  ScalarType,
  toBinary,
} from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { type Duration, DurationSchema, type Timestamp, TimestampSchema } from "@bufbuild/protobuf/wkt";
import { type CallOptions, hexEncode, Pacer, sha256 } from "@p8e/core";
import { foreignText } from "../foreign-text.ts";

/** One value of a message: where it stands, and what it is as a person reads it. */
export interface FieldLine {
  /** `loan.parties[2].name`; `#17` is a field that the type does not know. */
  readonly path: string;
  readonly value: string;
}

/** A value that two messages have differently. */
export interface FieldDifference {
  readonly path: string;
  /** Absent when there was none. */
  readonly before?: string;
  /** Absent when there is none any more. */
  readonly after?: string;
}

/** A part of a long list, and how much of it is not in it. */
export interface Part<T> {
  readonly shown: readonly T[];
  /** Not shown: it may matter. */
  readonly left: number;
}

/** Values that are looked at in one message. */
const FIELDS_MAX = 20_000;
/** Values that are shown of one message unless told otherwise. */
const SHOWN_MAX = 200;
const VALUE_LENGTH_MAX = 120;
const BYTES_SHOWN_MAX = 24;
const DEPTH_MAX = 100;

/** A value to compare and the same to show: what is cut short for people is compared whole. */
interface Value {
  readonly exact: string;
  readonly shown: string;
}

/** How a message is gone through. */
export interface FieldsOptions extends Pick<CallOptions, "signal"> {
  /** How many values are shown; 200 unless given. */
  readonly max?: number | undefined;
}

/** Every value of a message, in the order of its fields. Between its parts the event loop gets its turn. */
export async function fieldLines<D extends DescMessage>(
  type: D,
  message: MessageShape<D>,
  { max = SHOWN_MAX, signal }: FieldsOptions = {},
): Promise<Part<FieldLine>> {
  const { values, left } = await valuesOf(type, message, signal);
  const shown = [...values].slice(0, max).map(([path, { shown: value }]) => ({ path, value }));
  return { shown, left: left + Math.max(0, values.size - max) };
}

/**
 * Where two messages of a type differ, value by value: first what is now, in its order, then what is no more. Fields that
 * the type does not know are compared too. Of messages with more values than are looked at, what is left counts as
 * different: nobody can say that it is not.
 */
export async function fieldDifferences<D extends DescMessage>(
  type: D,
  before: MessageShape<D>,
  after: MessageShape<D>,
  { max = SHOWN_MAX, signal }: FieldsOptions = {},
): Promise<Part<FieldDifference>> {
  const [was, is] = [await valuesOf(type, before, signal), await valuesOf(type, after, signal)];
  const all: FieldDifference[] = [];
  for (const [path, value] of is.values) {
    const old = was.values.get(path);
    if (old?.exact === value.exact) continue;
    all.push({ path, ...(old === undefined ? {} : { before: old.shown }), after: value.shown });
  }
  for (const [path, value] of was.values) if (!is.values.has(path)) all.push({ path, before: value.shown });
  return { shown: all.slice(0, max), left: Math.max(0, all.length - max) + was.left + is.left };
}

async function valuesOf(type: DescMessage, message: Message, signal: AbortSignal | undefined): Promise<Walk> {
  const pacer = new Pacer(signal);
  const walk = { values: new Map<string, Value>(), taken: new Map<string, number>(), left: 0, pacer };
  await addMessage(walk, "", reflect(type, message), 0);
  return walk;
}

interface Walk {
  readonly values: Map<string, Value>;
  readonly taken: Map<string, number>;
  left: number;
  readonly pacer: Pacer;
}

/** Two values may look as if they stood at one place: names of a map that differ in what cannot be seen, unknown fields. */
function add(walk: Walk, path: string, value: () => Value): void {
  if (isFull(walk)) {
    walk.left += 1;
    return;
  }
  const before = walk.taken.get(path) ?? 0;
  walk.taken.set(path, before + 1);
  walk.values.set(before === 0 ? path : `${path} (${before + 1})`, value());
}

/** From there on values are counted, and neither they nor the names of maps are made into words. */
function isFull({ values }: Walk): boolean {
  return values.size >= FIELDS_MAX;
}

async function addMessage(walk: Walk, path: string, message: ReflectMessage, depth: number): Promise<void> {
  await walk.pacer.rest();
  const time = wellKnown(message);
  if (time !== undefined || depth > DEPTH_MAX) {
    add(walk, path, () => time ?? bytesValue(toBinary(message.desc, message.message)));
    return;
  }
  const at = (name: string) => (path === "" ? name : `${path}.${name}`);
  let count = 0;
  for (const field of message.fields) {
    if (!message.isSet(field)) continue;
    count += 1;
    await addField(walk, at(field.name), message, field, depth);
  }
  for (const { no, data, wireType } of message.getUnknown() ?? []) {
    count += 1;
    add(walk, at(`#${no}`), () => {
      const { exact, shown } = bytesValue(data);
      return { exact: `${wireType}:${exact}`, shown: `unknown to the type: ${shown}` };
    });
  }
  // That it is there at all is something to see.
  if (count === 0 && path !== "") add(walk, path, () => plain("(empty)", "{}"));
}

async function addField(
  walk: Walk,
  path: string,
  message: ReflectMessage,
  field: DescField,
  depth: number,
): Promise<void> {
  switch (field.fieldKind) {
    case "message":
      await addMessage(walk, path, message.get(field), depth + 1);
      return;
    case "list":
      for (const [index, item] of [...message.get(field)].entries()) {
        await addItem(walk, `${path}[${index}]`, field, item, depth);
      }
      return;
    case "map":
      for (const [key, item] of message.get(field)) {
        const name = isFull(walk) ? "" : JSON.stringify(foreignText(String(key), 60));
        await addItem(walk, `${path}[${name}]`, field, item, depth);
      }
      return;
    default:
      add(walk, path, () => scalarValue(field, message.get(field)));
  }
}

async function addItem(walk: Walk, path: string, field: DescField, item: unknown, depth: number): Promise<void> {
  if (field.message !== undefined) await addMessage(walk, path, item as ReflectMessage, depth + 1);
  else add(walk, path, () => scalarValue(field, item));
}

function scalarValue(field: DescField, value: unknown): Value {
  if (field.enum !== undefined) {
    const name = field.enum.value[value as number]?.name;
    return plain(name ?? `${value} (unknown to the type)`, String(value));
  }
  if (value instanceof Uint8Array) return bytesValue(value);
  if (typeof value === "string") {
    return { exact: `"${value}`, shown: JSON.stringify(foreignText(value, VALUE_LENGTH_MAX)) };
  }
  const negativeZero = field.scalar === ScalarType.DOUBLE && Object.is(value, -0);
  return plain(negativeZero ? "-0" : String(value));
}

function wellKnown({ desc, message }: ReflectMessage): Value | undefined {
  if (message.$unknown !== undefined && message.$unknown.length > 0) return undefined;
  if (desc.typeName === TimestampSchema.typeName) {
    const { seconds, nanos } = message as Timestamp;
    return plain(timeText(seconds, nanos), `${seconds}.${nanos}`);
  }
  if (desc.typeName === DurationSchema.typeName) {
    const { seconds, nanos } = message as Duration;
    return plain(`${seconds}s${nanos === 0 ? "" : ` and ${nanos}ns`}`, `${seconds}.${nanos}`);
  }
  return undefined;
}

function timeText(seconds: bigint, nanos: number): string {
  const date = new Date(Number(seconds) * 1000);
  if (Number.isNaN(date.getTime()) || nanos < 0 || nanos > 999_999_999) return `${seconds}s and ${nanos}ns since 1970`;
  const whole = date.toISOString().slice(0, -5);
  return `${whole}${nanos === 0 ? "" : `.${String(nanos).padStart(9, "0").replace(/0+$/, "")}`}Z`;
}

function bytesValue(bytes: Uint8Array): Value {
  const exact = `${bytes.length}:${hexEncode(bytes.length <= 64 ? bytes : sha256(bytes))}`;
  if (bytes.length <= BYTES_SHOWN_MAX) return { exact, shown: `0x${hexEncode(bytes)}` };
  return { exact, shown: `${bytes.length} bytes, SHA-256 ${hexEncode(sha256(bytes))}` };
}

function plain(shown: string, exact: string = shown): Value {
  return { exact, shown };
}
