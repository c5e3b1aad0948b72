import { create, toBinary } from "@bufbuild/protobuf";
import {
  FileDescriptorProtoSchema,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
} from "@bufbuild/protobuf/wkt";
import { bundleHeaderLine } from "@p8e/contract";
import { base64Encode, concatBytes, hashContent, utf8Encode } from "@p8e/core";
import { generatePrivateKey, localKey, signMessage } from "@p8e/crypto";
import { executeContract, loadContract, openSandbox } from "@p8e/engine";
import { packaged } from "../../packages/engine/test/packaged-contract.ts";
import type { Door } from "../door.ts";
import { messageBytes } from "../grammar.ts";

const BYTES_MAX = 1024 * 1024;

/** What a contract's function gives: a contract whose output is the bytes in its input. */
export async function openDoor(): Promise<Door> {
  const sandbox = openSandbox();
  const bundle = utf8Encode(`${bundleHeaderLine("x.Hostile")}let given;
export const describe = () => ${JSON.stringify(description())};
export const load = (index, payload) => { given = new Uint8Array(payload); };
export const call = () => given.slice(1 + given.subarray(1).findIndex((byte) => byte < 128) + 1);
`);
  const loaded = await loadContract(sandbox, bundle, hashContent(bundle));
  const key = localKey(generatePrivateKey((length) => new Uint8Array(length).fill(7)));
  const schema = loaded.types.message("x.Out");
  return {
    seeds: [Uint8Array.of(8, 1), Uint8Array.of(0x12, 0), Uint8Array.of(0x1a, 1, 0x61)],
    bytesMax: BYTES_MAX,
    generate: (random) => messageBytes(random, schema, { bytesMax: BYTES_MAX / 2 }),
    async run(output) {
      const input = concatBytes(Uint8Array.of(0x0a), varint(output.length), output);
      const execution = { ...packaged(loaded, { inputs: { i: input } }), loaded };
      const outcome = await executeContract(sandbox, { ...execution, sign: (bytes) => signMessage(key, bytes) });
      if (outcome.kind === "failed") throw outcome.error;
    },
    [Symbol.asyncDispose]: () => sandbox[Symbol.asyncDispose](),
  };
}

function varint(value: number): Uint8Array {
  return value < 128 ? Uint8Array.of(value) : Uint8Array.of((value & 127) | 128, ...varint(value >>> 7));
}

function description(): string {
  const wide = Array.from({ length: 10_000 }, (_, index) => ({
    name: `f${index}`,
    number: index < 18_999 ? index + 1 : index + 1001,
    label: Label.REPEATED,
    type: Type.INT32,
  }));
  const one = { label: Label.OPTIONAL };
  const file = create(FileDescriptorProtoSchema, {
    name: "x.proto",
    package: "x",
    syntax: "proto3",
    messageType: [
      { name: "In", field: [{ name: "raw", number: 1, ...one, type: Type.BYTES }] },
      { name: "Wide", field: wide },
      {
        name: "Out",
        field: [
          { name: "n", number: 1, ...one, type: Type.INT64 },
          { name: "wide", number: 2, label: Label.REPEATED, type: Type.MESSAGE, typeName: ".x.Wide" },
          { name: "text", number: 3, ...one, type: Type.STRING },
          { name: "out", number: 4, label: Label.REPEATED, type: Type.MESSAGE, typeName: ".x.Out" },
          { name: "exact", number: 5, ...one, type: Type.DOUBLE },
        ],
      },
    ],
  });
  return JSON.stringify({
    className: "x.Hostile",
    scopes: ["x"],
    participants: ["OWNER"],
    records: [],
    functions: [
      {
        name: "go",
        invokedBy: "OWNER",
        inputs: [{ name: "i", typeName: "x.In" }],
        writes: "out",
        typeName: "x.Out",
        lineage: [],
      },
    ],
    files: { "x.proto": base64Encode(toBinary(FileDescriptorProtoSchema, file)) },
  });
}
