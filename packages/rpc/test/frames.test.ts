import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { type EncodedMessage, FrameParser, frame } from "../src/frames.ts";

setFlagsFromString("--expose_gc");
const collectGarbage = runInNewContext("gc") as () => void;

const LIMIT = 4 * 1024 * 1024;

function onWire(messages: readonly EncodedMessage[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.concat(messages.flatMap((message) => frame(message))));
}

/** The bytes cut at the given places, each piece in a buffer of its own. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  const pieces: Uint8Array[] = [];
  let start = 0;
  for (const end of [...ends, bytes.length]) {
    pieces.push(bytes.slice(start, end));
    start = end;
  }
  return pieces;
}

function parse(chunks: readonly Uint8Array[], limit = LIMIT): { messages: Uint8Array[]; parser: FrameParser } {
  const parser = new FrameParser(limit);
  const messages: Uint8Array[] = [];
  for (const chunk of chunks) parser.push(chunk, (message) => messages.push(message));
  return { messages, parser };
}

const message = fc.oneof(
  fc.uint8Array({ maxLength: 64 }),
  fc.integer({ min: 0, max: 70_000 }).map((size) => new Uint8Array(size).map((_, at) => (at * 7 + size) & 0xff)),
);

describe("frames", () => {
  it("gives back every message, whatever way the bytes were split", () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 8 }), fc.array(fc.nat(200_000), { maxLength: 40 }), (sent, places) => {
        const { messages, parser } = parse(cut(onWire(sent), places));
        assert.deepEqual(messages, sent);
        assert.equal(parser.atBoundary, true);
      }),
      { numRuns: 200 },
    );
  });

  it("gives back every message when the bytes come one at a time", () => {
    const sent = [new Uint8Array(0), new Uint8Array([1]), new Uint8Array(10_000).fill(3), new Uint8Array(0)];
    const bytes = onWire(sent);
    const { messages, parser } = parse(Array.from(bytes, (byte) => new Uint8Array([byte])));
    assert.deepEqual(messages, sent);
    assert.equal(parser.atBoundary, true);
  });

  it("hands out a message within one chunk as a view into it, and never as a Buffer", () => {
    const chunk = Buffer.from(onWire([new Uint8Array(100_000).fill(9)]));
    const { messages } = parse([chunk]);
    assert.equal(messages[0]?.buffer, chunk.buffer);
    assert.equal(Buffer.isBuffer(messages[0]), false);
  });

  it("a message cut off in its prefix or its body is not at a boundary", () => {
    const bytes = onWire([new Uint8Array(20)]);
    for (let length = 1; length < bytes.length; length++) {
      const { messages, parser } = parse([bytes.subarray(0, length)]);
      assert.deepEqual(messages, []);
      assert.equal(parser.atBoundary, false);
    }
  });

  it("a message given in parts is framed as their concatenation, large parts without a copy", () => {
    const head = new Uint8Array([1, 2, 3]);
    const payload = new Uint8Array(50_000).fill(5);
    assert.equal(frame([head, payload])[2], payload);
    assert.deepEqual(parse([onWire([[head, payload]])]).messages[0], new Uint8Array([...head, ...payload]));
    assert.deepEqual(parse([onWire([[head, head]])]).messages[0], new Uint8Array([...head, ...head]));
  });

  it("a length over the limit is input.too_large before any byte of it is taken", () => {
    for (const size of [LIMIT + 1, 2 ** 31, 2 ** 32 - 1]) {
      const prefix = new Uint8Array(5);
      new DataView(prefix.buffer).setUint32(1, size);
      assert.throws(() => parse([prefix]), { code: "input.too_large", facts: { sizeBytes: size, bytesMax: LIMIT } });
    }
  });

  it("a claimed length allocates nothing", () => {
    const prefix = new Uint8Array([0, 0xff, 0xff, 0xff, 0xff]);
    const before = process.memoryUsage().arrayBuffers;
    const parsers = Array.from({ length: 200 }, () => {
      const parser = new FrameParser(2 ** 32);
      parser.push(prefix, () => {});
      parser.push(new Uint8Array(10), () => {});
      return parser;
    });
    const used = process.memoryUsage().arrayBuffers - before;
    assert.ok(used < 4 * 1024 * 1024, `${used} bytes`);
    assert.equal(parsers.length, 200);
  });

  it("a message that arrives in small pieces of large buffers does not keep those buffers", async () => {
    const parser = new FrameParser(LIMIT);
    parser.push(new Uint8Array([0, 0, 0x10, 0, 0]), () => {});
    collectGarbage();
    const before = process.memoryUsage().arrayBuffers;
    for (let at = 0; at < 1000; at++) parser.push(new Uint8Array(64 * 1024).subarray(0, 100), () => {});
    const used = () => process.memoryUsage().arrayBuffers - before;
    // All of them would be 64 MB. What was just freed may still be counted: a thread of V8's gives it back.
    for (let look = 0; look < 100 && used() >= 24 * 1024 * 1024; look++) {
      collectGarbage();
      await setTimeout(20);
    }
    assert.ok(used() < 24 * 1024 * 1024, `${used()} bytes`);
    assert.equal(parser.atBoundary, false);
  });

  it("a compressed message is UNIMPLEMENTED under a declared encoding and a protocol error under none", () => {
    const compressed = new Uint8Array([1, 0, 0, 0, 0]);
    assert.throws(() => new FrameParser(LIMIT, "gzip").push(compressed, () => {}), {
      code: "rpc.unimplemented",
      facts: { grpcStatus: "UNIMPLEMENTED" },
      message: 'compression "gzip" is not supported, only identity is',
    });
    assert.throws(() => parse([compressed]), { code: "rpc.protocol" });
  });

  it("garbage is messages or a typed error, never anything else", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 20 }), (chunks) => {
        try {
          const total = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
          const { messages } = parse(chunks, 1000);
          assert.ok(messages.reduce((sum, each) => sum + each.length + 5, 0) <= total);
        } catch (error) {
          assert.match(String((error as { code?: unknown }).code), /^(input\.too_large|rpc\.protocol)$/);
        }
      }),
      { numRuns: 500 },
    );
  });
});
