import assert from "node:assert/strict";
import { createECDH } from "node:crypto";
import { describe, it } from "node:test";
import { base64Encode, concatBytes, hexDecode, hexEncode, utf8Decode, utf8Encode } from "@p8e/core";
import {
  type Cryptogram,
  localKey,
  openCryptogram,
  parsePrivateKey,
  parsePublicKey,
  sealCryptogram,
} from "@p8e/crypto";
import fc from "fast-check";
import { hkdfSha256 } from "../src/hmac.ts";
import { backends, codeOf, flipBit, fromBase64, scriptedRandom, seededRandom, vector, vectorsOf } from "./fixtures.ts";

const NOTHING = new Uint8Array();

function cryptogramOf(known: { [field: string]: string }): Cryptogram {
  return {
    ephemeralPublicKey: fromBase64(known.ephemeralPublicKeyBase64!),
    tag: fromBase64(known.tagBase64!),
    encryptedData: fromBase64(known.encryptedDataBase64!),
  };
}

for (const backend of backends) {
  describe(`shared secrets on the ${backend.name} back end`, () => {
    for (const known of vectorsOf("ecdh-hkdf.json")) {
      it(`and the keys derived from them are those of ${known.id}, leading zeros kept`, async () => {
        const recipient = parsePrivateKey(hexDecode(known.recipientPrivateKey));
        const ephemeral = parsePrivateKey(hexDecode(known.ephemeralPrivateKey));
        assert.equal(hexEncode(ephemeral.publicKey(backend).uncompressed), known.ephemeralPublicKey);
        const there = await localKey(recipient, backend).sharedSecret(ephemeral.publicKey(backend));
        const back = await localKey(ephemeral, backend).sharedSecret(recipient.publicKey(backend));
        assert.equal(hexEncode(there), known.sharedSecret);
        assert.deepEqual(back, there);
        const derived = hkdfSha256(there, { salt: NOTHING, info: NOTHING, length: 64 });
        assert.equal(hexEncode(derived), known.hkdf64);
        assert.equal(hexEncode(derived), known.encKey + known.macKey);
      });
    }
  });

  describe(`cryptograms on the ${backend.name} back end`, () => {
    const opened = vectorsOf("ecies.json").filter((known) => known.tagBase64 !== undefined);
    for (const known of opened) {
      it(`of ${known.id} are opened`, async () => {
        const key = localKey(parsePrivateKey(hexDecode(known.recipientPrivateKey)), backend);
        const associatedData = known.aadUtf8 ?? "";
        const secret = await openCryptogram(key, cryptogramOf(known), { associatedData, backend });
        assert.equal(utf8Decode(secret), known.plaintextUtf8);
      });
    }

    for (const known of opened.filter(({ id }) => id.startsWith("fixed"))) {
      it(`of ${known.id} are made byte for byte`, () => {
        const recipient = parsePublicKey(hexDecode(known.recipientPublicKey), backend);
        const random = scriptedRandom(known.ephemeralPrivateKey, known.ivHex);
        const made = sealCryptogram(recipient, utf8Encode(known.plaintextUtf8), { random, backend });
        assert.deepEqual(made, cryptogramOf(known));
        assert.equal(base64Encode(made.tag).slice(0, 20), "AAAADAAAAAAAAAAAAAAA");
      });
    }
  });
}

describe("a cryptogram", () => {
  const key = localKey(parsePrivateKey(Uint8Array.of(7)));
  const secret = utf8Encode("a secret");
  const sealed = sealCryptogram(key.publicKey, secret, { random: seededRandom("cryptogram") });

  it("comes back for any secret and associated data", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.string(), async (bytes, associatedData) => {
        const random = seededRandom(hexEncode(bytes));
        const made = sealCryptogram(key.publicKey, bytes, { random, associatedData });
        assert.deepEqual(await openCryptogram(key, made, { associatedData }), bytes);
      }),
      { numRuns: 30 },
    );
  });

  it("comes back for scalars, X coordinates and shared secrets that start with zero bytes", async () => {
    const { recipientPrivateKey } = vector("ecdh-hkdf.json", "ecdh-n484");
    const big = localKey(parsePrivateKey(hexDecode(recipientPrivateKey)));
    // Small scalars start with zero bytes; with this recipient 484 and 643 share such a secret; some have such an X.
    const zeroX: number[] = [];
    for (let scalar = 1; scalar <= 600; scalar++) {
      const small = parsePrivateKey(Uint8Array.of(scalar >> 8, scalar & 0xff));
      if (small.publicKey().uncompressed[1] === 0) zeroX.push(scalar);
    }
    assert.ok(zeroX.length > 0);
    for (const scalar of [484, 643, ...zeroX]) {
      const random = scriptedRandom(scalar.toString(16).padStart(64, "0"), "00".repeat(12));
      assert.deepEqual(await openCryptogram(big, sealCryptogram(big.publicKey, secret, { random })), secret);
      const small = localKey(parsePrivateKey(Uint8Array.of(scalar >> 8, scalar & 0xff)));
      const other = sealCryptogram(small.publicKey, secret, { random: seededRandom(scalar) });
      assert.deepEqual(await openCryptogram(small, other), secret);
    }
  });

  it("opens with a compressed ephemeral key, and with its negated twin, which has the same X", async () => {
    const compressed = parsePublicKey(sealed.ephemeralPublicKey).compressed;
    const twin = concatBytes(Uint8Array.of(compressed[0]! ^ 1), compressed.subarray(1));
    for (const ephemeralPublicKey of [compressed, twin, parsePublicKey(twin).uncompressed]) {
      assert.deepEqual(await openCryptogram(key, { ...sealed, ephemeralPublicKey }), secret);
    }
  });

  it("opens when its data was sealed under a zero IV", async () => {
    const random = scriptedRandom("11".repeat(32), "00".repeat(12));
    const made = sealCryptogram(key.publicKey, secret, { random });
    assert.equal(hexEncode(made.encryptedData.subarray(0, 16)), `0000000c${"00".repeat(12)}`);
    assert.deepEqual(await openCryptogram(key, made), secret);
  });

  it("does not open for another key or other associated data", async () => {
    const other = localKey(parsePrivateKey(Uint8Array.of(8)));
    assert.equal(await codeOf(() => openCryptogram(other, sealed)), "envelope.wrong_key");
    assert.equal(await codeOf(() => openCryptogram(key, sealed, { associatedData: "x" })), "envelope.wrong_key");
  });

  it("does not open with any bit of its parts flipped", async () => {
    for (const part of ["ephemeralPublicKey", "tag", "encryptedData"] as const) {
      const codes = new Set<string>();
      for (let bit = 0; bit < sealed[part].length * 8; bit++) {
        codes.add(await codeOf(() => openCryptogram(key, { ...sealed, [part]: flipBit(sealed[part], bit) })));
      }
      const expected = {
        ephemeralPublicKey: "envelope.tampered",
        tag: "envelope.wrong_key",
        encryptedData: "envelope.tampered",
      };
      assert.deepEqual([...codes], [expected[part]], part);
    }
  });

  it("does not open with parts of other lengths, hybrid points or implausible IVs", async () => {
    const hybrid = sealed.ephemeralPublicKey.slice();
    hybrid[0] = 6 + (hybrid[64]! & 1);
    for (const change of [
      { ephemeralPublicKey: hybrid },
      { ephemeralPublicKey: NOTHING },
      { tag: sealed.tag.subarray(1) },
      { tag: NOTHING },
      { encryptedData: NOTHING },
      { encryptedData: sealed.encryptedData.subarray(0, 31) },
      { encryptedData: concatBytes(Uint8Array.of(0, 0, 0, 16), sealed.encryptedData.subarray(4)) },
      { encryptedData: concatBytes(Uint8Array.of(0, 0, 0, 11), sealed.encryptedData.subarray(4)) },
    ]) {
      assert.equal(await codeOf(() => openCryptogram(key, { ...sealed, ...change })), "envelope.tampered");
    }
  });

  it("does not open through a key reference that answers with a shortened secret", async () => {
    const faulty = { ...key, sharedSecret: async () => new Uint8Array(31) };
    assert.equal(await codeOf(() => openCryptogram(faulty, sealed)), "key.invalid");
  });

  it("agrees with node:crypto about the secret for random keys", () => {
    const random = seededRandom("ecdh");
    for (let round = 0; round < 10; round++) {
      const [mine, theirs] = [random(32), random(32)];
      const node = createECDH("secp256k1");
      node.setPrivateKey(mine);
      const peer = parsePrivateKey(theirs).publicKey().uncompressed;
      const expected = new Uint8Array(node.computeSecret(peer));
      for (const backend of backends) assert.deepEqual(backend.sharedSecret(mine, peer), expected);
    }
  });
});
