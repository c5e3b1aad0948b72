import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { type Struct, StructSchema, ValueSchema } from "@bufbuild/protobuf/wkt";
import * as scope from "@p8e/proto/scope";
import { fieldDifferences, fieldLines } from "@p8e/sdk";

const contract = (init: MessageInitShape<typeof scope.ContractSchema>) => create(scope.ContractSchema, init);

describe("the values of a message", () => {
  it("have a path each, in the order of the fields, enums by their names and times as times", async () => {
    const message = contract({
      definition: { name: "x", optional: true },
      recitals: [{ signerRole: scope.PartyType.OWNER, address: Uint8Array.of(1, 2) }, {}],
      startTime: { seconds: 1_700_000_000n, nanos: 500_000_000 },
    });
    assert.deepEqual(await fieldLines(scope.ContractSchema, message), {
      shown: [
        { path: "definition.name", value: '"x"' },
        { path: "definition.optional", value: "true" },
        { path: "recitals[0].signer_role", value: "OWNER" },
        { path: "recitals[0].address", value: "0x0102" },
        { path: "recitals[1]", value: "(empty)" },
        { path: "start_time", value: "2023-11-14T22:13:20.5Z" },
      ],
      left: 0,
    });
  });

  it("show nothing that a terminal obeys, and no more of a value than can be read", async () => {
    const message = contract({
      definition: { name: `\u001b[2Jevil${"x".repeat(500)}` },
      recitals: [{ address: new Uint8Array(100) }],
    });
    const [name, bytes] = (await fieldLines(scope.ContractSchema, message)).shown;
    assert.match(name!.value, /^"\[2Jevilx+…"$/);
    assert.ok(name!.value.length < 130);
    assert.match(bytes!.value, /^100 bytes, SHA-256 [0-9a-f]{64}$/);
  });

  it("are counted where they are too many to be shown", async () => {
    const message = contract({ recitals: Array.from({ length: 30_000 }, () => ({ signerRole: 1 })) });
    const { shown, left } = await fieldLines(scope.ContractSchema, message, { max: 5 });
    assert.deepEqual([shown.length, left], [5, 29_995]);
  });

  it("are looked through no further once the signal fires", async () => {
    const message = contract({ recitals: Array.from({ length: 100_000 }, () => ({ signerRole: 1 })) });
    const abort = new AbortController();
    const looking = fieldLines(scope.ContractSchema, message, { signal: abort.signal });
    setImmediate(() => abort.abort());
    await assert.rejects(looking, { code: "rpc.cancelled" });
  });

  it("include what the type does not know", async () => {
    const bytes = new BinaryWriter().tag(999, WireType.LengthDelimited).string("hidden").finish();
    const [line] = (await fieldLines(scope.ContractSchema, fromBinary(scope.ContractSchema, bytes))).shown;
    assert.equal(line!.path, "#999");
    assert.match(line!.value, /^unknown to the type: 0x/);
  });
});

describe("the differences of two messages", () => {
  const of = (init: MessageInitShape<typeof scope.ContractSchema>) => toBinary(scope.ContractSchema, contract(init));
  const differences = (before: Uint8Array, after: Uint8Array, max?: number) =>
    fieldDifferences(
      scope.ContractSchema,
      fromBinary(scope.ContractSchema, before),
      fromBinary(scope.ContractSchema, after),
      { max },
    );

  it("are what changed, came and went, field by field", async () => {
    const before = of({ timesExecuted: 1, definition: { name: "a" }, inputs: [{ name: "one" }, { name: "two" }] });
    const after = of({ timesExecuted: 2, invoker: {}, inputs: [{ name: "one" }] });
    assert.deepEqual(await differences(before, after), {
      shown: [
        { path: "invoker", after: "(empty)" },
        { path: "times_executed", before: "1", after: "2" },
        { path: "definition.name", before: '"a"' },
        { path: "inputs[1].name", before: '"two"' },
      ],
      left: 0,
    });
  });

  it("are found where what is shown is alike: long texts, long bytes, invisible characters", async () => {
    const long = "x".repeat(5000);
    const pairs: readonly (readonly MessageInitShape<typeof scope.ContractSchema>[])[] = [
      [{ definition: { name: `${long}a` } }, { definition: { name: `${long}b` } }],
      [{ definition: { name: "a\u200bb" } }, { definition: { name: "a\u200cb" } }],
      [{ recitals: [{ address: new Uint8Array(100) }] }, { recitals: [{ address: new Uint8Array(100).fill(1, 99) }] }],
    ];
    for (const [one, other] of pairs) assert.equal((await differences(of(one!), of(other!))).shown.length, 1);
  });

  it("are none for the same bytes, whatever is in them, and never none for bytes that mean something else", async () => {
    const bytes = of({ recitals: [{ signerRole: 77 as scope.PartyType }], timesExecuted: -5 });
    assert.deepEqual(await differences(bytes, bytes), { shown: [], left: 0 });
    const unknown = new BinaryWriter().raw(bytes).tag(999, WireType.Varint).uint32(1).finish();
    assert.deepEqual(
      (await differences(bytes, unknown)).shown.map(({ path }) => path),
      ["#999"],
    );
  });

  it("are found between names of a map that look alike", async () => {
    const struct = (...names: string[]) => {
      const value = create(ValueSchema, { kind: { case: "boolValue", value: true } });
      return create(StructSchema, { fields: Object.fromEntries(names.map((name) => [name, value])) });
    };
    const [one, other] = [struct("a\u200b", "a\u200c"), struct("a\u200b")];
    assert.equal((await fieldLines(StructSchema, one)).shown.length, 2);
    assert.equal((await fieldDifferences(StructSchema, one, other)).shown.length, 1);
  });

  it("are never passed over in a message that is too long to be looked through", async () => {
    const many = (last: string) =>
      of({ inputs: Array.from({ length: 25_000 }, (_, at) => ({ name: at === 24_999 ? last : "x" })) });
    assert.ok((await differences(many("a"), many("b"))).left > 0);
  });

  it("are bounded in depth as messages are", async () => {
    let value: Struct = create(StructSchema, {});
    for (let depth = 0; depth < 150; depth++) {
      value = create(StructSchema, { fields: { f: { kind: { case: "structValue", value } } } });
    }
    assert.equal((await fieldLines(StructSchema, value)).shown.length, 1);
  });
});
