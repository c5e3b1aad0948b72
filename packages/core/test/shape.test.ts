import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import {
  accountAddressFromBytes,
  type JsonContext,
  jsonSchemaOf,
  networks,
  P8eError,
  parseAccountAddress,
  parseJson,
  parseShape,
  shape,
  utf8Encode,
  type ValueOf,
} from "@p8e/core";
import fc from "fast-check";

const party = shape.object({
  name: shape.text({ form: /^[a-z]{1,10}$/, says: "one to ten lower-case letters" }),
  address: shape.parsed("an account address", (text) => parseAccountAddress(text), 100),
  port: shape.optional(shape.whole(1, 65_535)),
});
const document = shape.object({
  format: shape.only(1),
  kind: shape.oneOf(["lender", "bank"]),
  parties: shape.list(party, 3),
  urls: shape.map(shape.text({ lengthMax: 20 }), 2),
  own: shape.flag(),
  database: shape.either("a URL or a folder", shape.text(), shape.object({ folder: shape.text() })),
});
const context = { what: "the profile", code: "configuration.invalid", file: "p8e.json", newestFormat: 1 } as const;

const address = accountAddressFromBytes(networks.local.accountPrefix, new Uint8Array(20));
const good = {
  format: 1,
  kind: "bank",
  parties: [{ name: "lender", address, port: 1 }],
  urls: { lender: "grpc://here" },
  own: true,
  database: { folder: "db" },
};

function errorOf(work: () => unknown): P8eError {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof P8eError);
    return error;
  }
  return assert.fail("nothing was thrown");
}

describe("a value from outside", () => {
  it("comes back typed when it has the shape", () => {
    const value: ValueOf<typeof document> = parseShape(document, good, context);
    assert.deepEqual(value, good);
    assert.deepEqual(parseJson(document, JSON.stringify(good), { ...context, bytesMax: 1000 }), good);
    assert.deepEqual(parseJson(document, utf8Encode(JSON.stringify(good)), { ...context, bytesMax: 1000 }), good);
  });

  const wrong: Readonly<Record<string, readonly [change: object, field: string, message: string]>> = {
    "another kind": [{ kind: "thief" }, "kind", "kind in the profile must be one of lender, bank"],
    "a missing field": [{ own: undefined }, "own", "own in the profile is missing"],
    "a field too many": [{ colour: 1 }, "colour", "colour in the profile is not a field it has"],
    "a field that looks like a value": [
      { "0123456789012345678901234567890123456789": 1 },
      "(another name)",
      "(another name) in the profile is not a field it has",
    ],
    "no list": [{ parties: {} }, "parties", "parties in the profile must be a list of at most 3"],
    "a list that is too long": [
      { parties: Array(4).fill(good.parties[0]) },
      "parties",
      "parties in the profile must be a list of at most 3",
    ],
    "a wrong form inside": [
      { parties: [good.parties[0], { name: "UPPER", address }] },
      "parties[1].name",
      "parties[1].name in the profile must be one to ten lower-case letters",
    ],
    "what our parser refuses": [
      { parties: [{ name: "a", address: `${address}x` }] },
      "parties[0].address",
      "parties[0].address in the profile must be an account address",
    ],
    "a fraction": [
      { parties: [{ name: "a", address, port: 0.5 }] },
      "parties[0].port",
      "parties[0].port in the profile must be a whole number from 1 to 65535",
    ],
    "a text that is too long": [
      { urls: { lender: "x".repeat(21) } },
      "urls.lender",
      "urls.lender in the profile must be a text of at most 20 characters",
    ],
    "too many entries": [
      { urls: { a: "", b: "", c: "" } },
      "urls",
      "urls in the profile must be an object of at most 2 entries",
    ],
    "neither of two": [{ database: 7 }, "database", "database in the profile must be a URL or a folder"],
  };
  for (const [what, [change, field, message]] of Object.entries(wrong)) {
    it(`is refused with the field's path, and words for what it must be: ${what}`, () => {
      const value = JSON.parse(JSON.stringify({ ...good, ...change }));
      const error = errorOf(() => parseShape(document, value, context));
      assert.deepEqual(
        [error.code, error.message, error.facts.field],
        ["configuration.invalid", `p8e.json: ${message}`, field],
      );
    });
  }

  it("with a million faults costs no more than with one: the first is told", () => {
    const value = { ...good, parties: Array(1_000_000).fill(7) };
    assert.deepEqual(errorOf(() => parseShape(document, value, context)).facts, {
      file: "p8e.json",
      field: "parties[0]",
    });
  });

  it("that is no object at all is called by what it should be", () => {
    for (const value of [null, undefined, "text", 1, true, [], [good]]) {
      const error = errorOf(() => parseShape(document, value, { what: "the card" }));
      assert.deepEqual(
        [error.code, error.message, error.facts.field],
        ["input.invalid", "the card must be an object", "the card"],
      );
    }
    const optional = shape.object({ any: shape.optional(shape.flag()) });
    assert.throws(() => parseShape(optional, [], { what: "the card" }), { message: "the card must be an object" });
    assert.throws(() => parseShape(shape.map(shape.flag()), [], { what: "the card" }), { code: "input.invalid" });
  });

  it("of a newer format is refused as newer, whatever else it holds", () => {
    const error = errorOf(() => parseShape(document, { format: 2, all: "new" }, context));
    assert.match(error.message, /format 2, which is newer/);
    assert.deepEqual(error.facts, { file: "p8e.json", field: "format", format: 2, newest: 1 });
    assert.match(errorOf(() => parseShape(document, { ...good, format: "2" }, context)).message, /must be 1$/);
  });

  it("cannot bring fields of its prototype, nor change ours", () => {
    const value = JSON.parse(`${JSON.stringify(good).slice(0, -1)},"__proto__":{"own":true}}`);
    assert.match(errorOf(() => parseShape(document, value, context)).message, /not a field it has/);
    const map = parseShape(shape.map(shape.flag()), JSON.parse('{"__proto__":true,"constructor":true}'), {
      what: "a map",
    });
    assert.equal(Object.getPrototypeOf(map), Object.prototype);
    assert.equal(({} as { own?: unknown }).own, undefined);
  });

  it("never shows in an error, wherever it stands", () => {
    const secret = "5ecret-w0rds-of-a-mnemonic";
    const places = fc.constantFrom(
      { kind: secret },
      { format: secret },
      { parties: secret },
      { parties: [secret] },
      { parties: [{ name: secret, address: secret, port: secret }] },
      { urls: { lender: `${secret}${secret}` } },
      { [`${secret}${secret}`]: 1 },
      { urls: { [`${secret}${secret}`]: 1 } },
      { own: secret },
      { database: { folder: 1, [secret.repeat(2)]: 1 } },
      { database: [secret] },
    );
    fc.assert(
      fc.property(places, (change) => {
        const text = JSON.stringify({ ...good, ...change });
        const told = inspect(
          errorOf(() => parseJson(document, text, { ...context, bytesMax: 10_000 })),
          { depth: 9 },
        );
        assert.ok(!told.includes(secret), told);
      }),
    );
    for (const text of [secret, `{"kind":"${secret}`, `{"kind":${secret}}`]) {
      const told = inspect(
        errorOf(() => parseJson(document, text, { ...context, bytesMax: 10_000 })),
        { depth: 9 },
      );
      assert.ok(!told.includes(secret.slice(0, 8)), told);
    }
  });
});

describe("JSON from outside", () => {
  const limited: JsonContext = { what: "the card", bytesMax: 4 };

  it("is measured before it is parsed, in bytes", () => {
    assert.equal(parseJson(shape.text(), '"aa"', limited), "aa");
    for (const text of ['"aaa"', '"éé"', utf8Encode('"aaa"')]) {
      assert.deepEqual(errorOf(() => parseJson(shape.text(), text, limited)).facts.limit, 4);
    }
  });

  it("that is not JSON or not UTF-8 is called so", () => {
    assert.equal(errorOf(() => parseJson(shape.text(), "{", limited)).message, "the card is not JSON");
    assert.equal(
      errorOf(() => parseJson(shape.text(), Uint8Array.of(34, 255, 34), limited)).message,
      "the card is not UTF-8",
    );
  });
});

describe("a shape as JSON Schema", () => {
  it("says what parseShape holds", async () => {
    const name = "one to ten lower-case letters";
    const text = (lengthMax: number) => ({
      type: "string",
      maxLength: lengthMax,
      description: `a text of at most ${lengthMax} characters`,
    });
    assert.deepEqual(await jsonSchemaOf(document), {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      type: "object",
      required: ["format", "kind", "parties", "urls", "own", "database"],
      additionalProperties: false,
      properties: {
        format: { const: 1 },
        kind: { enum: ["lender", "bank"], type: "string" },
        parties: {
          type: "array",
          maxItems: 3,
          items: {
            type: "object",
            required: ["name", "address"],
            additionalProperties: false,
            properties: {
              name: { type: "string", maxLength: 1000, pattern: "^[a-z]{1,10}$", description: name },
              address: { type: "string", maxLength: 100, description: "an account address" },
              port: { type: "integer", minimum: 1, maximum: 65_535 },
            },
          },
        },
        urls: {
          type: "object",
          maxProperties: 2,
          propertyNames: { type: "string", maxLength: 1000 },
          additionalProperties: text(20),
        },
        own: { type: "boolean" },
        database: {
          anyOf: [
            text(1000),
            { type: "object", required: ["folder"], additionalProperties: false, properties: { folder: text(1000) } },
          ],
        },
      },
    });
  });
});
