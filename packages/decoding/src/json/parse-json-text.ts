import type { DecodingBudget } from "../decoding-budget.ts";
import { FieldPath, shownName } from "../field-path.ts";
import { Meter } from "../meter.ts";
import type { JsonNode } from "./json-node.ts";

/** What a value takes in the tree. */
const VALUE_BYTES = 96;

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON has none of these in a text
const PLAIN = /[^"\\\u0000-\u001f]*/y;

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

/**
 * JSON (RFC 8259) with nothing let pass and nothing lost: numbers stay text, a name twice in one object is refused, and so
 * is half of a surrogate pair, which no UTF-8 holds.
 *
 * @throws DecodingFault with the path of the value; what the text says is not told
 */
export function parseJsonText(text: string, budget: DecodingBudget): JsonNode {
  const path = new FieldPath();
  const parser = new Parser(text, new Meter(budget, path), path);
  return parser.document();
}

class Parser {
  readonly #text: string;
  readonly #meter: Meter;
  readonly #path: FieldPath;
  #at = 0;

  constructor(text: string, meter: Meter, path: FieldPath) {
    this.#text = text;
    this.#meter = meter;
    this.#path = path;
  }

  document(): JsonNode {
    const value = this.#value();
    this.#blank();
    if (this.#at < this.#text.length) this.#malformed();
    return value;
  }

  #value(): JsonNode {
    this.#blank();
    this.#meter.field(VALUE_BYTES);
    const text = this.#text;
    switch (text[this.#at]) {
      case "{":
        return this.#object();
      case "[":
        return this.#array();
      case '"':
        return { kind: "string", value: this.#string() };
      case "t":
        return this.#word("true", { kind: "boolean", value: true });
      case "f":
        return this.#word("false", { kind: "boolean", value: false });
      case "n":
        return this.#word("null", { kind: "null" });
    }
    NUMBER.lastIndex = this.#at;
    const found = NUMBER.exec(text)?.[0];
    if (found === undefined) return this.#malformed();
    this.#at += found.length;
    // "01", "1.", "1x": a number that goes on in no way a number can.
    if (/[0-9A-Za-z_.+-]/.test(text[this.#at] ?? "")) this.#malformed();
    return { kind: "number", text: found };
  }

  #object(): JsonNode {
    this.#meter.enter();
    this.#at += 1;
    const fields = new Map<string, JsonNode>();
    this.#blank();
    if (this.#text[this.#at] === "}") this.#at += 1;
    else {
      do {
        this.#blank();
        if (this.#text[this.#at] !== '"') this.#malformed();
        const name = this.#string();
        this.#path.push(shownName(name));
        if (fields.has(name)) this.#path.refuse("is there twice");
        this.#blank();
        this.#expect(":");
        fields.set(name, this.#value());
        this.#path.pop();
        this.#blank();
      } while (this.#more("}"));
    }
    this.#meter.leave();
    return { kind: "object", fields };
  }

  #array(): JsonNode {
    this.#meter.enter();
    this.#at += 1;
    const items: JsonNode[] = [];
    this.#blank();
    if (this.#text[this.#at] === "]") this.#at += 1;
    else {
      do {
        this.#path.push(items.length);
        items.push(this.#value());
        this.#path.pop();
        this.#blank();
      } while (this.#more("]"));
    }
    this.#meter.leave();
    return { kind: "array", items };
  }

  #string(): string {
    const text = this.#text;
    const start = this.#at + 1;
    let value = "";
    this.#at = start;
    for (;;) {
      PLAIN.lastIndex = this.#at;
      const plain = PLAIN.exec(text)![0];
      value += plain;
      this.#at += plain.length;
      const next = text[this.#at];
      if (next === '"') break;
      if (next !== "\\") this.#malformed();
      value += this.#escape();
    }
    this.#at += 1;
    if (!value.isWellFormed()) this.#path.refuse("holds half of a surrogate pair");
    this.#meter.result(2 * value.length);
    return value;
  }

  #escape(): string {
    const letter = this.#text[this.#at + 1] ?? "";
    if (letter === "u") {
      const digits = this.#text.slice(this.#at + 2, this.#at + 6);
      if (!/^[0-9A-Fa-f]{4}$/.test(digits)) this.#malformed();
      this.#at += 6;
      return String.fromCharCode(Number.parseInt(digits, 16));
    }
    const meant = Object.hasOwn(ESCAPES, letter) ? ESCAPES[letter] : undefined;
    if (meant === undefined) return this.#malformed();
    this.#at += 2;
    return meant;
  }

  #word(word: string, node: JsonNode): JsonNode {
    if (!this.#text.startsWith(word, this.#at)) return this.#malformed();
    this.#at += word.length;
    if (/[0-9A-Za-z_]/.test(this.#text[this.#at] ?? "")) this.#malformed();
    return node;
  }

  /** Whether another one follows; else `close` does. */
  #more(close: "}" | "]"): boolean {
    if (this.#text[this.#at] === ",") {
      this.#at += 1;
      return true;
    }
    this.#expect(close);
    return false;
  }

  #expect(character: string): void {
    if (this.#text[this.#at] !== character) this.#malformed();
    this.#at += 1;
  }

  #blank(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at += 1;
    }
  }

  #malformed(): never {
    const before = this.#text.slice(0, this.#at);
    const line = before.split("\n").length;
    const column = this.#at - before.lastIndexOf("\n");
    return this.#path.refuse(`is not JSON at line ${line}, column ${column}`);
  }
}
