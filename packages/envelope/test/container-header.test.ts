import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { concatBytes, hexDecode, isP8eError, uuidFromBytes } from "@p8e/core";
import {
  ContainerHeaderParser,
  DEFAULT_ENVELOPE_LIMITS,
  decodeMetadata,
  decodeUri,
  encodeContainerHeader,
  parseContainer,
} from "@p8e/envelope";
import fc from "fast-check";
import { base64Field, hexField, vector } from "./vectors.ts";

const fixed = vector("dime.json", "fixed");

function thrownBy(action: () => unknown): { code: string; facts: Readonly<Record<string, unknown>> } {
  try {
    action();
  } catch (error) {
    assert.ok(isP8eError(error), `not ours: ${String(error)}`);
    return { code: error.code, facts: error.facts };
  }
  return assert.fail("nothing was thrown");
}

describe("a container header", () => {
  it("has its parts where the worked example says", () => {
    const stored = base64Field(fixed, "storedContainerBase64");
    const { header, payload } = parseContainer(stored);
    assert.equal(stored.length, 1875);
    assert.equal(header.uuid, fixed.objectUuid);
    assert.deepEqual(
      Object.fromEntries(Object.entries(header.sections).map(([name, section]) => [name, section.length])),
      { metadata: 205, uri: 0, signatures: 361, envelope: 1206 },
    );
    assert.equal(header.bytes.length, 1814);
    assert.deepEqual(payload, hexField(fixed, "payloadHex"));
    assert.deepEqual(header.sections.envelope, hexField(fixed, "dimeProtoHex"));
  });

  for (const id of ["reference-a", "reference-b", "reference-c", "fixed"]) {
    for (const form of ["uploadedContainerBase64", "storedContainerBase64"]) {
      it(`of ${id}, ${form}, comes back byte for byte from its parts`, () => {
        const bytes = base64Field(vector("dime.json", id), form);
        const { header, payload } = parseContainer(bytes);
        assert.deepEqual(concatBytes(encodeContainerHeader(header.uuid, header.sections), payload), bytes);
        assert.deepEqual(concatBytes(header.bytes, payload), bytes);
      });
    }
  }

  it("is the same however the bytes arrive", () => {
    const bytes = base64Field(fixed, "storedContainerBase64");
    const whole = parseContainer(bytes);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1 }), (sizes) => {
        const parser = new ContainerHeaderParser();
        let offset = 0;
        for (let turn = 0; ; turn++) {
          const end = offset + sizes[turn % sizes.length]!;
          const chunk = bytes.slice(offset, end);
          const parsed = parser.feed(chunk);
          chunk.subarray(0, chunk.length - (parsed?.rest.length ?? 0)).fill(0xee);
          offset = Math.min(end, bytes.length);
          if (parsed === undefined) continue;
          assert.deepEqual(parsed.header, whole.header);
          assert.deepEqual(concatBytes(parsed.rest, bytes.subarray(offset)), whole.payload);
          return;
        }
      }),
    );
  });

  it("arrives one byte at a time", () => {
    const bytes = base64Field(fixed, "storedContainerBase64");
    const parser = new ContainerHeaderParser();
    for (let index = 0; index < 1813; index++) assert.equal(parser.feed(bytes.slice(index, index + 1)), undefined);
    const parsed = parser.feed(bytes.slice(1813, 1814));
    assert.equal(parsed?.header.bytes.length, 1814);
    assert.equal(parsed?.rest.length, 0);
  });

  it("reads the reference store's own test container", () => {
    const rust = vector("dime.json", "rust-complete-parse");
    const { header } = parseContainer(hexField(rust, "containerHex"));
    assert.equal(header.uuid, rust.uuid);
    assert.equal(decodeUri(header.sections.uri), "valid uri!");
    assert.deepEqual(
      [...decodeMetadata(header.sections.metadata)],
      [
        ["one", "1"],
        ["two", "2"],
        ["three", "3"],
      ],
    );
  });
});

describe("a malformed container header", () => {
  const expected: Record<string, { problem: string; given?: number }> = {
    "": { problem: "truncated" },
    "00000101": { problem: "magic", given: 257 },
    "44494d450005": { problem: "version", given: 5 },
    "44494d4500010000000a": { problem: "uuid_length", given: 10 },
    "44494d4500010000000a00000000000000000000": { problem: "uuid_length", given: 10 },
  };
  for (const { hex, store } of vector("dime.json", "malformed").cases as { hex: string; store: string }[]) {
    it(`${hex || "of no bytes"} is named: ${store}`, () => {
      assert.deepEqual(
        thrownBy(() => parseContainer(hexDecode(hex))),
        {
          code: "envelope.malformed",
          facts: expected[hex],
        },
      );
    });
  }

  it("is truncated at every length short of its own", () => {
    const { header } = parseContainer(base64Field(fixed, "storedContainerBase64"));
    for (let length = 0; length < header.bytes.length; length++) {
      assert.deepEqual(
        thrownBy(() => parseContainer(header.bytes.subarray(0, length))),
        {
          code: "envelope.malformed",
          facts: { problem: "truncated" },
        },
      );
    }
  });

  for (const [section, at, limit] of [
    ["metadata", 26, DEFAULT_ENVELOPE_LIMITS.metadataBytes],
    ["uri", 235, DEFAULT_ENVELOPE_LIMITS.uriBytes],
    ["signatures", 239, DEFAULT_ENVELOPE_LIMITS.signatureBytes],
    ["envelope", 604, DEFAULT_ENVELOPE_LIMITS.envelopeBytes],
  ] as const) {
    it(`that claims 4 GiB of ${section} is refused at the claim`, () => {
      const bytes = base64Field(fixed, "storedContainerBase64");
      bytes.fill(0xff, at, at + 4);
      assert.deepEqual(
        thrownBy(() => parseContainer(bytes)),
        {
          code: "envelope.too_large",
          facts: { section, limit, claimed: 0xffffffff },
        },
      );
    });
  }

  it("that claims as much as the limit allows takes no memory until the bytes come", () => {
    const limits = { ...DEFAULT_ENVELOPE_LIMITS, metadataBytes: 0xffffffff };
    const claim = concatBytes(
      encodeContainerHeader(uuidFromBytes(new Uint8Array(16)), {
        metadata: new Uint8Array(),
        uri: new Uint8Array(),
        signatures: new Uint8Array(),
        envelope: new Uint8Array(),
      }).subarray(0, 26),
      hexDecode("ffffffff"),
    );
    const before = process.memoryUsage().arrayBuffers;
    const parsers = Array.from({ length: 100 }, () => new ContainerHeaderParser(limits));
    for (const parser of parsers) assert.equal(parser.feed(claim), undefined);
    assert.ok(process.memoryUsage().arrayBuffers - before < 1024 * 1024);
  });
});
