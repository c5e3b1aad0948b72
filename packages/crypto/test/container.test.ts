import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  type ContentHash,
  concatBytes,
  contentHashToBytes,
  digestToContentHash,
  hashContent,
  hexDecode,
  hexEncode,
  parseContentHash,
  parseUuid,
  sha512,
  utf8Decode,
  utf8Encode,
} from "@p8e/core";
import {
  type KeyReference,
  type OpenOptions,
  openContainer,
  openTextEnvelope,
  parsePublicKey,
  sealBytes,
  sealObject,
  verifyContainer,
} from "@p8e/crypto";
import {
  type ContainerHeader,
  decodeEnvelope,
  decodeMetadata,
  encodeContainerHeader,
  parseContainer,
  rewriteSignatures,
} from "@p8e/envelope";
import * as envelope from "@p8e/proto/envelope";
import {
  backends,
  chunked,
  codeOf,
  collect,
  fromBase64,
  reference,
  scriptedRandom,
  seededRandom,
  type Vector,
  vector,
} from "./fixtures.ts";

const [one, two, three] = [reference("dev-1"), reference("dev-2"), reference("dev-3")];
const keysByName: Readonly<Record<string, string>> = {
  "keys.json dev-1": "dev-1",
  "keys.json dev-2": "dev-2",
  "keys.json dev-3": "dev-3",
};

/** What a store does with an upload. */
export function stored(header: Uint8Array, signature: Uint8Array, pem: string): ContainerHeader {
  const upload = parseContainer(header).header;
  return parseContainer(rewriteSignatures(upload, { signature, publicKey: utf8Encode(pem) })).header;
}

function hashOf(known: Vector): ContentHash {
  return parseContentHash(known.hashBase64);
}

for (const backend of backends) {
  describe(`containers of the reference, on the ${backend.name} back end`, () => {
    for (const id of ["reference-a", "reference-b", "reference-c"]) {
      const known = vector("dime.json", id);
      for (const reader of known.readers as string[]) {
        it(`open: ${id} for ${reader}`, async () => {
          const { header, payload } = parseContainer(fromBase64(known.storedContainerBase64));
          const key = reference(keysByName[reader]!, backend);
          const opened = await openContainer({ header, payload, key, expectedHash: hashOf(known), backend });
          assert.equal(hexEncode(opened.plaintext), known.plaintextHex);
          assert.equal(opened.signer.pem, known.signaturePublicKeyPem);
          assert.equal(opened.objectUuid, known.objectUuid);
          assert.equal(opened.mailType, id === "reference-b" ? "FRAGMENT_REQUEST" : undefined);
          assert.equal(opened.signerExpected, false);
          assert.equal(opened.plaintextBytes, known.plaintextHex.length / 2);
        });
      }

      it(`are verified as streams of single bytes: ${id}`, async () => {
        const { header, payload } = parseContainer(fromBase64(known.storedContainerBase64));
        using verified = await verifyContainer({
          header,
          payload: () => chunked(payload, 1),
          key: reference("dev-1", backend),
          expectedHash: hashOf(known),
          backend,
        });
        assert.equal(hexEncode(await collect(verified.read())), known.plaintextHex);
        assert.equal(hexEncode(await collect(verified.read())), known.plaintextHex);
      });
    }
  });

  describe(`the container with every random input fixed, on the ${backend.name} back end`, () => {
    const known = vector("dime.json", "fixed");
    const [retrieval] = known.retrieval;
    const options = () => ({
      source: hexDecode(known.plaintextHex),
      owner: parsePublicKey(hexDecode(known.owner.publicKey), backend),
      audience: [parsePublicKey(hexDecode(retrieval.publicKey), backend)],
      signer: reference("dev-1", backend),
      objectUuid: parseUuid(known.objectUuid),
      clock: { now: () => known.createdSeconds * 1000 + 999 },
      backend,
      random: scriptedRandom(
        known.dekHex,
        known.payloadIvHex,
        known.dimeUuid.replaceAll("-", ""),
        retrieval.ephemeralPrivateKey,
        retrieval.ivHex,
        known.owner.ephemeralPrivateKey,
        known.owner.ivHex,
      ),
    });

    it("is made byte for byte from bytes", async () => {
      const sealed = await sealBytes(options());
      assert.equal(hexEncode(parseContainer(sealed.header).header.sections.envelope), known.dimeProtoHex);
      assert.deepEqual(concatBytes(sealed.header, sealed.payload), fromBase64(known.uploadedContainerBase64));
      assert.equal(sealed.seal.hash, known.hashBase64);
      assert.deepEqual(sealed.seal.signature, fromBase64(known.signatureDerBase64));
      const header = stored(sealed.header, sealed.seal.signature, sealed.seal.signer.pem);
      assert.deepEqual(concatBytes(header.bytes, sealed.payload), fromBase64(known.storedContainerBase64));
    });

    it("is made byte for byte from a stream", async () => {
      const sealed = sealObject({ ...options(), source: chunked(hexDecode(known.plaintextHex), 1) });
      const payload = await collect(sealed.payload);
      assert.deepEqual(concatBytes(sealed.header, payload), fromBase64(known.uploadedContainerBase64));
      const { hash, signature, plaintextBytes } = await sealed.sealed;
      assert.deepEqual([hash, plaintextBytes], [known.hashBase64, known.plaintextHex.length / 2]);
      assert.deepEqual(signature, fromBase64(known.signatureDerBase64));
    });

    it("opens for both its readers", async () => {
      const { header, payload } = parseContainer(fromBase64(known.storedContainerBase64));
      for (const id of ["dev-1", "dev-2"]) {
        const key = reference(id, backend);
        const opened = await openContainer({ header, payload, key, expectedSigners: [one.publicKey], backend });
        assert.equal(hexEncode(opened.plaintext), known.plaintextHex);
        assert.equal(opened.signerExpected, true);
      }
    });
  });
}

describe("the old text form", () => {
  const legacy = vector("dime.json", "legacy-text");
  const decoded = decodeEnvelope(fromBase64(legacy.dimeProtoBase64));
  const payloadAssociatedData = "AAD";

  it("opens for its owner, whose entry is bound to the associated data", async () => {
    const opened = await openTextEnvelope({
      envelope: decoded,
      key: one,
      payloadAssociatedData,
      entryAssociatedData: "AAD",
    });
    assert.equal(utf8Decode(opened), legacy.payloadText);
  });

  it("opens for a transfer, whose entry is not", async () => {
    const opened = await openTextEnvelope({ envelope: decoded, key: two, payloadAssociatedData });
    assert.equal(utf8Decode(opened), legacy.payloadText);
  });

  it("opens for a processing entry that travelled beside it", async () => {
    const entry = fromBinary(envelope.AudienceSchema, fromBase64(legacy.processingAudienceBase64[0]));
    const options = { envelope: decoded, key: three, payloadAssociatedData, entryAssociatedData: "AAD" };
    assert.equal(await codeOf(() => openTextEnvelope(options)), "envelope.no_recipient");
    assert.equal(utf8Decode(await openTextEnvelope({ ...options, entry })), legacy.payloadText);
  });

  it("opens without its layer of base64", async () => {
    const raw = vector("dime.json", "text-raw");
    const opened = await openTextEnvelope({ envelope: decodeEnvelope(fromBase64(raw.dimeProtoBase64)), key: one });
    assert.equal(utf8Decode(opened), raw.payloadText);
  });

  it("is refused without a payload", async () => {
    const options = { envelope: { ...decoded, payload: [] }, key: one, entryAssociatedData: "AAD" };
    assert.equal(await codeOf(() => openTextEnvelope(options)), "envelope.malformed");
  });
});

/** Single bytes where that is quick, and once for longer than any buffer on the way. */
function chunkSizes(size: number): readonly number[] {
  if (size > 40_000) return size === 2 ** 21 ? [65_521, 3 * 2 ** 20] : [65_521];
  return size <= 17 ? [1, 1000] : [1000];
}

describe("a sealed object", () => {
  for (const size of [0, 1, 15, 16, 17, 32_767, 32_768, 32_769, 2 ** 21 - 1, 2 ** 21, 2 ** 21 + 1]) {
    it(`of ${size} bytes comes back, sealed and opened as bytes and as streams of any chunks`, async () => {
      const plaintext = seededRandom(size)(size);
      const audience = [two.publicKey];
      const whole = { owner: one.publicKey, signer: one, audience, sizeBytes: size };
      const bytes = await sealBytes({ ...whole, source: plaintext, random: seededRandom("seal") });
      for (const chunk of chunkSizes(size)) {
        const source = chunked(plaintext, chunk);
        const stream = sealObject({ ...whole, source, random: seededRandom("seal"), clock: { now: () => 0 } });
        assert.equal(stream.payloadBytes, size + 32);
        const payload = await collect(stream.payload);
        assert.deepEqual(payload, bytes.payload);
        const seal = await stream.sealed;
        assert.deepEqual([seal.hash, seal.signature], [bytes.seal.hash, bytes.seal.signature]);
        assert.equal(seal.plaintextBytes, size);
        const header = stored(stream.header, seal.signature, seal.signer.pem);
        const expected = { header, key: two, expectedHash: hashContent(plaintext), expectedSigners: [one.publicKey] };
        assert.deepEqual((await openContainer({ ...expected, payload })).plaintext, plaintext);
        using verified = await verifyContainer({ ...expected, payload: () => chunked(payload, chunk) });
        assert.deepEqual(await collect(verified.read()), plaintext);
      }
    });
  }

  for (const algorithm of ["sha256", "sha512"] as const) {
    for (const truncated of [false, true]) {
      it(`is known by ${truncated ? "the first half of " : ""}a ${algorithm}, and signed over SHA-512 all the same`, async () => {
        const source = utf8Encode("content");
        const hashForm = { algorithm, truncated };
        const sealed = await sealBytes({ source, owner: one.publicKey, audience: [], signer: two, hashForm });
        assert.equal(sealed.seal.hash, hashContent(source, hashForm));
        const header = stored(sealed.header, sealed.seal.signature, two.publicKey.pem);
        const options = { header, payload: sealed.payload, key: one, expectedHash: sealed.seal.hash };
        assert.deepEqual((await openContainer(options)).plaintext, source);
        assert.ok((await openContainer(options)).signer.equals(two.publicKey));
      });
    }
  }

  it("lists each reader once in the order given, and the owner last and in front", async () => {
    const audience = [three.publicKey, one.publicKey, two.publicKey, three.publicKey];
    const sealed = await sealBytes({ source: utf8Encode("x"), owner: one.publicKey, audience, signer: one });
    const { sections } = parseContainer(sealed.header).header;
    const decoded = decodeEnvelope(sections.envelope);
    const names = decoded.audience.map(({ publicKey, context }) => [utf8Decode(publicKey), context]);
    const { SUBMISSION, RETRIEVAL } = envelope.ContextType;
    assert.deepEqual(names, [
      [three.publicKey.base64, RETRIEVAL],
      [two.publicKey.base64, RETRIEVAL],
      [one.publicKey.base64, SUBMISSION],
    ]);
    assert.deepEqual(
      toBinary(envelope.AudienceSchema, decoded.audience[2]!),
      toBinary(envelope.AudienceSchema, decoded.owner!),
    );
    assert.equal(toBinary(envelope.AudienceSchema, decoded.owner!).length, 378);
    assert.equal(decoded.payload.length, 1);
    assert.equal(utf8Decode(sections.signatures), "[]");
  });

  it("carries the caller's metadata first, then the mail type, then the signer", async () => {
    const metadata = [["b", "1"], ["a", "2"]] as const; // biome-ignore format: pairs
    const sealed = await sealBytes({
      source: utf8Encode("x"),
      owner: one.publicKey,
      audience: [],
      signer: two,
      metadata,
      mailType: "ERROR_RESPONSE",
    });
    assert.deepEqual(
      [...decodeMetadata(parseContainer(sealed.header).header.sections.metadata)],
      [
        ["b", "1"],
        ["a", "2"],
        ["P8EAPI::TYPE", "ERROR_RESPONSE"],
        ["SIGNATURE_PUBLIC_KEY", two.publicKey.pem],
      ],
    );
    for (const name of ["P8EAPI::TYPE", "SIGNATURE_PUBLIC_KEY"]) {
      const options = { source: utf8Encode("x"), owner: one.publicKey, audience: [], signer: one };
      assert.equal(await codeOf(() => sealBytes({ ...options, metadata: [[name, "x"]] })), "input.invalid");
    }
  });

  it("is different every time", async () => {
    const options = { source: utf8Encode("x"), owner: one.publicKey, audience: [], signer: one };
    const [first, second] = [await sealBytes(options), await sealBytes(options)];
    assert.notDeepEqual(first.payload, second.payload);
    assert.notEqual(first.objectUuid, second.objectUuid);
    assert.notDeepEqual(first.header, second.header);
  });
});

describe("sealing a stream", () => {
  const options = { owner: one.publicKey, audience: [], signer: one };
  const source = utf8Encode("twenty bytes of text");

  it("fails when the stream is longer or shorter than promised, before the frame is complete", async () => {
    for (const sizeBytes of [0, 19, 21, 1000]) {
      const sealed = sealObject({ ...options, source: chunked(source, 7), sizeBytes });
      let received = 0;
      assert.equal(
        await codeOf(async () => {
          for await (const chunk of sealed.payload) received += chunk.length;
        }),
        "input.invalid",
      );
      assert.ok(received <= 16 + source.length);
      assert.equal(await codeOf(() => sealed.sealed), "input.invalid");
    }
    assert.equal(await codeOf(() => sealBytes({ ...options, source, sizeBytes: 3 })), "input.invalid");
  });

  it("is refused at once when it is promised to be longer than AES-GCM reaches", async () => {
    const tooLong = 68_719_476_705;
    assert.equal(
      await codeOf(() => sealObject({ ...options, source: chunked(source, 7), sizeBytes: tooLong })),
      "object.too_large",
    );
    assert.equal(
      sealObject({ ...options, source: chunked(source, 7), sizeBytes: tooLong - 1 }).payloadBytes,
      tooLong + 31,
    );
  });

  it("passes on what the source throws", async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield source;
      throw new Error("the disk is gone");
    }
    const sealed = sealObject({ ...options, source: broken() });
    await assert.rejects(collect(sealed.payload), { message: "the disk is gone" });
    await assert.rejects(sealed.sealed, { message: "the disk is gone" });
  });

  it("that is abandoned never yields a signature, and releases its source", async () => {
    let released = false;
    async function* watched(): AsyncGenerator<Uint8Array> {
      try {
        yield source;
        yield source;
      } finally {
        released = true;
      }
    }
    const sealed = sealObject({ ...options, source: watched() });
    let chunks = 0;
    for await (const _ of sealed.payload) if (++chunks === 2) break;
    assert.equal(await codeOf(() => sealed.sealed), "rpc.cancelled");
    assert.equal(released, true);
  });

  it("stops at the signal", async () => {
    const stop = new AbortController();
    const sealed = sealObject({ ...options, source: chunked(source, 1), signal: stop.signal });
    assert.equal(
      await codeOf(async () => {
        for await (const _ of sealed.payload) stop.abort();
      }),
      "rpc.cancelled",
    );
  });

  it("settles its seal before the last chunk, so that an upload can end with it", async () => {
    const sealed = sealObject({ ...options, source });
    const iterator = sealed.payload[Symbol.asyncIterator]();
    await iterator.next();
    await iterator.next();
    await iterator.next();
    assert.equal((await sealed.sealed).plaintextBytes, source.length);
  });

  it("fails with a signer whose signature does not verify", async () => {
    const faulty: KeyReference = { ...one, signDigest: (algorithm, digest) => two.signDigest(algorithm, digest) };
    const sealed = sealObject({ ...options, signer: faulty, source });
    assert.equal(await codeOf(() => collect(sealed.payload)), "signature.invalid");
  });
});

describe("a payload read in two passes", () => {
  it("that changes in between ends with an error", async () => {
    const source = seededRandom("toctou")(100_000);
    const sealed = await sealBytes({ source, owner: one.publicKey, audience: [], signer: one });
    const header = stored(sealed.header, sealed.seal.signature, one.publicKey.pem);
    const payload = sealed.payload.slice();
    using verified = await verifyContainer({ header, payload: () => chunked(payload, 4096), key: one });
    payload[50_000]! ^= 1;
    assert.equal(await codeOf(() => collect(verified.read())), "envelope.tampered");
  });

  it("is not readable after disposal", async () => {
    const sealed = await sealBytes({ source: utf8Encode("x"), owner: one.publicKey, audience: [], signer: one });
    const header = stored(sealed.header, sealed.seal.signature, one.publicKey.pem);
    const verified = await verifyContainer({ header, payload: () => chunked(sealed.payload, 4096), key: one });
    verified[Symbol.dispose]();
    assert.equal(await codeOf(() => collect(verified.read())), "key.unavailable");
  });

  it("stops at the signal, in either pass", async () => {
    const sealed = await sealBytes({ source: utf8Encode("x"), owner: one.publicKey, audience: [], signer: one });
    const header = stored(sealed.header, sealed.seal.signature, one.publicKey.pem);
    const payload = () => chunked(sealed.payload, 1);
    const options: OpenOptions<typeof payload> = { header, payload, key: one };
    assert.equal(await codeOf(() => verifyContainer({ ...options, signal: AbortSignal.abort() })), "rpc.cancelled");
    using verified = await verifyContainer(options);
    assert.equal(await codeOf(() => collect(verified.read(AbortSignal.abort()))), "rpc.cancelled");
  });
});

describe("a container whose signer differs", () => {
  const source = utf8Encode("content");

  async function signedBy(signer: KeyReference): Promise<{ header: ContainerHeader; payload: Uint8Array }> {
    const sealed = await sealBytes({ source, owner: one.publicKey, audience: [], signer });
    return { header: stored(sealed.header, sealed.seal.signature, signer.publicKey.pem), payload: sealed.payload };
  }

  it("is refused when somebody else was expected", async () => {
    const container = await signedBy(two);
    const expectedSigners = [one.publicKey, three.publicKey];
    assert.equal(
      await codeOf(() => openContainer({ ...container, key: one, expectedSigners })),
      "signature.unexpected_signer",
    );
    assert.equal(
      await codeOf(() => openContainer({ ...container, key: one, expectedSigners: [] })),
      "signature.unexpected_signer",
    );
  });

  it("opens by the entry of an expected signer, whichever place it has and however its PEM is broken into lines", async () => {
    const { header, payload } = await signedBy(two);
    const pem = two.publicKey.pem.replaceAll("\n", "\r\n");
    const foreign = await three.signDigest("sha512", sha512(source));
    const own = await two.signDigest("sha512", sha512(source));
    const entries = [[foreign, three.publicKey.pem], [own, pem]] as const; // biome-ignore format: pairs
    const json = JSON.stringify(
      entries.map(([signature, text]) => ({
        signature: Buffer.from(signature).toString("base64"),
        publicKey: Buffer.from(text).toString("base64"),
      })),
    );
    const sections = { ...header.sections, signatures: utf8Encode(json) };
    const both = parseContainer(encodeContainerHeader(header.uuid, sections)).header;
    const opened = await openContainer({ header: both, payload, key: one, expectedSigners: [two.publicKey] });
    assert.ok(opened.signer.equals(two.publicKey));
    assert.ok((await openContainer({ header: both, payload, key: one })).signer.equals(three.publicKey));
  });
});

describe("a hash", () => {
  it("of another object is refused, in every form", async () => {
    const source = utf8Encode("content");
    const sealed = await sealBytes({ source, owner: one.publicKey, audience: [], signer: one });
    const header = stored(sealed.header, sealed.seal.signature, one.publicKey.pem);
    for (const algorithm of ["sha256", "sha512"] as const) {
      for (const truncated of [false, true]) {
        const form = { algorithm, truncated };
        const right = { header, payload: sealed.payload, key: one, expectedHash: hashContent(source, form) };
        const wrong = { ...right, expectedHash: hashContent(utf8Encode("other"), form) };
        assert.equal(await codeOf(() => openContainer(right)), "ok");
        assert.equal(await codeOf(() => openContainer(wrong)), "object.hash_mismatch");
        const payload = () => chunked(sealed.payload, 10);
        assert.equal(await codeOf(() => verifyContainer({ ...wrong, payload })), "object.hash_mismatch");
      }
    }
    const zeros = digestToContentHash(contentHashToBytes(hashContent(source)).fill(0), {
      algorithm: "sha256",
      truncated: false,
    });
    assert.equal(
      await codeOf(() => openContainer({ header, payload: sealed.payload, key: one, expectedHash: zeros })),
      "object.hash_mismatch",
    );
  });
});
