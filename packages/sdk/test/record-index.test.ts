import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { DatabaseSync } from "node:sqlite";
import { after, describe, it } from "node:test";
import { create, createFileRegistry, fromBinary, fromJson, setExtension, toBinary } from "@bufbuild/protobuf";
import {
  type DescriptorProto,
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FieldDescriptorProtoSchema,
  FieldOptionsSchema,
  FileDescriptorSetSchema,
  MessageOptionsSchema,
} from "@bufbuild/protobuf/wkt";
import { networks, parseUuid, scopeAddress } from "@p8e/core";
import { accountAddress, generatePrivateKey, localKey, systemRandom } from "@p8e/crypto";
import * as scope from "@p8e/proto/scope";
import {
  configurationName,
  type IndexConfiguration,
  indexedFields,
  indexedValue,
  parseIndexConfiguration,
  plainIndex,
  RecordIndex,
} from "../src/index.ts";
import { INDEXED_CHARACTERS_MAX, INDEXED_PATH_MAX } from "../src/indexing/indexed-value.ts";

const { Index_Behavior: Behavior } = scope;
const everything: IndexConfiguration = { unsaid: "indexed", personalData: new Set() };

interface FieldSpec {
  readonly type?: string;
  readonly repeated?: boolean;
  readonly option?: scope.Index_Behavior;
}

/** Types with index options, as a compiler would describe them. */
function typesOf(
  messages: Readonly<Record<string, { option?: scope.Index_Behavior; fields: Record<string, FieldSpec> }>>,
) {
  const file = {
    name: "t.proto",
    package: "t",
    syntax: "proto3",
    dependency: ["google/protobuf/any.proto"],
    messageType: Object.entries(messages).map(([name, { option, fields }]) => {
      const options = create(MessageOptionsSchema);
      if (option !== undefined)
        setExtension(options, scope.message_index, create(scope.IndexSchema, { index: option }));
      return {
        name,
        ...(option === undefined ? {} : { options }),
        field: Object.entries(fields).map(([field, { type, repeated, option: said }], index) => {
          const of = create(FieldOptionsSchema);
          if (said !== undefined) setExtension(of, scope.index, create(scope.IndexSchema, { index: said }));
          return create(FieldDescriptorProtoSchema, {
            ...{ name: field, jsonName: field, number: index + 1 },
            label: repeated === true ? FieldDescriptorProto_Label.REPEATED : FieldDescriptorProto_Label.OPTIONAL,
            type: type === undefined ? FieldDescriptorProto_Type.STRING : FieldDescriptorProto_Type.MESSAGE,
            ...(type === undefined ? {} : { typeName: `.${type}` }),
            ...(said === undefined ? {} : { options: of }),
          });
        }),
      } as Partial<DescriptorProto>;
    }),
  };
  const any = {
    name: "google/protobuf/any.proto",
    package: "google.protobuf",
    syntax: "proto3",
    messageType: [
      {
        name: "Any",
        field: [
          { name: "type_url", jsonName: "typeUrl", number: 1, label: 1, type: FieldDescriptorProto_Type.STRING },
          { name: "value", jsonName: "value", number: 2, label: 1, type: FieldDescriptorProto_Type.BYTES },
        ],
      },
    ],
  };
  return createFileRegistry(create(FileDescriptorSetSchema, { file: [any, file] as never }));
}

/** What is indexed of a `t.M` that says this. */
async function indexed(registry: ReturnType<typeof typesOf>, json: object, configuration = plainIndex) {
  const schema = registry.getMessage("t.M")!;
  const value = await indexedValue(schema, fromJson(schema, json as never, { registry }), {
    ...configuration,
    registry,
  });
  return value === undefined ? undefined : (JSON.parse(JSON.stringify(value)) as unknown);
}

describe("what is indexed of a record", () => {
  it("is what its fields say, else what its message says, else what the configuration says", async () => {
    const fields = {
      yes: { option: Behavior.ALWAYS },
      no: { option: Behavior.NEVER },
      unset: { option: Behavior.NOT_SET },
      silent: {},
    };
    const json = { yes: "1", no: "2", unset: "3", silent: "4" };
    assert.deepEqual(await indexed(typesOf({ M: { fields } }), json), { yes: "1" });
    assert.deepEqual(await indexed(typesOf({ M: { fields } }), json, everything), { yes: "1", silent: "4" });
    const always = typesOf({ M: { option: Behavior.ALWAYS, fields } });
    assert.deepEqual(await indexed(always, json), { yes: "1", silent: "4" });
    const never = typesOf({ M: { option: Behavior.NEVER, fields } });
    assert.deepEqual(await indexed(never, json, everything), { yes: "1" });
    assert.equal(await indexed(typesOf({ M: { fields: { silent: {} } } }), { silent: "4" }), undefined);
  });

  it("is within a message what defers to the field that the message is in", async () => {
    const N = {
      fields: {
        defer: { option: Behavior.INDEX_DEFER_PARENT },
        deferNot: { option: Behavior.NO_INDEX_DEFER_PARENT },
        always: { option: Behavior.ALWAYS },
      },
    };
    const within = { defer: "1", deferNot: "2", always: "3" };
    const of = (option: scope.Index_Behavior) => typesOf({ M: { fields: { n: { type: "t.N", option } } }, N });
    assert.deepEqual(await indexed(of(Behavior.ALWAYS), { n: within }), { n: within });
    assert.deepEqual(await indexed(of(Behavior.NEVER), { n: within }), { n: { always: "3" } });
    assert.deepEqual(
      await indexed(typesOf({ M: { ...N } }), within),
      { defer: "1", always: "3" },
      "nothing is above the top",
    );
  });

  it("keeps lists, goes into an Any whose type is known, and walks no message that is not set", async () => {
    const registry = typesOf({
      M: {
        option: Behavior.ALWAYS,
        fields: { n: { type: "t.M" }, list: { repeated: true }, any: { type: "google.protobuf.Any" }, s: {} },
      },
    });
    assert.deepEqual(await indexed(registry, { list: ["a", "b"], any: { "@type": "/t.M", s: "x" } }), {
      list: ["a", "b"],
      // As the runtime library packs it here.
      any: { "@type": "type.googleapis.com/t.M", s: "x" },
      s: "",
    });
    const M = registry.getMessage("t.M")!;
    const strange = { typeUrl: "/t.Other", value: toBinary(M, create(M)) };
    const message = create(M, { any: create(registry.getMessage("google.protobuf.Any")!, strange) } as never);
    assert.deepEqual({ ...((await indexedValue(M, message, { ...plainIndex, registry })) as object) }, { s: "" });
  });

  it("is at most 100 messages deep, through every Any", async () => {
    const registry = typesOf({ M: { option: Behavior.ALWAYS, fields: { any: { type: "google.protobuf.Any" } } } });
    const M = registry.getMessage("t.M")!;
    const nested = (levels: number) => {
      let value = toBinary(M, create(M));
      for (let level = 0; level < levels; level++) {
        value = toBinary(M, create(M, { any: { typeUrl: "/t.M", value } } as never));
      }
      return indexedValue(M, fromBinary(M, value), { ...plainIndex, registry });
    };
    // Each level is an Any and the message in it, below the first message.
    assert.equal(await nested(49), undefined);
    await assert.rejects(nested(50), { code: "input.too_large" });
    await assert.rejects(nested(3000), { code: "input.too_large" });
  });

  it("is of Anys that together have at most as many fields as one value", async () => {
    const registry = typesOf({
      M: { fields: { any: { type: "google.protobuf.Any", repeated: true } } },
      N: { fields: { list: { repeated: true } } },
    });
    const [M, N] = [registry.getMessage("t.M")!, registry.getMessage("t.N")!];
    const of = (...counts: readonly number[]) => {
      const any = counts.map((count) => {
        const list = Array.from({ length: count }, () => "");
        return { typeUrl: "/t.N", value: toBinary(N, create(N, { list } as never)) };
      });
      return indexedValue(M, create(M, { any } as never), { ...plainIndex, registry });
    };
    // The field that the type declares is one of them.
    assert.equal(await of(249_999, 249_999), undefined);
    await assert.rejects(of(249_999, 250_000), { code: "input.too_large" });
  });

  it("is looked for no further once the signal fires, in messages and in Anys of any size", async () => {
    const registry = typesOf({
      M: {
        option: Behavior.ALWAYS,
        fields: { n: { type: "t.N", repeated: true }, any: { type: "google.protobuf.Any", repeated: true } },
      },
      N: { fields: { list: { repeated: true } } },
    });
    const [M, N] = [registry.getMessage("t.M")!, registry.getMessage("t.N")!];
    const anys = (count: number, length: number) => {
      const list = Array.from({ length }, () => "");
      return Array.from({ length: count }, () => ({
        typeUrl: "/t.N",
        value: toBinary(N, create(N, { list } as never)),
      }));
    };
    for (const init of [
      { n: Array.from({ length: 100_000 }, () => ({})) },
      { any: anys(1000, 100) },
      { any: anys(1, 400_000) },
    ]) {
      const abort = new AbortController();
      const rules = { ...plainIndex, registry };
      const looking = indexedValue(M, create(M, init as never), rules, { signal: abort.signal });
      setImmediate(() => abort.abort());
      await assert.rejects(looking, { code: "rpc.cancelled" });
    }
  });

  it("never is what is listed as personal data, whole types too, whatever the options say", async () => {
    const registry = typesOf({
      M: { option: Behavior.ALWAYS, fields: { ssn: { option: Behavior.ALWAYS }, n: { type: "t.N" }, ok: {} } },
      N: { option: Behavior.ALWAYS, fields: { name: {} } },
    });
    const json = { ssn: "1", n: { name: "Ada" }, ok: "2" };
    assert.deepEqual(await indexed(registry, json), { ...json });
    assert.deepEqual(await indexed(registry, json, { ...plainIndex, personalData: new Set(["t.M.ssn", "t.N"]) }), {
      ok: "2",
    });
  });

  it("has paths, which lists share", async () => {
    assert.deepEqual(indexedFields({ a: { b: [1, { c: true }] }, d: "x" }, "r"), [
      { path: "r.a.b", text: "1" },
      { path: "r.a.b.c", text: "true" },
      { path: "r.d", text: "x" },
    ]);
    const many = { list: Array.from({ length: 20_001 }, () => 1) };
    assert.throws(() => indexedFields(many, "r"), { code: "input.too_large" });
  });

  it("has paths and texts that are bounded, since a path stands with each of its texts", async () => {
    const under = (length: number) => indexedFields({ ["k".repeat(length)]: ["x", "y"] }, "r");
    assert.equal(under(INDEXED_PATH_MAX - 2).length, 2);
    assert.throws(() => under(INDEXED_PATH_MAX - 1), { code: "input.too_large" });
    const whole = (length: number) => indexedFields({ a: ["x".repeat(length), "y"] }, "r");
    const rest = 2 * "r.a".length + 1;
    assert.equal(whole(INDEXED_CHARACTERS_MAX - rest).length, 2);
    assert.throws(() => whole(INDEXED_CHARACTERS_MAX - rest + 1), { code: "input.too_large" });
  });

  it("is configured by a file, whose name changes with what it says", async () => {
    const text = readFileSync(new URL("../../../examples/loan/index.json", import.meta.url));
    const loan = parseIndexConfiguration(text, { what: "the configuration" });
    assert.equal(loan.unsaid, "indexed");
    assert.notEqual(configurationName(loan), configurationName({ ...loan, personalData: new Set() }));
    assert.throws(() => parseIndexConfiguration('{"format":2}', { what: "the configuration" }), {
      code: "input.invalid",
    });
  });
});

describe("an index of records", () => {
  const folder = mkdtempSync(join(tmpdir(), "p8e-index-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  let files = 0;
  const path = () => join(folder, `${++files}.sqlite`);
  const someAddress = () =>
    accountAddress(localKey(generatePrivateKey(systemRandom)).publicKey, networks.local.accountPrefix);
  const origin = { party: someAddress(), network: networks.local.chainId };
  const at = (n: number) => scopeAddress(parseUuid(`00000000-0000-4000-8000-${String(n).padStart(12, "0")}`));
  const record = (n: number, text: string, name = "asset") => ({
    ...{ scope: at(n), name, type: "T", contract: "C", session: "S", hash: "H", content: JSON.stringify({ a: text }) },
    fields: [{ path: `${name}.a`, text }],
  });

  it("finds scopes that meet all conditions, and forgets what is replaced or gone", () => {
    const file = path();
    using index = RecordIndex.open(file, origin, "one");
    index.replace(at(1), [record(1, "x"), record(1, "y", "note")], []);
    index.replace(at(2), [record(2, "x")], []);
    assert.deepEqual(index.find([{ path: "asset.a", text: "x" }]), [at(1), at(2)].toSorted());
    assert.deepEqual(
      index.find([
        { path: "asset.a", text: "x" },
        { path: "note.a", text: "y" },
      ]),
      [at(1)],
    );
    assert.deepEqual(index.find([{ path: "asset.a", text: "z" }]), []);
    assert.equal(index.find([]).length, 2);
    index.replace(at(1), [record(1, "z")], ["note"]);
    assert.deepEqual(index.find([{ path: "note.a", text: "y" }]), []);
    assert.deepEqual(index.find([{ path: "asset.a", text: "z" }]), [at(1)]);
    assert.deepEqual(index.records(at(1)), [(({ fields: _, ...rest }) => rest)(record(1, "z"))]);
    assert.deepEqual(index.count(), { scopes: 2, records: 2, problems: 0 });
    index.reach(7n);
    using again = RecordIndex.read(file, origin)!;
    assert.equal(again.height, 7n);
  });

  it("tells scopes with problems some at a time", () => {
    using index = RecordIndex.open(path(), origin, "one");
    const bad = [1, 2, 3].map(at).toSorted();
    for (const n of [1, 2, 3]) index.replace(at(n), [{ ...record(n, "x"), problem: "object.not_found" }], []);
    index.replace(at(4), [record(4, "x")], []);
    assert.deepEqual(index.scopesWithProblems(), bad);
    assert.deepEqual(index.scopesWithProblems("", 2), bad.slice(0, 2));
    assert.deepEqual(index.scopesWithProblems(bad[1], 2), bad.slice(2));
  });

  it("begins anew with another configuration, and who had the old one open writes no more", () => {
    const file = path();
    using index = RecordIndex.open(file, origin, "one");
    index.replace(at(1), [record(1, "x")], []);
    index.reach(9n);
    using other = RecordIndex.open(file, origin, "two");
    assert.deepEqual([other.height, other.count().records], [0n, 0]);
    assert.throws(() => index.reach(10n), { code: "state.conflict" });
    assert.throws(() => index.replace(at(1), [record(1, "x")], []), { code: "state.conflict" });
  });

  it("is one party's, of one network, and readable by its owner only", () => {
    const file = path();
    RecordIndex.open(file, origin, "one")[Symbol.dispose]();
    const other = { ...origin, party: someAddress() };
    assert.throws(() => RecordIndex.open(file, other, "one"), { code: "state.foreign" });
    assert.throws(() => RecordIndex.read(file, other), { code: "state.foreign" });
    assert.equal(RecordIndex.read(path(), origin), undefined);
    if (process.platform !== "win32") assert.equal(statSync(file).mode & 0o777, 0o600);
  });

  it("of a newer format, or no index, is left alone", () => {
    const file = path();
    RecordIndex.open(file, origin, "one")[Symbol.dispose]();
    const database = new DatabaseSync(file);
    database.exec("PRAGMA user_version = 2");
    database.close();
    assert.throws(() => RecordIndex.open(file, origin, "one"), {
      code: "state.newer",
      facts: { format: 2, newest: 1 },
    });
    const text = path();
    writeFileSync(text, "this is not a database, whatever its name says, and it is long enough to have a header.....");
    assert.throws(() => RecordIndex.open(text, origin, "one"), { code: "state.corrupt" });
    const foreign = path();
    const something = new DatabaseSync(foreign);
    something.exec("CREATE TABLE record (everything TEXT)");
    something.close();
    assert.throws(() => RecordIndex.open(foreign, origin, "one"), { code: "state.corrupt" });
  });
});
