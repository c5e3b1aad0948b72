// The guest's half, run on the host: what it does inside the sandbox is the same code.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Int32ValueSchema, StringValueSchema } from "@bufbuild/protobuf/wkt";
import { defineContract, optional } from "@p8e/contract";
import { serveContract } from "../src/guest/serve-contract.ts";

const text = (value: string) => toBinary(StringValueSchema, create(StringValueSchema, { value }));

function loaded(
  contract: unknown,
  values: { records?: Record<string, Uint8Array>; inputs?: Record<string, Uint8Array> },
) {
  const guest = serveContract(contract);
  const parts: Uint8Array[] = [];
  let offset = 0;
  const place = (all: Record<string, Uint8Array> = {}) =>
    Object.entries(all).map(([name, bytes]) => {
      parts.push(bytes);
      offset += bytes.length;
      return [name, offset - bytes.length, bytes.length] as const;
    });
  const index = {
    startedAt: { seconds: "9007199254740993", nanos: 5 },
    records: place(values.records),
    inputs: place(values.inputs),
  };
  const payload = new Uint8Array(offset);
  let at = 0;
  for (const part of parts) {
    payload.set(part, at);
    at += part.length;
  }
  guest.load(JSON.stringify(index), payload.buffer);
  return guest;
}

const head = { className: "a.B", scopes: ["a"], participants: ["OWNER"] } as const;
const fn = { invokedBy: "OWNER", inputs: {}, writes: "out", as: StringValueSchema } as const;

describe("a served contract", () => {
  it("gives each function its inputs, all records and the start of the session to the nanosecond", () => {
    const contract = defineContract({
      ...head,
      records: { known: optional(StringValueSchema), absent: optional(StringValueSchema) },
    }).fn("go", { ...fn, inputs: { given: StringValueSchema } }, ({ records, inputs, startedAt }) => ({
      value: [inputs.given.value, records.known?.value, records.absent, startedAt.seconds, startedAt.nanos].join(),
    }));
    const guest = loaded(contract, { records: { known: text("k") }, inputs: { given: text("g") } });
    assert.equal(fromBinary(StringValueSchema, guest.call("go")).value, "g,k,,9007199254740993,5");
  });

  it("shows a function only its own inputs, and no inherited names", () => {
    const contract = defineContract({ ...head, records: { constructor: optional(StringValueSchema) } })
      .fn("one", { ...fn, inputs: { a: StringValueSchema } }, ({ inputs, records }) => ({
        value: `${Object.keys(inputs).join()} ${String(records.constructor)}`,
      }))
      .fn("two", { ...fn, writes: "out2", inputs: { b: StringValueSchema } }, ({ inputs }) => inputs.b);
    const guest = loaded(contract, { inputs: { a: text(""), b: text("b") } });
    assert.equal(fromBinary(StringValueSchema, guest.call("one")).value, "a undefined");
    assert.equal(fromBinary(StringValueSchema, guest.call("two")).value, "b");
  });

  it("names the value whose bytes are not its type", () => {
    const contract = defineContract({ ...head, records: { r: optional(StringValueSchema) } }).fn(
      "go",
      { ...fn, inputs: { i: StringValueSchema } },
      ({ inputs }) => inputs.i,
    );
    const broken = Uint8Array.of(0x0a, 0x05, 0x41);
    assert.throws(() => loaded(contract, { inputs: { i: broken } }), {
      name: "MalformedValue",
      kind: "input",
      value: "i",
    });
    assert.throws(() => loaded(contract, { records: { r: broken } }), {
      name: "MalformedValue",
      kind: "record",
      value: "r",
    });
    assert.throws(() => loaded(contract, { records: { x: broken } }), {
      name: "MalformedValue",
      kind: "record",
      value: "x",
    });
    assert.throws(() => loaded(contract, { inputs: { i: Uint8Array.of(0x0a, 1, 0xff) } }), { name: "MalformedValue" });
  });

  const results: Record<string, readonly [result: unknown, message: RegExp]> = {
    nothing: [undefined, /returned no message/],
    null: [null, /returned no message/],
    "a text": ["x", /returned no message/],
    "a promise": [Promise.resolve({}), /returned a promise; functions are synchronous/],
    "another message": [
      create(Int32ValueSchema, { value: 1 }),
      /returned a google.protobuf.Int32Value, not a google.protobuf.StringValue/,
    ],
  };
  for (const [what, [result, message]] of Object.entries(results)) {
    it(`does not accept as a result: ${what}`, () => {
      const contract = defineContract(head).fn("go", fn, () => result as { value: string });
      assert.throws(() => loaded(contract, {}).call("go"), { message });
    });
  }

  it("runs no unknown function, nothing before it was loaded, and nothing that is no contract", () => {
    const contract = defineContract(head).fn("go", fn, () => ({}));
    assert.throws(() => loaded(contract, {}).call("stop"), /no function stop/);
    assert.throws(() => serveContract(contract).call("go"), /nothing was loaded/);
    assert.throws(() => serveContract({}), /must export a contract as default/);
    assert.throws(() => serveContract(undefined), /must export a contract as default/);
  });
});
