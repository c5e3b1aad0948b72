// Protos of the real world as types of contracts, from checkouts that a developer has fetched: P8E_REAL_PROTOS names a folder
// with folders of .proto files in it, each complete, as they are imported. Nothing of them is kept here.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { create, type DescMessage, equals, fromBinary, toBinary } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { type ContractTypes, parseContractTypes } from "@p8e/contract";
import { hasCode } from "@p8e/core";
import { checkMessage, decodeMessage, messageBytesFromJson } from "@p8e/decoding";
import { javaClassName } from "@p8e/proto/java-class-name";
import { typesBudget } from "../src/domain/contract-types.ts";

const buf = fileURLToPath(new URL("../../../node_modules/.bin/buf", import.meta.url));
const folder = process.env.P8E_REAL_PROTOS;
if (folder === undefined) {
  process.stdout.write("skipped: protos of the real world (P8E_REAL_PROTOS names no folder)\n");
} else {
  describe("protos of the real world", { timeout: 900_000 }, () => {
    for (const name of readdirSync(folder).sort()) {
      it(`${name}: are parsed, have Java names by which they are found, and their messages outlive being written and read`, async () => {
        const options = { cwd: join(folder, name), maxBuffer: 1 << 30 };
        const bytes = execFileSync(buf, ["build", "--exclude-source-info", "-o", "-"], options);
        const parts = partsOf(bytes);
        let [count, refused] = [0, 0];
        for (const part of parts) {
          const types = await typesOf(part);
          if (types === undefined) {
            refused += 1;
            continue;
          }
          for (const file of types.registry.files) {
            for (const type of nestedTypes(file)) {
              if (type.kind !== "message") continue;
              requireFound(types, type);
              requireRoundTrip(types, type);
              count += 1;
            }
          }
        }
        assert.ok(count > 0);
        const large = refused === 0 ? "" : `; ${refused} of them are more than a contract may have`;
        process.stdout.write(`${name}: ${count} messages in ${parts.length} sets of types${large}\n`);
      });
    }
  });
}

/** The whole, or where that is more than a contract may have, each file with what it imports. */
function partsOf(bytes: Uint8Array): readonly Uint8Array[] {
  try {
    checkMessage(FileDescriptorSetSchema, bytes, { what: "the types" }, typesBudget);
    return [bytes];
  } catch (error) {
    assert.ok(hasCode(error, "input.too_large"));
  }
  const { file: files } = fromBinary(FileDescriptorSetSchema, bytes);
  const byName = new Map(files.map((file) => [file.name, file]));
  const imported = new Set(files.flatMap(({ dependency }) => dependency));
  return files
    .filter(({ name }) => !imported.has(name))
    .map((root) => {
      const needed = new Set([root]);
      for (const file of needed) for (const name of file.dependency) needed.add(byName.get(name)!);
      return toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file: [...needed] }));
    });
}

/** Undefined for a file that imports more than a contract may have. */
async function typesOf(part: Uint8Array): Promise<ContractTypes | undefined> {
  try {
    return await parseContractTypes(part);
  } catch (error) {
    if (hasCode(error, "contract.invalid") && error.facts.limit !== undefined) return undefined;
    throw error;
  }
}

function requireFound(types: ContractTypes, type: DescMessage): void {
  assert.equal(types.messageOfClass(javaClassName(type)), type);
  assert.equal(types.message(type.typeName), type);
}

function requireRoundTrip(types: ContractTypes, type: DescMessage): void {
  // A message that lacks what is required is none.
  if (type.fields.some(({ presence }) => presence === 3)) return;
  const context = { what: type.typeName };
  const empty = create(type);
  assert.ok(equals(type, decodeMessage(type, toBinary(type, empty), context), empty));
  const isObject = !/^google\.protobuf\.(?:\w*Value|Timestamp|Duration|FieldMask)$/.test(type.typeName);
  if (isObject) assert.equal(messageBytesFromJson(type, "{}", types.registry, context).length, 0);
}
