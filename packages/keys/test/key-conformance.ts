import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import { base64Encode, hexEncode, sha256, sha512, utf8Encode } from "@p8e/core";
import {
  generatePrivateKey,
  type KeyReference,
  localKey,
  openCryptogram,
  type PrivateKey,
  sealCryptogram,
  signMessage,
  systemRandom,
  verifyDigest,
  verifyMessage,
} from "@p8e/crypto";

/** A key as one scheme opens it. */
export interface KeyUnderTest extends AsyncDisposable {
  readonly key: KeyReference;
}

/**
 * What every key does, wherever it is held. `open` opens a key of which the test knows the private part: two openings give
 * the same key. Registers tests with node:test.
 */
export function keyConformance(name: string, known: PrivateKey, open: () => Promise<KeyUnderTest>): void {
  describe(`a key held in ${name}`, () => {
    it("has the public key of the private one", async () => {
      await using opened = await open();
      assert.equal(opened.key.publicKey.base64, known.publicKey().base64);
    });

    it("signs SHA-256 and SHA-512 digests as they are", async () => {
      await using opened = await open();
      for (const [algorithm, hash] of [
        ["sha256", sha256],
        ["sha512", sha512],
      ] as const) {
        const digest = hash(utf8Encode(`signed with ${algorithm}`));
        const signature = await opened.key.signDigest(algorithm, digest);
        assert.ok(verifyDigest(known.publicKey(), digest, signature));
        assert.ok(!verifyDigest(known.publicKey(), hash(digest), signature));
      }
    });

    it("signs messages that name it", async () => {
      await using opened = await open();
      const bytes = utf8Encode("a contract");
      assert.ok(verifyMessage(await signMessage(opened.key, bytes), bytes).equals(known.publicKey()));
    });

    it("shares the secret that its peer computes, all 32 bytes of it when the first are zero", async () => {
      await using opened = await open();
      for (const wanted of ["any", "leading zero"]) {
        const { peer, expected } = await peerOf(known, wanted === "leading zero");
        const secret = await opened.key.sharedSecret(peer);
        assert.equal(hexEncode(secret), expected, wanted);
        secret.fill(0);
        assert.equal(hexEncode(await opened.key.sharedSecret(peer)), expected, "the caller wiped its own copy");
      }
    });

    it("opens what was sealed for it", async () => {
      await using opened = await open();
      const content = utf8Encode("for your eyes only");
      const sealed = sealCryptogram(opened.key.publicKey, content, { random: systemRandom });
      assert.deepEqual(await openCryptogram(opened.key, sealed), content);
    });

    it("does many things at once", async () => {
      await using opened = await open();
      const { peer, expected } = await peerOf(known, false);
      await Promise.all(
        Array.from({ length: 20 }, async (_, index) => {
          const digest = sha256(utf8Encode(`${index}`));
          assert.ok(verifyDigest(known.publicKey(), digest, await opened.key.signDigest("sha256", digest)));
          assert.equal(hexEncode(await opened.key.sharedSecret(peer)), expected);
        }),
      );
    });

    it("is used for nobody who has given up", async () => {
      await using opened = await open();
      const signal = AbortSignal.abort();
      const digest = sha256(utf8Encode("late"));
      await assert.rejects(opened.key.signDigest("sha256", digest, { signal }), { code: "rpc.cancelled" });
      await assert.rejects(opened.key.sharedSecret(known.publicKey(), { signal }), { code: "rpc.cancelled" });
    });

    it("is out of reach once it was closed, however often, and still has its public key", async () => {
      const opened = await open();
      await opened[Symbol.asyncDispose]();
      await opened[Symbol.asyncDispose]();
      await assert.rejects(opened.key.signDigest("sha256", sha256(utf8Encode("x"))), { code: "key.unavailable" });
      await assert.rejects(opened.key.sharedSecret(known.publicKey()), { code: "key.unavailable" });
      assert.equal(opened.key.publicKey.base64, known.publicKey().base64);
    });

    it("shows its private part nowhere", async () => {
      await using opened = await open();
      const shown = [
        inspect(opened, { depth: 10, showHidden: true }),
        JSON.stringify(opened),
        String(opened.key),
      ].join();
      for (const secret of known.use((scalar) => [hexEncode(scalar), base64Encode(scalar).slice(0, 20)])) {
        assert.ok(!shown.toLowerCase().includes(secret.toLowerCase()));
      }
    });
  });
}

async function peerOf(known: PrivateKey, leadingZero: boolean) {
  for (;;) {
    using peer = generatePrivateKey(systemRandom);
    const secret = await localKey(peer).sharedSecret(known.publicKey());
    if (!leadingZero || secret[0] === 0) return { peer: peer.publicKey(), expected: hexEncode(secret) };
  }
}
