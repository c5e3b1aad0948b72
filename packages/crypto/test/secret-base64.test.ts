import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { base64Encode, utf8Decode, utf8Encode } from "@p8e/core";
import fc from "fast-check";
import { decodeSecretBase64, encodeSecretBase64 } from "../src/secret-base64.ts";

describe("base64 of secrets", () => {
  it("is the same as anybody else's", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const text = new Uint8Array(Math.ceil(bytes.length / 3) * 4);
        encodeSecretBase64(bytes, text);
        assert.equal(utf8Decode(text), base64Encode(bytes));
        const back = new Uint8Array(bytes.length);
        assert.equal(decodeSecretBase64(text, back), true);
        assert.deepEqual(back, bytes);
        assert.equal(decodeSecretBase64(utf8Encode(base64Encode(bytes).replace(/=+$/, "")), back), true);
        assert.deepEqual(back, bytes);
      }),
    );
  });

  it("knows all 256 characters apart", () => {
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (let code = 0; code < 256; code++) {
      const bytes = new Uint8Array(3);
      const fits = decodeSecretBase64(Uint8Array.of(65, 65, 65, code), bytes);
      assert.equal(fits, alphabet.includes(String.fromCharCode(code)));
      if (fits) assert.equal(bytes[2], alphabet.indexOf(String.fromCharCode(code)));
    }
  });

  it("refuses half padding, stray bits and other lengths", () => {
    for (const text of ["AB==", "AA=", "AAA", "AAAA", "A", "", "AA=A"]) {
      assert.equal(decodeSecretBase64(utf8Encode(text), new Uint8Array(1)), false, text);
    }
  });
});
