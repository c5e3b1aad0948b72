import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create, toBinary } from "@bufbuild/protobuf";
import { utf8Decode, utf8Encode } from "@p8e/core";
import { localKey, openContainer, parsePrivateKey, reshareHeader, sealBytes } from "@p8e/crypto";
import {
  audienceKeyTexts,
  audienceText,
  type ContainerHeader,
  decodeEnvelope,
  decodeMetadata,
  encodeContainerHeader,
  ownerKeyText,
  parseContainer,
  rewriteSignatures,
} from "@p8e/envelope";
import * as envelope from "@p8e/proto/envelope";
import { codeOf, reference } from "./fixtures.ts";

const [one, two, three] = [reference("dev-1"), reference("dev-2"), reference("dev-3")];
const four = localKey(parsePrivateKey(Uint8Array.of(4)));
const source = utf8Encode("content");
const options = { source, owner: one.publicKey, audience: [two.publicKey, three.publicKey], signer: one };
const sealed = await sealBytes({ ...options, metadata: [["name", "loan.pdf"]] });
const entry = { signature: sealed.seal.signature, publicKey: utf8Encode(one.publicKey.pem) };

function stored(header: Uint8Array): ContainerHeader {
  return parseContainer(rewriteSignatures(parseContainer(header).header, entry)).header;
}

const original = stored(sealed.header);

describe("an object shared again", () => {
  it("opens for old readers and new ones, with the payload, hash and signature it had", async () => {
    const again = await reshareHeader({ header: original, key: two, audience: [four.publicKey] });
    const header = stored(again.header);
    for (const key of [one, two, three, four]) {
      const opened = await openContainer({ header, payload: sealed.payload, key, expectedHash: sealed.seal.hash });
      assert.deepEqual(opened.plaintext, source);
      assert.ok(opened.signer.equals(one.publicKey));
      assert.equal(opened.objectUuid, again.objectUuid);
    }
    assert.notEqual(again.objectUuid, original.uuid);
    assert.deepEqual(decodeMetadata(header.sections.metadata), decodeMetadata(original.sections.metadata));
    assert.equal(utf8Decode(parseContainer(again.header).header.sections.signatures), "[]");
  });

  it("belongs to who shares it, each reader once, the owner last", async () => {
    const audience = [four.publicKey, three.publicKey, two.publicKey];
    const again = await reshareHeader({ header: original, key: two, audience });
    const decoded = decodeEnvelope(parseContainer(again.header).header.sections.envelope);
    assert.equal(ownerKeyText(decoded), two.publicKey.base64);
    const names = [one, four, three, two].map((key) => key.publicKey.base64);
    assert.deepEqual(audienceKeyTexts(decoded), names);
    assert.equal(decoded.audience.length, 4);
  });

  it("names the new readers and who shares it alone, where others are not to be sent it again", async () => {
    const again = await reshareHeader({ header: original, key: two, audience: [four.publicKey], keepReaders: false });
    const header = stored(again.header);
    const names = [four, two].map((key) => key.publicKey.base64);
    assert.deepEqual(audienceKeyTexts(decodeEnvelope(header.sections.envelope)), names);
    for (const key of [two, four]) {
      const opened = await openContainer({ header, payload: sealed.payload, key, expectedHash: sealed.seal.hash });
      assert.deepEqual(opened.plaintext, source);
    }
    const outcome = codeOf(() => openContainer({ header, payload: sealed.payload, key: three }));
    assert.equal(await outcome, "envelope.no_recipient");
  });

  it("gives no data key to a name that a store smuggled into the header", async () => {
    const decoded = decodeEnvelope(original.sections.envelope);
    const smuggled = create(envelope.AudienceSchema, {
      ...decoded.audience[0]!,
      publicKey: audienceText(four.publicKey.uncompressed),
    });
    decoded.audience.unshift(smuggled);
    const sections = { ...original.sections, envelope: toBinary(envelope.DIMESchema, decoded) };
    const forged = parseContainer(encodeContainerHeader(original.uuid, sections)).header;
    const again = await reshareHeader({ header: forged, key: two, audience: [] });
    const header = stored(again.header);
    const outcome = codeOf(() => openContainer({ header, payload: sealed.payload, key: four }));
    assert.equal(await outcome, "envelope.wrong_key");
    assert.equal(await codeOf(() => openContainer({ header, payload: sealed.payload, key: three })), "ok");
  });

  it("replaces an unusable entry by a good one when its reader is named", async () => {
    const decoded = decodeEnvelope(original.sections.envelope);
    decoded.audience[1]!.tag = decoded.audience[0]!.tag;
    const sections = { ...original.sections, envelope: toBinary(envelope.DIMESchema, decoded) };
    const damaged = parseContainer(encodeContainerHeader(original.uuid, sections)).header;
    assert.equal(
      await codeOf(() => openContainer({ header: damaged, payload: sealed.payload, key: three })),
      "envelope.wrong_key",
    );
    const again = await reshareHeader({ header: damaged, key: two, audience: [three.publicKey] });
    const header = stored(again.header);
    assert.equal(await codeOf(() => openContainer({ header, payload: sealed.payload, key: three })), "ok");
  });

  it("cannot be shared by somebody who cannot read it", async () => {
    assert.equal(
      await codeOf(() => reshareHeader({ header: original, key: four, audience: [] })),
      "envelope.no_recipient",
    );
  });

  it("is no mail", async () => {
    const mail = await sealBytes({ ...options, mailType: "FRAGMENT_REQUEST" });
    const { header } = parseContainer(mail.header);
    assert.equal(await codeOf(() => reshareHeader({ header, key: one, audience: [] })), "object.refused");
  });
});
