import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { base64Encode, hashContent, hexDecode, parseContentHash, utf8Encode } from "@p8e/core";
import {
  type FileDescription,
  frameKey,
  openContainer,
  openFileDescription,
  openFileEntry,
  reshareHeader,
  sealBytes,
  sealFileEntry,
  sealFrame,
  sealObject,
} from "@p8e/crypto";
import {
  type ContainerHeader,
  decodeMetadata,
  encodeContainerHeader,
  encodeMetadata,
  parseContainer,
  rewriteSignatures,
} from "@p8e/envelope";
import { fromBase64, reference, scriptedRandom, seededRandom, vectorsOf } from "./fixtures.ts";

const known = vectorsOf("file-name.json");
const [one, two, three] = [reference("dev-1"), reference("dev-2"), reference("dev-3")];
const source = utf8Encode("content");
const hash = hashContent(source);
const file = { name: "loan tape.csv", mediaType: "text/csv" };
const options = { source, owner: one.publicKey, audience: [two.publicKey], signer: one };

async function storedHeader(named?: FileDescription): Promise<{ header: ContainerHeader; payload: Uint8Array }> {
  const { header, payload, seal } = await sealBytes({
    ...options,
    ...(named === undefined ? {} : { file: { ...named, hash } }),
  });
  const entry = { signature: seal.signature, publicKey: utf8Encode(one.publicKey.pem) };
  return { header: parseContainer(rewriteSignatures(parseContainer(header).header, entry)).header, payload };
}

function withMetadata(header: ContainerHeader, metadata: Iterable<readonly [string, string]>): ContainerHeader {
  const { sections, uuid } = header;
  return parseContainer(encodeContainerHeader(uuid, { ...sections, metadata: encodeMetadata(metadata) })).header;
}

describe("what a file was called", () => {
  for (const { id, dataKeyHex, hash: hashText, ivHex, name, mediaType, value } of known) {
    it(`is sealed and opened as in ${id}`, () => {
      const secret = { dataKey: hexDecode(dataKeyHex as string), hash: parseContentHash(hashText as string) };
      const said = mediaType === undefined ? { name } : { name, mediaType };
      assert.equal(sealFileEntry(said, { ...secret, random: scriptedRandom(ivHex as string) }), value);
      assert.deepEqual(openFileEntry(value as string, secret), said);
    });
  }

  it("is opened by every reader, with the object or by its header alone, and by nobody else", async () => {
    const { header, payload } = await storedHeader(file);
    for (const key of [one, two]) {
      assert.deepEqual((await openContainer({ header, payload, key, expectedHash: hash })).file, file);
      assert.deepEqual(await openFileDescription({ header, hash, key }), file);
    }
    assert.equal(await openFileDescription({ header, hash, key: three }), undefined);
    assert.ok(!Buffer.from(header.bytes).includes("loan"));
    // Mail and what is asked for without a hash has no name.
    assert.equal((await openContainer({ header, payload, key: one })).file, undefined);
  });

  it("stays when the object is shared again", async () => {
    const { header } = await storedHeader(file);
    const again = await reshareHeader({ header, key: two, audience: [three.publicKey], keepReaders: false });
    const shared = parseContainer(again.header).header;
    for (const key of [two, three]) assert.deepEqual(await openFileDescription({ header: shared, hash, key }), file);
  });

  it("is nothing where it is missing, was changed or moved, and the object opens as before", async () => {
    const { header, payload } = await storedHeader(file);
    const metadata = new Map(decodeMetadata(header.sections.metadata));
    const value = metadata.get("P8E::FILE")!;
    const bytes = fromBase64(value);
    const flipped = bytes.with(bytes.length - 1, bytes.at(-1)! ^ 1);
    const other = sealFileEntry(file, { dataKey: new Uint8Array(32), hash, random: seededRandom("other") });
    const changed = ["", "no base64!", base64Encode(flipped), other, value.slice(0, 20), "A".repeat(100_000)];
    for (const text of changed) {
      const damaged = withMetadata(header, metadata.set("P8E::FILE", text));
      const opened = await openContainer({ header: damaged, payload, key: two, expectedHash: hash });
      assert.deepEqual([opened.file, opened.plaintext], [undefined, source]);
      assert.equal(await openFileDescription({ header: damaged, hash, key: two }), undefined);
    }
    const elsewhere = hashContent(utf8Encode("another"));
    assert.equal(openFileEntry(value, { dataKey: new Uint8Array(32), hash }), undefined);
    assert.equal(await openFileDescription({ header, hash: elsewhere, key: two }), undefined);
    assert.equal(await openFileDescription({ header: (await storedHeader()).header, hash, key: two }), undefined);
  });

  it("is nothing where what was sealed says no name", () => {
    const dataKey = new Uint8Array(32).fill(3);
    const secret = { dataKey, hash };
    const { entryKeyHex } = known.find(({ id }) => id === "pdf")!;
    const key = hexDecode(entryKeyHex as string);
    const known0 = { dataKey: hexDecode(known[0]!.dataKeyHex as string), hash };
    for (const text of [
      "",
      "{}",
      '{"name":""}',
      '{"name":3}',
      '{"name":"a","mediaType":3}',
      '["a"]',
      '{"name":"\\ud800"}',
    ]) {
      const value = base64Encode(sealFrame(frameKey(key, hash), new Uint8Array(12), utf8Encode(text)));
      assert.equal(openFileEntry(value, known0), undefined, text);
    }
    const later = base64Encode(sealFrame(frameKey(key, hash), new Uint8Array(12), utf8Encode('{"name":"a","b":1} ')));
    assert.deepEqual(openFileEntry(later, known0), { name: "a" });
    for (const name of ["", "\ud800", "x".repeat(1025)]) {
      const sealing = () => sealFileEntry({ name }, { ...secret, random: seededRandom("n") });
      assert.throws(sealing, { code: "input.invalid" });
    }
  });

  it("says little by its length", () => {
    const lengthOf = (name: string) =>
      sealFileEntry({ name }, { dataKey: new Uint8Array(32), hash, random: seededRandom("n") }).length;
    assert.equal(lengthOf("a"), lengthOf("x".repeat(100)));
  });

  it("is refused by sealing where the content is not what was hashed before", async () => {
    const { payload, sealed } = sealObject({ ...options, file: { ...file, hash: hashContent(utf8Encode("before")) } });
    const settled = assert.rejects(sealed, { code: "input.invalid" });
    await assert.rejects(
      async () => {
        for await (const _ of payload);
      },
      { code: "input.invalid" },
    );
    await settled;
    const metadata = [["P8E::FILE", "mine"]] as const;
    await assert.rejects(sealBytes({ ...options, metadata }), { code: "input.invalid" });
  });
});
