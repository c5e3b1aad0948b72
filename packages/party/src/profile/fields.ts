import { P8eError } from "@p8e/core";

/**
 * One object of a JSON file, read field by field. What is not as it must be is `configuration.invalid` with the file and
 * the field; values never appear in an error, since somebody may have put a secret there.
 */
export class Fields {
  readonly #file: string;
  readonly #at: string;
  readonly #value: Readonly<Record<string, unknown>>;
  readonly #unread: Set<string>;

  private constructor(value: Readonly<Record<string, unknown>>, file: string, at: string) {
    this.#value = value;
    this.#file = file;
    this.#at = at;
    this.#unread = new Set(Object.keys(value));
  }

  /** The whole file. `format` must be the one given; a newer one is named as newer. @throws `configuration.invalid` */
  static ofText(text: string, file: string, format: number): Fields {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      throw refusal(file, "the file", "JSON");
    }
    const fields = Fields.#of(value, file, "");
    fields.#unread.delete("format");
    const found = fields.#value.format;
    if (typeof found === "number" && Number.isInteger(found) && found > format) {
      throw new P8eError("configuration.invalid", `${file} has format ${found}, which is newer than this p8e`, {
        facts: { file, field: "format", format: found, newest: format },
        hint: "Use the p8e that wrote it, or a newer one.",
      });
    }
    if (found !== format) throw refusal(file, "format", String(format));
    return fields;
  }

  static #of(value: unknown, file: string, at: string): Fields {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw refusal(file, at === "" ? "the file" : at.slice(0, -1), "an object");
    }
    return new Fields(value as Readonly<Record<string, unknown>>, file, at);
  }

  has(name: string): boolean {
    return this.#value[name] !== undefined;
  }

  /** @param what says what it must be, for the error */
  text(name: string, what: string, holds: (text: string) => boolean = (text) => text !== ""): string {
    const value = this.#take(name);
    if (typeof value !== "string" || value.length > TEXT_LENGTH_MAX || !holds(value)) throw this.refuse(name, what);
    return value;
  }

  integer(name: string, min: number, max: number): number {
    const value = this.#take(name);
    if (typeof value !== "number" || !Number.isInteger(value) || value < min || value > max) {
      throw this.refuse(name, `a whole number from ${min} to ${max}`);
    }
    return value;
  }

  /** True when it is there and true. */
  flag(name: string): boolean {
    const value = this.#take(name);
    if (value !== undefined && typeof value !== "boolean") throw this.refuse(name, "true or false");
    return value === true;
  }

  object(name: string): Fields {
    return Fields.#of(this.#take(name), this.#file, `${this.#at}${name}.`);
  }

  objects(name: string, max: number): readonly Fields[] {
    const value = this.#take(name);
    if (!Array.isArray(value) || value.length > max) throw this.refuse(name, `a list of at most ${max}`);
    return value.map((each, index) => Fields.#of(each, this.#file, `${this.#at}${name}[${index}].`));
  }

  /** Every field as an object by its name; absent is none. */
  entries(name: string, max: number): readonly (readonly [name: string, value: Fields])[] {
    if (!this.has(name)) return [];
    const inner = this.object(name);
    const names = Object.keys(inner.#value);
    if (names.length > max) throw this.refuse(name, `at most ${max}`);
    return names.map((each) => [each, inner.object(each)] as const);
  }

  /** Runs a parser of its own on a field's text; whatever it throws is told as this field's fault. */
  parsed<T>(name: string, what: string, parse: (text: string) => T): T {
    const text = this.text(name, what);
    try {
      return parse(text);
    } catch {
      throw this.refuse(name, what);
    }
  }

  /** Call it last: a field that nobody asked for is a mistake of whoever wrote it. */
  done(): void {
    const [extra] = this.#unread;
    if (extra === undefined) return;
    throw new P8eError("configuration.invalid", `${this.#file}: there is no field ${this.#at}${extra}`, {
      facts: { file: this.#file, field: `${this.#at}${extra}`.slice(0, 200) },
      hint: "See docs/protocol/profile.md for what a profile holds.",
    });
  }

  refuse(name: string, what: string): P8eError {
    return refusal(this.#file, `${this.#at}${name}`, what);
  }

  #take(name: string): unknown {
    this.#unread.delete(name);
    return Object.hasOwn(this.#value, name) ? this.#value[name] : undefined;
  }
}

const TEXT_LENGTH_MAX = 10_000;

function refusal(file: string, field: string, what: string): P8eError {
  return new P8eError("configuration.invalid", `${file}: ${field} must be ${what}`, { facts: { file, field } });
}
