import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create, toBinary } from "@bufbuild/protobuf";
import { concatBytes, hashContent, type P8eError, utf8Decode, utf8Encode } from "@p8e/core";
import { type KeyReference, openContainer, parsePublicKey, sealBytes, verifyContainer } from "@p8e/crypto";
import {
  audienceText,
  type ContainerHeader,
  type ContainerSections,
  decodeEnvelope,
  decodeSignatures,
  encodeContainerHeader,
  encodeSignatures,
  parseContainer,
} from "@p8e/envelope";
import * as envelope from "@p8e/proto/envelope";
import { chunked, codeOf, flipBit, reference, seededRandom } from "./fixtures.ts";

const [one, two, three] = [reference("dev-1"), reference("dev-2"), reference("dev-3")];
const source = utf8Encode("the original text");
const sealed = await sealBytes({ source, owner: one.publicKey, audience: [two.publicKey], signer: one });
const signature = { signature: sealed.seal.signature, publicKey: utf8Encode(one.publicKey.pem) };
const upload = parseContainer(sealed.header).header;
const header = changed({ signatures: encodeSignatures([signature]) });
const expectedHash = hashContent(source);

function changed(sections: Partial<ContainerSections>, from: ContainerHeader = upload): ContainerHeader {
  return parseContainer(encodeContainerHeader(from.uuid, { ...from.sections, ...sections })).header;
}

type AudienceField = "tag" | "ephemeralPubkey" | "encryptedDek" | "publicKey";

/** The header with one field of every entry replaced. */
function withField(field: AudienceField, change: (bytes: Uint8Array) => Uint8Array): ContainerHeader {
  const decoded = decodeEnvelope(header.sections.envelope);
  for (const entry of decoded.audience) entry[field] = change(entry[field]);
  return changed({ envelope: toBinary(envelope.DIMESchema, decoded) }, header);
}

const binary = (text: Uint8Array): Uint8Array => new Uint8Array(Buffer.from(utf8Decode(text), "base64"));

/**
 * Opens both ways and returns the code they agree on, having made sure that what is handed out is either the original
 * or nothing at all.
 */
async function outcome(of: ContainerHeader, payload: Uint8Array, key: KeyReference = one): Promise<string> {
  let released = 0;
  const code = await codeOf(async () => {
    const { plaintext } = await openContainer({ header: of, payload, key });
    released += plaintext.length;
    assert.deepEqual(plaintext, source);
  });
  const streamed = await codeOf(async () => {
    using verified = await verifyContainer({ header: of, payload: () => chunked(payload, 5), key });
    for await (const chunk of verified.read()) released += chunk.length;
  });
  assert.equal(streamed, code);
  assert.equal(released, code === "ok" ? 2 * source.length : 0);
  return code;
}

describe("every single bit flipped", () => {
  it("in the payload is refused", async () => {
    for (let bit = 0; bit < sealed.payload.length * 8; bit++) {
      assert.equal(await outcome(header, flipBit(sealed.payload, bit)), "envelope.tampered", `bit ${bit}`);
    }
  });

  for (const [field, code] of [
    ["tag", "envelope.wrong_key"],
    ["ephemeralPubkey", "envelope.tampered"],
    ["encryptedDek", "envelope.tampered"],
  ] as const) {
    it(`in an audience entry's ${field} is refused`, async () => {
      const bits = binary(decodeEnvelope(header.sections.envelope).owner![field]).length * 8;
      for (let bit = 0; bit < bits; bit++) {
        const flipped = withField(field, (text) => audienceText(flipBit(binary(text), bit)));
        assert.equal(await outcome(flipped, sealed.payload), code, `bit ${bit}`);
      }
    });

    it(`in the text of an audience entry's ${field} is refused`, async () => {
      const bits = decodeEnvelope(header.sections.envelope).owner![field].length * 8;
      for (let bit = 0; bit < bits; bit += 3) {
        const flipped = withField(field, (text) => flipBit(text, bit));
        assert.notEqual(await outcome(flipped, sealed.payload), "ok", `bit ${bit}`);
      }
    });
  }

  it("in the signature is refused", async () => {
    for (let bit = 0; bit < signature.signature.length * 8; bit++) {
      const entry = { ...signature, signature: flipBit(signature.signature, bit) };
      const flipped = changed({ signatures: encodeSignatures([entry]) });
      assert.equal(await outcome(flipped, sealed.payload), "signature.invalid", `bit ${bit}`);
    }
  });

  it("in the signer's key is refused", async () => {
    for (let bit = 0; bit < signature.publicKey.length * 8; bit += 5) {
      const entry = { ...signature, publicKey: flipBit(signature.publicKey, bit) };
      const flipped = changed({ signatures: encodeSignatures([entry]) });
      const code = await outcome(flipped, sealed.payload);
      assert.equal(code, "signature.invalid", `bit ${bit}`);
    }
  });

  it("anywhere in the header gives the original or an error, never other bytes", async () => {
    const random = seededRandom("header bits");
    const undetected = new Set<string>();
    for (let round = 0; round < 1500; round++) {
      const bit = Buffer.from(random(4)).readUInt32BE() % (header.bytes.length * 8);
      const container = concatBytes(flipBit(header.bytes, bit), sealed.payload);
      const code = await codeOf(async () => {
        const { header: flipped, payload } = parseContainer(container);
        const opened = await openContainer({ header: flipped, payload, key: one, expectedHash });
        assert.deepEqual(opened.plaintext, source);
      });
      if (code === "ok") undetected.add(sectionAt(bit >> 3));
    }
    assert.deepEqual([...undetected].sort(), ["envelope", "metadata", "uuid"]);
  });

  function sectionAt(offset: number): string {
    let end = 26;
    if (offset < end) return offset < 10 ? "prefix" : "uuid";
    for (const [name, section] of Object.entries(header.sections)) {
      end += 4 + section.length;
      if (offset < end) return name;
    }
    return "payload";
  }
});

describe("what nothing protects", () => {
  it("is the header's uuid, its metadata and mail type, and the names of owner and other readers", async () => {
    const decoded = decodeEnvelope(header.sections.envelope);
    decoded.owner!.publicKey = audienceText(three.publicKey.uncompressed);
    decoded.audience[0]!.publicKey = audienceText(three.publicKey.uncompressed);
    const forged = changed(
      { metadata: utf8Encode('{"P8EAPI::TYPE":"FRAGMENT_REQUEST"}'), envelope: toBinary(envelope.DIMESchema, decoded) },
      header,
    );
    const opened = await openContainer({ header: forged, payload: sealed.payload, key: one, expectedHash });
    assert.deepEqual(opened.plaintext, source);
    assert.equal(opened.mailType, "FRAGMENT_REQUEST");
  });

  it("is the sign of an ephemeral key: its negated twin has the same X", async () => {
    const twin = withField("ephemeralPubkey", (text) => {
      const compressed = parsePublicKey(binary(text)).compressed;
      compressed[0]! ^= 1;
      return audienceText(parsePublicKey(compressed).uncompressed);
    });
    assert.equal(await outcome(twin, sealed.payload), "ok");
  });
});

describe("the order of checks", () => {
  const noSignature = upload;
  const badPayload = flipBit(sealed.payload, sealed.payload.length * 8 - 1);
  const badIv = concatBytes(Uint8Array.of(0, 0, 0, 99), sealed.payload.subarray(4));
  const badTag = (from: ContainerHeader): ContainerHeader => {
    const decoded = decodeEnvelope(from.sections.envelope);
    for (const entry of decoded.audience) entry.tag = audienceText(flipBit(binary(entry.tag), 300));
    return changed({ envelope: toBinary(envelope.DIMESchema, decoded) }, from);
  };

  it("is audience, key, IV, missing signature, tag, signature", async () => {
    assert.equal(await outcome(badTag(noSignature), badIv, three), "envelope.no_recipient");
    assert.equal(await outcome(badTag(noSignature), badIv), "envelope.wrong_key");
    assert.equal(await outcome(noSignature, badIv), "envelope.tampered");
    assert.equal(await outcome(noSignature, badPayload), "signature.missing");
    const foreign = { signature: await two.signDigest("sha512", new Uint8Array(64)), publicKey: signature.publicKey };
    const badSignature = changed({ signatures: encodeSignatures([foreign]) });
    assert.equal(await outcome(badSignature, badPayload), "envelope.tampered");
    assert.equal(await outcome(badSignature, sealed.payload), "signature.invalid");
    const unexpected = { header: badSignature, payload: badPayload, key: one, expectedSigners: [two.publicKey] };
    assert.equal(await codeOf(() => openContainer(unexpected)), "signature.unexpected_signer");
    const mismatch = {
      header: badSignature,
      payload: sealed.payload,
      key: one,
      expectedHash: hashContent(badTag(header).bytes),
    };
    assert.equal(await codeOf(() => openContainer(mismatch)), "signature.invalid");
  });
});

describe("the audience", () => {
  const names = (change: (name: string) => string): ContainerHeader =>
    withField("publicKey", (text) => utf8Encode(change(utf8Decode(text))));

  it("is compared as text: compressed, unpadded, URL-alphabet or line-ended names are nobody's", async () => {
    for (const change of [
      (name: string) => name.replace(/=+$/, ""),
      (name: string) => `${name}\n`,
      (name: string) => name.replaceAll("/", "_").replaceAll("+", "-"),
      (name: string) => Buffer.from(parsePublicKey(Buffer.from(name, "base64")).compressed).toString("base64"),
    ]) {
      assert.equal(await outcome(names(change), sealed.payload), "envelope.no_recipient");
    }
  });

  it("does not count the owner's own field", async () => {
    const decoded = decodeEnvelope(header.sections.envelope);
    const without = changed(
      { envelope: toBinary(envelope.DIMESchema, { ...decoded, audience: [decoded.audience[0]!] }) },
      header,
    );
    assert.equal(await outcome(without, sealed.payload), "envelope.no_recipient");
  });

  it("is searched from the front, and the first entry with the name decides", async () => {
    const decoded = decodeEnvelope(header.sections.envelope);
    const bogus = create(envelope.AudienceSchema, {
      ...decoded.audience[0]!,
      publicKey: audienceText(one.publicKey.uncompressed),
    });
    const shadowed = changed(
      { envelope: toBinary(envelope.DIMESchema, { ...decoded, audience: [bogus, ...decoded.audience] }) },
      header,
    );
    assert.equal(await outcome(shadowed, sealed.payload), "envelope.wrong_key");
  });

  it("may lack the padding of its other base64 fields, as JVM readers allow", async () => {
    const unpadded = withField("encryptedDek", (text) => utf8Encode(utf8Decode(text).replace(/=+$/, "")));
    assert.equal(await outcome(unpadded, sealed.payload), "ok");
  });

  it("names a recipient that is missing in facts, not in the message", async () => {
    const error = await openContainer({ header, payload: sealed.payload, key: three }).catch(
      (thrown: P8eError) => thrown,
    );
    assert.ok("code" in error && error.code === "envelope.no_recipient");
    assert.equal(error.facts.publicKey, three.publicKey.base64);
    assert.equal(error.message.includes(three.publicKey.base64), false);
  });
});

describe("a payload cut short", () => {
  it("is refused at every length, also at none, where the reference reads an empty object", async () => {
    for (let length = 0; length < sealed.payload.length; length++) {
      assert.equal(await outcome(header, sealed.payload.subarray(0, length)), "envelope.tampered");
    }
  });
});

describe("a signature section", () => {
  it("that is no JSON, or names no key, is refused", async () => {
    const ofGarbage = changed({ signatures: utf8Encode("[{}]") });
    assert.equal(await outcome(ofGarbage, sealed.payload), "envelope.malformed");
    const ofNobody = changed({ signatures: encodeSignatures([{ ...signature, publicKey: utf8Encode("nobody") }]) });
    assert.equal(await outcome(ofNobody, sealed.payload), "signature.invalid");
    assert.equal(decodeSignatures(header.sections.signatures).length, 1);
  });
});
