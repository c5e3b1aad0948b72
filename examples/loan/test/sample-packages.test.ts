import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { equals } from "@bufbuild/protobuf";
import { documentUri, inputSchemas, loadSamplePackage, sampleDocuments, syntheticDocument } from "@p8e/example-loan";

async function hashOf(sizeBytes: number, seed: string): Promise<{ hash: string; sizeBytes: number }> {
  const hash = createHash("sha256");
  let length = 0;
  for await (const chunk of syntheticDocument(sizeBytes, seed)) {
    hash.update(chunk);
    length += chunk.length;
  }
  return { hash: hash.digest("base64"), sizeBytes: length };
}

describe("a synthetic document", () => {
  it("has exactly the size asked for, and says what it is", async () => {
    for (const sizeBytes of [0, 1, 100, 78_847, 78_848, 78_849, 200_000]) {
      assert.equal((await hashOf(sizeBytes, "a")).sizeBytes, sizeBytes);
    }
    const parts: Uint8Array[] = [];
    for await (const chunk of syntheticDocument(300, "a")) parts.push(chunk);
    const text = Buffer.concat(parts).toString("ascii");
    assert.match(
      text,
      /^SYNTHETIC DOCUMENT of 300 bytes, made from the seed "a"\. It describes nobody\.\n[A-Za-z0-9+/]{76}\n/,
    );
  });

  it("depends on size and seed alone", async () => {
    const one = await hashOf(200_000, "a");
    assert.deepEqual(await hashOf(200_000, "a"), one);
    assert.notDeepEqual(await hashOf(200_000, "b"), one);
    assert.equal(one.hash, "s//eRjPNl8NglUBJl/c1OoMVDC8vL8a4lBtOQjYqo5U=");
  });

  it("has for each sample the checksum that the package states", async () => {
    const { documents } = await loadSamplePackage("sound");
    assert.deepEqual(
      documents.document.map((document) => document.fileName),
      sampleDocuments.map((document) => document.fileName),
    );
    for (const [index, { fileName, sizeBytes }] of sampleDocuments.entries()) {
      const { hash } = await hashOf(sizeBytes, fileName);
      const document = documents.document[index]!;
      assert.equal(document.checksum?.checksum, hash);
      assert.equal(document.uri, documentUri(hash));
    }
  });
});

describe("the sample packages", () => {
  it("differ in the principal alone, and say that they are synthetic", async () => {
    const [sound, broken] = ["sound", "negative-principal"].map((name) =>
      readFileSync(new URL(`../packages/${name}.json`, import.meta.url), "utf8").split("\n"),
    );
    const different = sound!.flatMap((line, index) =>
      line === broken![index] ? [] : [line.trim(), broken![index]!.trim()],
    );
    assert.deepEqual(different, ['"value": "250000.00"', '"value": "-250000.00"']);
    assert.match(sound![1]!, /"synthetic": "Made up/);
  });

  it("take the place and checksum of documents that were stored otherwise", async () => {
    const hash = createHash("sha256").update("another").digest("base64");
    const loan = await loadSamplePackage("sound", [{ fileName: "synthetic-deed.txt", hash }]);
    const sound = await loadSamplePackage("sound");
    assert.equal(loan.documents.document[2]!.checksum!.checksum, hash);
    assert.equal(loan.documents.document[2]!.uri, documentUri(hash));
    assert.ok(equals(inputSchemas.asset, loan.asset, sound.asset));
    await assert.rejects(loadSamplePackage("sound", [{ fileName: "none.txt", hash }]), /no document none\.txt/);
  });
});
