import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  base64Decode,
  base64Encode,
  contentMatches,
  hashContent,
  hexDecode,
  hexEncode,
  P8eError,
  parseContentHash,
  parseUuid,
  randomUuid,
  sha512,
  utf8Decode,
  utf8Encode,
  uuidFromBytes,
  uuidToBytes,
  wire,
} from "@p8e/core";
import fc from "fast-check";

describe("bytes and their text forms", () => {
  it("come back from hex and base64 unchanged", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        assert.deepEqual(hexDecode(hexEncode(bytes)), bytes);
        assert.deepEqual(base64Decode(base64Encode(bytes)), bytes);
        assert.deepEqual(base64Decode(base64Encode(bytes).replace(/=+$/, "")), bytes);
      }),
    );
  });

  it("refuse what Buffer would quietly skip: white space, URL alphabet, half padding, stray bits", () => {
    for (const text of ["AA A=", "AA==\n", "-_8=", "AA=", "AB==", "A", "=", "AAAA="]) {
      assert.throws(() => base64Decode(text), { code: "bytes.invalid" }, text);
    }
    for (const text of ["0", "0g", " 00"]) assert.throws(() => hexDecode(text), { code: "bytes.invalid" });
  });

  it("refuse invalid UTF-8 and keep a byte order mark", () => {
    assert.throws(() => utf8Decode(Uint8Array.of(0xff)), { code: "bytes.invalid" });
    assert.equal(utf8Decode(utf8Encode("\ufeffa")), "\ufeffa");
  });
});

describe("uuids", () => {
  it("are read in every form the chain reads, and written in one", () => {
    const plain = "7f100be1-2f78-5eb8-a179-794014db3fa6";
    for (const text of [plain, plain.toUpperCase(), plain.replaceAll("-", ""), `{${plain}}`, `urn:uuid:${plain}`]) {
      assert.equal(parseUuid(text), plain);
    }
    for (const text of ["", "7f100be1", `${plain}0`, plain.replace("-", "_")]) {
      assert.throws(() => parseUuid(text), { code: "uuid.invalid" });
    }
    assert.equal(uuidFromBytes(uuidToBytes(parseUuid(plain))), plain);
  });

  it("of version 4 carry its bits whatever the randomness", () => {
    assert.match(
      randomUuid((length) => new Uint8Array(length).fill(0xff)),
      /^ffffffff-ffff-4fff-bfff-ffffffffffff$/,
    );
  });
});

describe("content hashes", () => {
  it("recognise content by any of the lengths in use", () => {
    const content = utf8Encode("a loan file");
    const long = base64Encode(sha512(content));
    const half = base64Encode(sha512(content).subarray(0, 16));
    for (const hash of [hashContent(content), parseContentHash(long), parseContentHash(half)]) {
      assert.equal(contentMatches(content, hash), true);
      assert.equal(contentMatches(utf8Encode("a loan filf"), hash), false);
    }
    assert.equal(contentMatches(content, hashContent(content, { algorithm: "sha256", truncated: true })), true);
  });

  it("of other lengths are refused", () => {
    assert.throws(() => parseContentHash("AAAA"), { code: "hash.invalid" });
  });
});

describe("errors", () => {
  it("pass the gate once, keeping their code", () => {
    const first = new P8eError("object.not_found", "no such object", { facts: { hash: "x" } });
    assert.equal(P8eError.from(first), first);
    assert.equal(P8eError.from(new Error("boom")).code, "internal.unexpected");
    assert.equal(P8eError.from(AbortSignal.abort().reason).code, "rpc.cancelled");
    assert.equal(first.status, wire["object.not_found"]);
  });
});
