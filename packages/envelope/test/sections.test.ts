import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { base64Encode, concatBytes, utf8Decode, utf8Encode } from "@p8e/core";
import {
  audienceKeyTexts,
  audienceText,
  decodeEnvelope,
  decodeMetadata,
  decodeSignatures,
  decodeUri,
  encodeMetadata,
  encodeSignatures,
  isMail,
  mailTypeOf,
  ownerKeyText,
  parseContainer,
  predictStoredHeaderLength,
  rewriteSignatures,
} from "@p8e/envelope";
import * as envelope from "@p8e/proto/envelope";
import fc from "fast-check";
import { base64Field, hexField, type Vector, vector } from "./vectors.ts";

const written = vector("dime.json", "json-written");

function malformed(problem: string) {
  return { name: "P8eError", code: "envelope.malformed", facts: { problem } };
}

describe("container metadata", () => {
  it("is written as the JVM writes it", () => {
    const input = written.metadataSampleInput as Record<string, string | null>;
    const entries = Object.entries(input).filter((entry): entry is [string, string] => entry[1] !== null);
    assert.equal(utf8Decode(encodeMetadata(entries)), written.metadataSample);
    assert.equal(utf8Decode(encodeMetadata([])), written.emptyMetadata);
  });

  it("keeps control characters as upper-case escapes and does not mistake text for an escape", () => {
    assert.equal(
      utf8Decode(encodeMetadata([["\\u001f", "\u001f\u2028\u007f"]])),
      '{"\\\\u001f":"\\u001F\u2028\u007f"}',
    );
  });

  it("comes back in order, keys that look like numbers or like prototypes included", () => {
    const entries = [
      ["z", "1"],
      ["__proto__", "x"],
    ] as const;
    assert.deepEqual([...decodeMetadata(encodeMetadata(entries))], entries);
    assert.equal(utf8Decode(encodeMetadata([["b", "1"], ["1", "2"]])), '{"b":"1","1":"2"}'); // biome-ignore format: one line
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string()), (given) => {
        assert.deepEqual(decodeMetadata(encodeMetadata(Object.entries(given))), new Map(Object.entries(given)));
      }),
    );
  });

  for (const [what, text] of [
    ["nothing", ""],
    ["a null value", '{"a":null}'],
    ["a number", '{"a":1}'],
    ["an array", "[]"],
    ["null", "null"],
    ["bytes after the object", "{} x"],
    ["a byte order mark", "\ufeff{}"],
    ["half a surrogate pair", '{"a":"\\ud800"}'],
  ] as const) {
    it(`with ${what} is refused`, () => {
      assert.throws(() => decodeMetadata(utf8Encode(text)), malformed("metadata"));
    });
  }

  it("that is not UTF-8 is refused", () => {
    assert.throws(() => decodeMetadata(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d)), malformed("metadata"));
  });

  it("says whether an object is mail, and of which type", () => {
    const mail = parseContainer(base64Field(vector("dime.json", "reference-b"), "uploadedContainerBase64")).header;
    const metadata = decodeMetadata(mail.sections.metadata);
    assert.equal(isMail(metadata), true);
    assert.equal(mailTypeOf(metadata), "FRAGMENT_REQUEST");
    assert.equal(isMail(new Map([["P8EAPI::TYPE", "else"]])), true);
    assert.equal(mailTypeOf(new Map([["P8EAPI::TYPE", "else"]])), undefined);
    assert.equal(isMail(new Map([["p8eapi::type", "FRAGMENT_REQUEST"]])), false);
  });
});

describe("the signature section", () => {
  it("is written as JVM and reference store write it", () => {
    const entry = { signature: Uint8Array.of(0x30, 6, 0xff, 0xfe, 0xfd), publicKey: new Uint8Array() };
    const sample = JSON.parse(written.signatures as string) as [{ signature: string; publicKey: string }];
    entry.signature = new Uint8Array(Buffer.from(sample[0].signature, "base64"));
    entry.publicKey = new Uint8Array(Buffer.from(sample[0].publicKey, "base64"));
    assert.equal(utf8Decode(encodeSignatures([entry])), written.signatures);
    assert.equal(utf8Decode(encodeSignatures([])), written.emptySignatures);
    assert.deepEqual(decodeSignatures(utf8Encode(written.signatures as string)), [entry]);
  });

  it("of no bytes holds no signature", () => {
    assert.deepEqual(decodeSignatures(new Uint8Array()), []);
  });

  for (const [what, text] of [
    ["an object", "{}"],
    ["a missing key", '[{"signature":"AA=="}]'],
    ["the URL alphabet", '[{"signature":"-_8=","publicKey":""}]'],
    ["a line break", '[{"signature":"AA\\n==","publicKey":""}]'],
    ["half padding", '[{"signature":"AA=","publicKey":""}]'],
  ] as const) {
    it(`with ${what} is refused`, () => {
      assert.throws(() => decodeSignatures(utf8Encode(text)), malformed("signatures"));
    });
  }

  it("with the reference store's placeholder text is refused, while the container around it parses", () => {
    const rust = vector("dime.json", "rust-complete-parse-with-signatures");
    const { header } = parseContainer(hexField(rust, "containerHex"));
    assert.throws(() => decodeSignatures(header.sections.signatures), malformed("signatures"));
  });

  function signatureOf(reference: Vector) {
    const { header } = parseContainer(base64Field(reference, "storedContainerBase64"));
    return decodeSignatures(header.sections.signatures)[0]!;
  }

  for (const id of ["reference-a", "reference-b", "reference-c", "fixed"]) {
    it(`rewritten in the upload of ${id} gives the stored form, of the predicted length`, () => {
      const reference = vector("dime.json", id);
      const uploaded = parseContainer(base64Field(reference, "uploadedContainerBase64"));
      const stored = rewriteSignatures(uploaded.header, signatureOf(reference));
      assert.deepEqual(concatBytes(stored, uploaded.payload), base64Field(reference, "storedContainerBase64"));
      const metadata = decodeMetadata(uploaded.header.sections.metadata);
      assert.equal(predictStoredHeaderLength(uploaded.header, metadata), stored.length);
      assert.equal(predictStoredHeaderLength(uploaded.header, new Map()), stored.length);
    });

    it(`rewritten again with the same values leaves the stored form of ${id} alone`, () => {
      const reference = vector("dime.json", id);
      const { header } = parseContainer(base64Field(reference, "storedContainerBase64"));
      assert.deepEqual(rewriteSignatures(header, signatureOf(reference)), header.bytes);
      assert.equal(predictStoredHeaderLength(header, decodeMetadata(header.sections.metadata)), header.bytes.length);
    });
  }

  it("holds whatever bytes a foreign client sends as its signature", () => {
    const { header } = parseContainer(hexField(vector("dime.json", "rust-complete-parse"), "containerHex"));
    const entry = { signature: utf8Encode("signature"), publicKey: new Uint8Array() };
    const rewritten = parseContainer(rewriteSignatures(header, entry)).header;
    assert.deepEqual(decodeSignatures(rewritten.sections.signatures), [entry]);
    assert.deepEqual(rewritten.sections.envelope, header.sections.envelope);
  });
});

describe("the audience list", () => {
  const readers = [
    vector("keys.json", "dev-2").publicKeyBase64 as string,
    vector("keys.json", "dev-3").publicKeyBase64 as string,
    vector("keys.json", "dev-1").publicKeyBase64 as string,
  ];

  it("names the owner and each reader once, the owner last", () => {
    const { header } = parseContainer(base64Field(vector("dime.json", "reference-a"), "storedContainerBase64"));
    const decoded = decodeEnvelope(header.sections.envelope);
    assert.equal(ownerKeyText(decoded), readers[2]);
    assert.deepEqual([...audienceKeyTexts(decoded)].sort(), [...readers].sort());
    assert.equal(audienceKeyTexts(decoded).at(-1), readers[2]);
    assert.equal(utf8Decode(audienceText(new Uint8Array(Buffer.from(readers[0]!, "base64")))), readers[0]);
  });

  it("gives a key that stands in it twice once", () => {
    const entry = create(envelope.AudienceSchema, { publicKey: utf8Encode(base64Encode(Uint8Array.of(1))) });
    const decoded = decodeEnvelope(
      toBinary(envelope.DIMESchema, create(envelope.DIMESchema, { audience: [entry, entry] })),
    );
    assert.deepEqual(audienceKeyTexts(decoded), ["AQ=="]);
  });

  it("without an owner, or with keys that are no text, is refused where they are asked for", () => {
    const bytes = { publicKey: Uint8Array.of(0xff) };
    assert.throws(() => ownerKeyText(create(envelope.DIMESchema, {})), malformed("owner_key"));
    assert.throws(() => ownerKeyText(create(envelope.DIMESchema, { owner: bytes })), malformed("owner_key"));
    assert.throws(
      () => audienceKeyTexts(create(envelope.DIMESchema, { audience: [bytes] })),
      malformed("audience_key"),
    );
  });

  it("that is no protobuf is refused", () => {
    assert.throws(() => decodeEnvelope(Uint8Array.of(0x22, 5, 1)), malformed("protobuf"));
    assert.throws(() => decodeEnvelope(Uint8Array.of(0)), malformed("protobuf"));
    const uuid = new BinaryWriter().uint32(10).fork().uint32(10).bytes(Uint8Array.of(0xff)).join().finish();
    assert.throws(() => decodeEnvelope(uuid), malformed("protobuf"));
  });

  it("with a known field under another wire type is refused, at the top and inside an entry", () => {
    const { header } = parseContainer(base64Field(vector("dime.json", "fixed"), "storedContainerBase64"));
    assert.equal(decodeEnvelope(header.sections.envelope).audience.length, 2);
    const varint = (number: number) => Uint8Array.of(number << 3, 1, 0x41);
    const bytes = (number: number) => Uint8Array.of((number << 3) | 2, 1, 0x41);
    for (const number of [1, 2, 3, 4, 5]) assert.throws(() => decodeEnvelope(varint(number)), malformed("protobuf"));
    const entryOf = (field: Uint8Array) => concatBytes(Uint8Array.of(0x22, field.length), field);
    for (const number of [2, 4, 5, 6]) {
      assert.equal(decodeEnvelope(entryOf(bytes(number))).audience.length, 1);
      assert.throws(() => decodeEnvelope(entryOf(Uint8Array.of(number << 3, 1))), malformed("protobuf"));
    }
    for (const number of [1, 3]) assert.throws(() => decodeEnvelope(entryOf(bytes(number))), malformed("protobuf"));
  });

  it("may have fields that nobody has defined", () => {
    assert.equal(decodeEnvelope(Uint8Array.of(0x30, 1, 0x3a, 1, 0x41, 0x22, 2, 0x38, 1)).audience.length, 1);
  });

  it("with more entries than the limit is refused before they are decoded", () => {
    const entries = new Uint8Array(2 * 20_000);
    for (let index = 0; index < entries.length; index += 2) entries[index] = 0x22;
    assert.throws(() => decodeEnvelope(entries), {
      code: "envelope.too_large",
      facts: { section: "envelope", limit: 12_000 },
    });
  });

  it("keeps the numbers of contexts nobody has defined", () => {
    const decoded = decodeEnvelope(Uint8Array.of(0x22, 2, 0x18, 42));
    assert.equal(decoded.audience[0]?.context, 42);
  });

  it("has a uri in front of it that must be UTF-8", () => {
    assert.equal(decodeUri(new Uint8Array()), "");
    assert.throws(() => decodeUri(Uint8Array.of(0xc3)), malformed("uri"));
  });
});
