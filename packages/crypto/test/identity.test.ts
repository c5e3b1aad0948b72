import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  base64Decode,
  contentHashToBytes,
  contractSpecificationAddress,
  goNameHash,
  hashContent,
  hexDecode,
  hexEncode,
  nameHash,
  parseContentHash,
  recordSpecificationAddress,
  SHA256_TRUNCATED_FORM,
  uuidFromBytes,
} from "@p8e/core";
import * as scope from "@p8e/proto/scope";
import { codeOf, vector, vectorsOf } from "./fixtures.ts";

describe("identity by content", () => {
  it("of a contract specification is that of its bytes, and our encoder gives those bytes", () => {
    const known = vector("hashes-identity.json", "contract-spec-identity");
    const bytes = hexDecode(known.contractSpecProtoHex);
    assert.deepEqual(toBinary(scope.ContractSpecSchema, fromBinary(scope.ContractSpecSchema, bytes)), bytes);
    const hash = hashContent(bytes, SHA256_TRUNCATED_FORM);
    assert.equal(hash, known.loHashBase64);
    const uuid = uuidFromBytes(contentHashToBytes(hash));
    assert.equal(uuid, known.uuid);
    assert.equal(contractSpecificationAddress(uuid), known.contractSpecAddress);
    assert.equal(recordSpecificationAddress(uuid, known.recordName), known.recordSpecAddress);
  });

  it("of 16 bytes read as a uuid keeps their order", () => {
    const { bytesHex, uuid } = vector("hashes-identity.json", "bytes-to-uuid");
    assert.equal(uuidFromBytes(hexDecode(bytesHex)), uuid);
  });

  it("of existing objects has hash texts of 44 characters; one cut off in the middle is none", async () => {
    for (const { id, base64 } of vectorsOf("hashes-identity.json").filter(({ base64 }) => base64 !== undefined)) {
      const outcome = id === "truncated-hash-text" ? "hash.invalid" : "ok";
      assert.equal(await codeOf(() => contentHashToBytes(parseContentHash(base64))), outcome, id);
    }
  });
});

describe("base64 from JVM peers", () => {
  it("may lack its padding, and nothing else", async () => {
    for (const [text, outcome] of [
      ["AA==", "ok"],
      ["AA", "ok"],
      ["AA=", "bytes.invalid"],
      ["AB==", "bytes.invalid"],
      ["AA\n==", "bytes.invalid"],
      ["-_8=", "bytes.invalid"],
    ] as const) {
      assert.equal(await codeOf(() => base64Decode(text)), outcome, text);
    }
  });
});

describe("hashes of names", () => {
  for (const { id, name, nameHashGo, agree } of vectorsOf("metadata-address.json").filter(({ id }) =>
    id.startsWith("name-"),
  )) {
    it(`are the chain's for ${id}, or refused where languages disagree`, async () => {
      assert.equal(hexEncode(goNameHash(name)), nameHashGo);
      assert.equal(await codeOf(() => nameHash(name)), agree ? "ok" : "name.invalid");
    });
  }
});
