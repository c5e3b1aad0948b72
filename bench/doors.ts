// How long the main thread is busy with what a stranger sends, at its worst within the budget of the door: the longest time
// without a turn of the event loop, of each door the shape of bytes that takes longest.
import { deserialize, serialize } from "node:v8";
import { create, createFileRegistry, type DescMessage, fromBinary, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import {
  FileDescriptorSetSchema,
  file_google_protobuf_struct,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
} from "@bufbuild/protobuf/wkt";
import { parseContractTypes } from "@p8e/contract";
import { hasCode } from "@p8e/core";
import {
  checkMessage,
  decodeExamined,
  decodeMessage,
  examineMessage,
  isCanonicalMessage,
  messageBudget,
  valueBudget,
} from "@p8e/decoding";
import * as scope from "@p8e/proto/scope";
import { decodeEvidence } from "@p8e/sdk";
import { typesBudget } from "../packages/contract/src/domain/contract-types.ts";
import { evidenceBudget } from "../packages/sdk/src/session/evidence.ts";
import { type BenchRow, benchRow, printRows } from "./report.ts";

const ROUNDS = 3;

/** A message with one field of each kind that costs otherwise than the others. */
const file = create(FileDescriptorSetSchema, {
  file: [
    {
      name: "worst.proto",
      package: "worst",
      syntax: "proto3",
      messageType: [
        { name: "Empty" },
        {
          name: "All",
          field: [
            { name: "messages", number: 1, label: Label.REPEATED, type: Type.MESSAGE, typeName: ".worst.Empty" },
            { name: "texts", number: 2, label: Label.REPEATED, type: Type.STRING },
            { name: "blobs", number: 3, label: Label.REPEATED, type: Type.BYTES },
            { name: "numbers", number: 4, label: Label.REPEATED, type: Type.INT64 },
            { name: "map", number: 5, label: Label.REPEATED, type: Type.MESSAGE, typeName: ".worst.All.MapEntry" },
            { name: "more", number: 6, label: Label.REPEATED, type: Type.MESSAGE, typeName: ".worst.All.MoreEntry" },
          ],
          nestedType: [entry("MapEntry", Type.INT64, Type.INT64), entry("MoreEntry", Type.STRING, Type.MESSAGE)],
        },
      ],
    },
  ],
});
const types = toBinary(FileDescriptorSetSchema, file);
const all = createFileRegistry(file).getMessage("worst.All")!;

function entry(name: string, key: Type, value: Type) {
  const typed = value === Type.MESSAGE ? { typeName: ".worst.Empty" } : {};
  return {
    name,
    options: { mapEntry: true },
    field: [
      { name: "key", number: 1, label: Label.OPTIONAL, type: key },
      { name: "value", number: 2, label: Label.OPTIONAL, type: value, ...typed },
    ],
  };
}

/** Of messages with many fields, none of which are there. */
const wide = create(FileDescriptorSetSchema, {
  file: [
    {
      ...{ name: "wide.proto", package: "wide", syntax: "proto3" },
      messageType: [
        { name: "Wide", field: Array.from({ length: 1000 }, (_, index) => text(index + 1)) },
        {
          name: "All",
          field: [{ name: "many", number: 1, label: Label.REPEATED, type: Type.MESSAGE, typeName: ".wide.Wide" }],
        },
      ],
    },
  ],
});
const wideTypes = toBinary(FileDescriptorSetSchema, wide);
const allWide = createFileRegistry(wide).getMessage("wide.All")!;

function text(number: number) {
  return { name: `f${number}`, number, label: Label.OPTIONAL, type: Type.STRING };
}

/** With a `google.protobuf.Struct`, which becomes JSON. */
const structured = create(FileDescriptorSetSchema, {
  file: [
    file_google_protobuf_struct.proto,
    {
      ...{ name: "structured.proto", package: "structured", syntax: "proto3" },
      dependency: [file_google_protobuf_struct.proto.name],
      messageType: [
        {
          name: "All",
          field: [
            { name: "s", number: 1, label: Label.OPTIONAL, type: Type.MESSAGE, typeName: ".google.protobuf.Struct" },
          ],
        },
      ],
    },
  ],
});
const allStructured = createFileRegistry(structured).getMessage("structured.All")!;

type Fill = (writer: BinaryWriter, index: number) => void;
const LD = WireType.LengthDelimited;
const shapes: readonly Fill[] = [
  (writer) => writer.tag(1, LD).fork().join(),
  (writer, index) => writer.tag(2, LD).string(`ä${index}`),
  (writer) => writer.tag(3, LD).bytes(new Uint8Array(0)),
  (writer, index) => writer.tag(4, WireType.Varint).int64(BigInt(index) << 40n),
  (writer, index) => {
    writer
      .tag(5, LD)
      .fork()
      .tag(1, WireType.Varint)
      .int64(BigInt(index) * 1_000_003n);
    writer.tag(2, WireType.Varint).int64(1n).join();
  },
  (writer, index) => writer.tag(6, LD).fork().tag(1, LD).string(`k${index}`).tag(2, LD).fork().join().join(),
  (writer) => writer.tag(999, WireType.Varint).uint32(1),
];

/** The longest bytes of a form that are taken. */
function most(make: (count: number) => Uint8Array, taken: (bytes: Uint8Array) => boolean): Uint8Array {
  let [low, high] = [1, 2];
  while (taken(make(high))) [low, high] = [high, high * 2];
  while (high - low > 1 + low / 50) {
    const middle = (low + high) >> 1;
    if (taken(make(middle))) low = middle;
    else high = middle;
  }
  return make(low);
}

function isTaken(work: () => void): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (hasCode(error, "input.too_large", "contract.invalid")) return false;
    throw error;
  }
}

const filled = (fill: Fill) => (count: number) => {
  const writer = new BinaryWriter();
  for (let index = 0; index < count; index++) fill(writer, index);
  return writer.finish();
};

/** The processor's time that this thread takes between two turns of its event loop, the longest, in milliseconds. */
async function longestTurn(work: () => Promise<unknown> | unknown): Promise<number> {
  const now = () => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  };
  let longest = 0;
  let before = now();
  let going = true;
  const turn = (): void => {
    const after = now();
    longest = Math.max(longest, after - before);
    before = after;
    if (going) setTimeout(turn, 1);
  };
  await new Promise(setImmediate);
  before = now();
  setImmediate(turn);
  await work();
  await new Promise(setImmediate);
  going = false;
  return longest;
}

async function door(
  name: string,
  given: readonly Uint8Array[],
  work: (bytes: Uint8Array) => Promise<unknown> | unknown,
): Promise<BenchRow> {
  const worst: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const times: number[] = [];
    for (const bytes of given) times.push(await longestTurn(() => work(bytes)));
    worst.push(Math.max(...times));
  }
  return benchRow(name, "ms", worst);
}

const what = { what: "the message" };
const within = (schema: DescMessage, make: (count: number) => Uint8Array) =>
  most(make, (bytes) => isTaken(() => checkMessage(schema, bytes, what, valueBudget)));
const wideValue = within(
  allWide,
  filled((writer) => writer.tag(1, LD).fork().join()),
);
const structs = [
  within(allStructured, (count) => {
    const writer = new BinaryWriter().tag(1, LD).fork();
    for (let index = 0; index < count; index++) {
      const entry = writer.tag(1, LD).fork().tag(1, LD).string(`k${index}`).tag(2, LD).fork();
      entry.tag(4, WireType.Varint).bool(true).join().join();
    }
    return writer.join().finish();
  }),
  // One of three thousand entries, of which more comes again and again.
  within(allStructured, (count) => {
    const writer = new BinaryWriter().tag(1, LD).fork();
    for (let index = 0; index < 3000; index++)
      writer.tag(1, LD).fork().tag(1, LD).string(`k${index}`).tag(2, LD).fork().join().join();
    writer.join();
    for (let index = 0; index < count; index++) writer.tag(1, LD).fork().join();
    return writer.finish();
  }),
];
const asked = { types: () => types };
const ofBudget = (schema: DescMessage, budget: typeof valueBudget) =>
  shapes.map((fill) => most(filled(fill), (bytes) => isTaken(() => checkMessage(schema, bytes, what, budget))));
const values = ofBudget(all, valueBudget);
const small = shapes.map((fill) => most(filled(fill), ({ length }) => length <= 64 * 1024));
const messages = ofBudget(all, messageBudget);

const evidence = scope.ContractSchema.fields
  .filter((field) => field.fieldKind === "list" && field.message !== undefined)
  .map((field) =>
    most(
      (count) => {
        const contract = filled((writer) => writer.tag(field.number, LD).fork().join())(count);
        return new BinaryWriter().tag(2, LD).bytes(contract).finish();
      },
      (bytes) => isTaken(() => checkMessage(scope.EnvelopeSchema, bytes, what, evidenceBudget)),
    ),
  );

const described = (
  [
    (count) => ({ messageType: Array.from({ length: count }, (_, index) => ({ name: `M${index}` })) }),
    (count) => ({
      messageType: Array.from({ length: count }, (_, index) => ({
        name: `M${index}`,
        field: [{ name: "f", number: 1, label: Label.OPTIONAL, type: Type.INT32 }],
      })),
    }),
    (count) => ({
      enumType: [
        { name: "E", value: Array.from({ length: count }, (_, index) => ({ name: `V${index}`, number: index })) },
      ],
    }),
  ] satisfies ((count: number) => object)[]
).map((content) =>
  most(
    (count) =>
      toBinary(
        FileDescriptorSetSchema,
        create(FileDescriptorSetSchema, {
          file: [{ name: "a.proto", package: "a", syntax: "proto3", ...content(count) }],
        }),
      ),
    (bytes) => isTaken(() => checkMessage(FileDescriptorSetSchema, bytes, what, typesBudget)),
  ),
);
/** A thousand files, each importing the one behind it in the alphabet. */
const manyFiles = toBinary(
  FileDescriptorSetSchema,
  create(FileDescriptorSetSchema, {
    file: Array.from({ length: 1000 }, (_, index) => ({
      name: `${index + 1000}.proto`,
      syntax: "proto3",
      dependency: index === 999 ? [] : [`${index + 1001}.proto`],
    })),
  }),
);

/** Files that import a hundred others each, and the one behind them in the alphabet. */
const manyImports = (() => {
  const leaves = Array.from({ length: 100 }, (_, index) => `z${index}.proto`);
  const links = Array.from({ length: 880 }, (_, index) => `${index + 1000}.proto`);
  const importing = links.map((name, index) => ({
    name,
    syntax: "proto3",
    dependency: [...leaves, ...links.slice(index + 1, index + 2)],
  }));
  const file = [...leaves.map((name) => ({ name, syntax: "proto3" })), ...importing];
  return toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file }));
})();

printRows(
  "doors",
  [
    await door("message of a call", messages, (bytes) => decodeMessage(all, bytes, what)),
    await door("value, as input or record", values, (bytes) => examineMessage(all, bytes, what, asked)),
    await door("value, as output", values, (bytes) => isCanonicalMessage(all, bytes, what, asked)),
    await door("value of 64 KiB, as output", small, (bytes) => isCanonicalMessage(all, bytes, what, asked)),
    await door("value of few bytes and many fields, as output", [wideValue], (bytes) =>
      isCanonicalMessage(allWide, bytes, what, { types: () => wideTypes }),
    ),
    await door("value, made for the application", values, (bytes) => decodeExamined(all, bytes)),
    await door("the same, of few bytes and many fields", [wideValue], (bytes) => decodeExamined(allWide, bytes)),
    await door("the same, a struct", structs, (bytes) => decodeExamined(allStructured, bytes)),
    await door("value, without a thread", values, (bytes) =>
      toBinary(all, decodeMessage(all, bytes, what, { budget: valueBudget })),
    ),
    await door(
      "value, taken over from a thread that made it",
      values.map((bytes) => serialize(fromBinary(all, bytes))),
      (bytes) => deserialize(bytes),
    ),
    await door("evidence", evidence, (bytes) => decodeEvidence(bytes)),
    await door("types of a bundle", [...described, manyFiles, manyImports], (bytes) => parseContractTypes(bytes)),
  ],
  process.argv.includes("--json"),
);
