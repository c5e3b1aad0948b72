import * as valibot from "valibot";

/**
 * What a value from outside must look like, and the type it has then. A shape is made of those in {@link shape}, and read
 * with `parseShape` or `parseJson`. Every text, list and map has a bound, an object has no fields but those that are
 * named, and each shape says in words what it wants, because those words are all that an error tells.
 */
export type Shape<T> = valibot.GenericSchema<unknown, T>;

/** The type of the values of a shape. */
export type ValueOf<S extends Shape<unknown>> = valibot.InferOutput<S>;

/** Fields by name; those made with `shape.optional` may be absent. */
export type ShapeFields = Readonly<
  Record<string, Shape<unknown> | valibot.ExactOptionalSchema<Shape<unknown>, undefined>>
>;

/** The longest text where none is given, in UTF-16 code units. */
const TEXT_LENGTH_MAX = 1000;
/** The most entries of a list or map where no number is given. */
const COUNT_MAX = 1000;

/** The parts that shapes are made of. `says` completes the sentence "… must be …". */
export const shape = {
  /** A text, of this form if one is given. */
  text(options: { readonly says?: string; readonly form?: RegExp; readonly lengthMax?: number } = {}): Shape<string> {
    const { form, lengthMax = TEXT_LENGTH_MAX } = options;
    const says = options.says ?? `a text of at most ${lengthMax} characters`;
    const bounded = valibot.pipe(valibot.string(says), valibot.maxLength(lengthMax, says), valibot.description(says));
    return form === undefined ? bounded : valibot.pipe(bounded, valibot.regex(form, says));
  },

  /**
   * A text that one of our parsers takes: the value is what the parser gives, its own error is not told. In a document of
   * two fields that belong together, compare them after reading.
   */
  parsed<T>(says: string, parse: (text: string) => T, lengthMax: number = TEXT_LENGTH_MAX): Shape<T> {
    return valibot.pipe(
      valibot.string(says),
      valibot.maxLength(lengthMax, says),
      valibot.description(says),
      valibot.rawTransform<string, T>(({ dataset, addIssue, NEVER }) => {
        try {
          return parse(dataset.value);
        } catch {
          addIssue({ message: says });
          return NEVER;
        }
      }),
    );
  },

  /** A whole number within bounds, both included. */
  whole(min: number, max: number) {
    const says = `a whole number from ${min} to ${max}`;
    return valibot.pipe(
      valibot.number(says),
      valibot.safeInteger(says),
      valibot.minValue(min, says),
      valibot.maxValue(max, says),
    );
  },

  /** True or false. */
  flag: () => valibot.boolean("true or false"),

  /** This one value. */
  only: <const V extends string | number | boolean>(value: V) => valibot.literal(value, JSON.stringify(value)),

  /** One of these words. */
  oneOf: <const V extends readonly string[]>(words: V) => valibot.picklist(words, `one of ${words.join(", ")}`),

  /** An object with these fields and no other. */
  object: <const F extends ShapeFields>(fields: F) => noList(valibot.strictObject(fields as Mutable<F>, "an object")),

  /** An object of which these fields are read, whatever else is in it: for what others write and may extend. */
  openObject: <const F extends ShapeFields>(fields: F) => noList(valibot.object(fields as Mutable<F>, "an object")),

  /** A field that may be absent. */
  optional: <T>(of: Shape<T>) => valibot.exactOptional(of),

  /** A list of so many at most. */
  list<T>(of: Shape<T>, countMax: number = COUNT_MAX): Shape<readonly T[]> {
    const says = `a list of at most ${countMax}`;
    return valibot.pipe(valibot.array(of, says), valibot.maxLength(countMax, says));
  },

  /** An object from any names to values of one shape, so many at most. Names are at most 1,000 characters long. */
  map<T>(of: Shape<T>, countMax: number = COUNT_MAX): Shape<Readonly<Record<string, T>>> {
    const says = `an object of at most ${countMax} entries`;
    const name = valibot.pipe(valibot.string(), valibot.maxLength(TEXT_LENGTH_MAX, says));
    return valibot.pipe(noList(valibot.record(name, of, says)), valibot.maxEntries(countMax, says));
  },

  /** A value of the first of these shapes that fits. */
  either: <const S extends readonly Shape<unknown>[]>(says: string, ...shapes: S) =>
    valibot.union(shapes as unknown as Mutable<S>, says),
};

/** The library takes an array for an object whose fields are its indices. */
function noList<S extends valibot.GenericSchema>(object: S): S {
  const never = valibot.never("an object");
  const run: S["~run"] = (dataset, config) => (Array.isArray(dataset.value) ? never : object)["~run"](dataset, config);
  return { ...object, "~run": run };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
