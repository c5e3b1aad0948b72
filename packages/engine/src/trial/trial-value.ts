import { create, type DescEnum, type DescField, type DescMessage, ScalarType, toBinary } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { AnySchema, FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";
import type { ContractTypes } from "@p8e/contract";

/** How a made-up value is made. */
export interface TrialValueOptions {
  /** What fields are given: none, each that there is room for, or whichever the seed says. */
  readonly fields: "none" | "all" | "some";
  /** The same seed gives the same value. */
  readonly seed: number;
  /** Words that texts are taken from, beside the usual ones. */
  readonly words: readonly string[];
  /** The one text of every field that holds text. */
  readonly everyText?: string | undefined;
}

/** Fields of a value at most, and how deep they go: types may hold themselves. */
const FIELDS_MAX = 500;
const DEPTH_MAX = 6;
/** The same for fields that are required: without one of them there is no value. */
const REQUIRED_MAX = 2000;
const REQUIRED_DEPTH_MAX = 40;

const texts = ["a", "Ada", "1", "12.50", "2024-02-29", "6f1a5d92-7c3e-4f7b-9a64-3f0d2f1c8b11", "a b c", "ä€😀", ""];
const numbers = [1, 2, 0, -1, 7, 100, 2_147_483_647, -2_147_483_648];
const large = [1n, 0n, -1n, 100n, 1_735_689_600n, 9_223_372_036_854_775_807n, -9_223_372_036_854_775_808n];
const fractions = [1.5, 0, -1, 0.1, 1e9, 1e-9];

/**
 * A serialized message that nobody wrote, to try a contract on.
 *
 * @returns undefined for a type that requires too much, as one that requires itself
 */
export function trialValue(
  schema: DescMessage,
  types: ContractTypes,
  options: TrialValueOptions,
): Uint8Array | undefined {
  const next = numbersFrom(options.seed);
  const pick = <T>(from: readonly T[]): T => from[next() % from.length]!;
  const words = [...texts, ...options.words];
  const packable = [...types.registry].filter((type): type is DescMessage => type.kind === "message");
  let left = options.fields === "none" ? 0 : FIELDS_MAX;
  let requiredLeft = REQUIRED_MAX;
  let isEndless = false;

  const text = (): string => options.everyText ?? (options.fields === "all" ? "a" : pick(words));
  const scalar = (type: ScalarType): unknown => {
    const isFirst = options.fields === "all";
    switch (type) {
      case ScalarType.STRING:
        return text();
      case ScalarType.BOOL:
        return isFirst || next() % 2 === 0;
      case ScalarType.BYTES:
        return new Uint8Array(isFirst ? 32 : pick([0, 1, 16, 32])).fill(isFirst ? 7 : next() % 256);
      case ScalarType.DOUBLE:
      case ScalarType.FLOAT:
        return isFirst ? 1.5 : pick(fractions);
      case ScalarType.INT64:
      case ScalarType.SINT64:
      case ScalarType.SFIXED64:
        return isFirst ? 1n : pick(large);
      case ScalarType.UINT64:
      case ScalarType.FIXED64:
        return isFirst ? 1n : BigInt.asUintN(64, pick(large));
      case ScalarType.UINT32:
      case ScalarType.FIXED32:
        return isFirst ? 1 : pick(numbers) >>> 0;
      default:
        return isFirst ? 1 : pick(numbers);
    }
  };
  const member = ({ values }: DescEnum): number =>
    options.fields === "all" ? (values[1] ?? values[0]!).number : pick(values).number;

  const oneOf = (fields: readonly DescField[]): DescField =>
    options.fields === "all" ? fields[(options.seed - 1) % fields.length]! : pick(fields);

  const message = (type: DescMessage, depth: number): ReflectMessage => {
    const made = reflect(type);
    if (type.typeName === "google.protobuf.Any") {
      // Of a type that the contract knows, itself excepted.
      const inner = pick(packable.filter((one) => one.typeName !== type.typeName));
      if (inner === undefined || depth >= DEPTH_MAX) return made;
      const held = message(inner, depth + 1).message;
      if (isEndless) return made;
      const value = toBinary(inner, held);
      return reflect(type, create(AnySchema, { typeUrl: `/${inner.typeName}`, value }));
    }
    if (type.typeName === "google.protobuf.Timestamp" || type.typeName === "google.protobuf.Duration") {
      const seconds = options.fields === "all" ? 1_735_689_600n : BigInt(next() % 2_000_000_000);
      made.set(type.field.seconds!, seconds);
      return made;
    }
    for (const each of type.members) {
      const field = each.kind === "oneof" ? oneOf(each.fields) : each;
      const isNeeded = field.presence === FeatureSet_FieldPresence.LEGACY_REQUIRED;
      if (!isNeeded && (left <= 0 || depth >= DEPTH_MAX || (options.fields === "some" && next() % 4 === 0))) continue;
      left -= 1;
      if (isNeeded) requiredLeft -= 1;
      isEndless ||= requiredLeft < 0 || depth >= REQUIRED_DEPTH_MAX;
      if (isEndless) return made;
      give(made, field, depth);
    }
    return made;
  };
  const give = (made: ReflectMessage, field: DescField, depth: number): void => {
    switch (field.fieldKind) {
      case "scalar":
        made.set(field, scalar(field.scalar) as never);
        return;
      case "enum":
        made.set(field, member(field.enum));
        return;
      case "message":
        made.set(field, message(field.message, depth + 1));
        return;
      case "list":
        for (let count = options.fields === "all" ? 1 : next() % 3; count > 0; count -= 1) {
          const item =
            field.listKind === "message"
              ? message(field.message, depth + 1)
              : field.listKind === "enum"
                ? member(field.enum)
                : scalar(field.scalar);
          made.get(field).add(item as never);
        }
        return;
      case "map": {
        const value =
          field.mapKind === "message"
            ? message(field.message, depth + 1)
            : field.mapKind === "enum"
              ? member(field.enum)
              : scalar(field.scalar);
        made.get(field).set(scalar(field.mapKey) as never, value as never);
      }
    }
  };
  const made = message(schema, 0).message;
  return isEndless ? undefined : toBinary(schema, made);
}

/** Marsaglia's xorshift of 32 bits, which is even enough for this. */
function numbersFrom(seed: number): () => number {
  let state = (seed * 2_654_435_761 + 1) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
}
