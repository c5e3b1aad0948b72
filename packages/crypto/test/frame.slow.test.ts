import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { concatBytes, hexDecode, hexEncode, sha256, utf8Encode } from "@p8e/core";
import { FRAME_OVERHEAD, FRAME_PLAINTEXT_MAX, frameKey, openFrame, sealFrame } from "@p8e/crypto";
import { FrameOpener, FrameSealer } from "../src/frame.ts";
import { codeOf, flipBit, seededRandom, vectorsOf } from "./fixtures.ts";

const known = vectorsOf("aes-gcm.json");
const key = frameKey(hexDecode(known[0]!.key));
const iv = seededRandom("iv")(12);

function sealInPieces(plaintext: Uint8Array, size: number): Uint8Array {
  const sealer = new FrameSealer(key, iv);
  const parts = [sealer.start()];
  for (let start = 0; start < plaintext.length; start += size) {
    parts.push(sealer.update(plaintext.subarray(start, start + size)));
  }
  return concatBytes(...parts, sealer.end());
}

function openInPieces(frame: Uint8Array, size: number): Uint8Array {
  const opener = new FrameOpener(key, 16);
  const parts: Uint8Array[] = [];
  for (let start = 0; start < frame.length; start += size) {
    const chunk = frame.slice(start, start + size);
    parts.push(opener.update(chunk));
    chunk.fill(0xee);
  }
  opener.end();
  return concatBytes(...parts);
}

describe("a frame", () => {
  for (const { id, key: keyHex, ivHex, aadUtf8, plaintextHex, frameHex } of known.filter(({ frameHex }) => frameHex)) {
    it(`is made and opened as in ${id}`, () => {
      const frame = sealFrame(frameKey(hexDecode(keyHex), aadUtf8), hexDecode(ivHex), hexDecode(plaintextHex));
      assert.equal(hexEncode(frame), frameHex);
      assert.equal(hexEncode(openFrame(frameKey(hexDecode(keyHex), aadUtf8), frame, 15)), plaintextHex);
    });
  }

  it("of 200,000 bytes is the reference's, in one piece and in pieces", () => {
    const big = known.find(({ id }) => id === "big-200000")!;
    const plaintext = Uint8Array.from({ length: 200_000 }, (_, index) => index % 251);
    assert.equal(hexEncode(sha256(plaintext)), big.plaintextSha256);
    const frame = sealFrame(frameKey(hexDecode(big.key)), hexDecode(big.ivHex), plaintext);
    assert.equal(hexEncode(sha256(frame)), big.frameSha256);
  });

  for (const size of [0, 1, 15, 16, 17, 32_767, 32_768, 32_769, 2 ** 21 - 1, 2 ** 21, 2 ** 21 + 1]) {
    it(`of ${size} bytes comes back, in one piece and in pieces of every kind`, () => {
      const plaintext = seededRandom(size)(size);
      const frame = sealFrame(key, iv, plaintext);
      assert.equal(frame.length, size + FRAME_OVERHEAD);
      assert.deepEqual(openFrame(key, frame, 16), plaintext);
      for (const piece of size < 40_000 ? [1, 7, 16, 17, 4096] : [65_521, 2 ** 20]) {
        assert.deepEqual(sealInPieces(plaintext, piece), frame);
        assert.deepEqual(openInPieces(frame, piece), plaintext);
      }
    });
  }

  it("has an IV of 12 to 15 bytes in a cryptogram, to 16 in a payload", async () => {
    for (let length = 11; length <= 17; length++) {
      const frame = sealFrame(key, seededRandom("long iv")(length), utf8Encode("text"));
      assert.equal(
        await codeOf(() => openFrame(key, frame, 15)),
        length >= 12 && length <= 15 ? "ok" : "envelope.tampered",
      );
      assert.equal(
        await codeOf(() => openFrame(key, frame, 16)),
        length >= 12 && length <= 16 ? "ok" : "envelope.tampered",
      );
    }
    assert.equal(await codeOf(() => openFrame(key, hexDecode(`ffffffff${"00".repeat(40)}`), 16)), "envelope.tampered");
  });

  it("is refused when cut short, by any number of bytes", async () => {
    const frame = sealFrame(key, iv, utf8Encode("twenty bytes of text"));
    for (let length = 0; length < frame.length; length++) {
      assert.equal(await codeOf(() => openFrame(key, frame.subarray(0, length), 16)), "envelope.tampered");
    }
  });

  it("is refused with any bit flipped, with bytes added, with another key or other associated data", async () => {
    const frame = sealFrame(key, iv, utf8Encode("text"));
    for (let bit = 0; bit < frame.length * 8; bit++) {
      assert.equal(await codeOf(() => openFrame(key, flipBit(frame, bit), 16)), "envelope.tampered");
    }
    assert.equal(await codeOf(() => openFrame(key, concatBytes(frame, Uint8Array.of(0)), 16)), "envelope.tampered");
    assert.equal(await codeOf(() => openFrame(frameKey(new Uint8Array(32)), frame, 16)), "envelope.tampered");
    assert.equal(await codeOf(() => openFrame({ ...key, associatedData: "x" }, frame, 16)), "envelope.tampered");
  });

  it("ends where AES-GCM does", async () => {
    assert.equal(FRAME_PLAINTEXT_MAX, 68_719_476_704);
  });

  it("of more than 1 GiB is for streams", async () => {
    // Zeroed pages that nobody touches take no memory.
    const tooMuch = new Uint8Array(2 ** 30 + 1);
    assert.equal(await codeOf(() => sealFrame(key, iv, tooMuch)), "object.too_large");
    assert.equal(await codeOf(() => openFrame(key, tooMuch, 16)), "object.too_large");
  });
});
