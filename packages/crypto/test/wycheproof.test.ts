import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { concatBytes, equalBytes, hexDecode, hexEncode } from "@p8e/core";
import {
  frameKey,
  openFrame,
  parsePrivateKey,
  parsePublicKey,
  publicKeyFromSpki,
  sealFrame,
  verifyBytes,
} from "@p8e/crypto";
import { hkdfSha256, hmac } from "../src/hmac.ts";
import { backends, wycheproofFolder } from "./fixtures.ts";

interface Case {
  readonly tcId: number;
  readonly comment: string;
  readonly flags: readonly string[];
  readonly result: "valid" | "invalid" | "acceptable";
  readonly [field: string]: unknown;
}

interface Group {
  readonly tests: readonly Case[];
  readonly [field: string]: unknown;
}

const hex = (value: unknown): Uint8Array => hexDecode(value as string);

function named(test: Case): string {
  return `case ${test.tcId}: ${test.comment}`;
}

function threw(action: () => unknown): boolean {
  try {
    action();
    return false;
  } catch {
    return true;
  }
}

const folder = wycheproofFolder();

function groupsOf(file: string): readonly Group[] {
  return JSON.parse(readFileSync(join(folder!, file), "utf8")).testGroups;
}

describe("Wycheproof", { skip: folder === undefined }, () => {
  for (const hash of ["sha256", "sha512"] as const) {
    const groups = groupsOf(`ecdsa_secp256k1_${hash}_test.json`);
    const algorithm = hash === "sha256" ? "SHA256withECDSA" : "SHA512withECDSA";
    for (const backend of backends) {
      it(`ECDSA with ${hash} on the ${backend.name} back end`, () => {
        let count = 0;
        for (const group of groups) {
          const publicKey = publicKeyFromSpki(hex(group.publicKeyDer), backend);
          assert.ok(parsePublicKey(hex((group.publicKey as { uncompressed: string }).uncompressed)).equals(publicKey));
          for (const test of group.tests) {
            const verdict = verifyBytes(publicKey, hex(test.msg), hex(test.sig), algorithm, backend);
            assert.equal(verdict, test.result === "valid", named(test));
            count++;
          }
        }
        assert.equal(count, hash === "sha256" ? 476 : 546);
      });
    }
  }

  const ecdh = groupsOf("ecdh_secp256k1_test.json");
  for (const backend of backends) {
    it(`ECDH on the ${backend.name} back end`, () => {
      let agreed = 0;
      for (const test of ecdh.flatMap(({ tests }) => tests)) {
        const agree = (): Uint8Array => {
          const peer = publicKeyFromSpki(hex(test.public), backend).uncompressed;
          return parsePrivateKey(hex(test.private)).use((scalar) => backend.sharedSecret(scalar, peer));
        };
        if (test.result === "valid") assert.equal(hexEncode(agree()), test.shared, named(test));
        else if (test.flags.includes("CompressedPublic")) assert.equal(hexEncode(agree()), test.shared, named(test));
        // What is acceptable is mostly loose DER, which we do not read.
        else assert.ok(threw(agree), named(test));
        if (!threw(agree)) agreed++;
      }
      assert.equal(agreed, 474);
    });
  }

  const gcm = groupsOf("aes_gcm_test.json");
  it("AES-256-GCM within the frame", () => {
    let count = 0;
    for (const { keySize, ivSize, tagSize, tests } of gcm) {
      if (keySize !== 256 || tagSize !== 128) continue;
      for (const test of tests) {
        const [iv, plaintext] = [hex(test.iv), hex(test.msg)];
        const frame = concatBytes(Uint8Array.of(0, 0, 0, iv.length), iv, hex(test.ct), hex(test.tag));
        // Associated data is bytes there and text here: only what is UTF-8 can be compared, and empty is most of it.
        const associatedData = Buffer.from(test.aad as string, "hex").toString("utf8");
        if (hexEncode(new Uint8Array(Buffer.from(associatedData))) !== test.aad) continue;
        const key = frameKey(hex(test.key), associatedData);
        const readable = test.result === "valid" && (ivSize as number) >= 96 && (ivSize as number) <= 128;
        assert.equal(!threw(() => assert.deepEqual(openFrame(key, frame, 16), plaintext)), readable, named(test));
        if (readable) assert.deepEqual(sealFrame(key, iv, plaintext), frame, named(test));
        count++;
      }
    }
    assert.ok(count >= 40, `${count} cases`);
  });

  const hkdf = groupsOf("hkdf_sha256_test.json");
  it("HKDF with SHA-256", () => {
    for (const test of hkdf.flatMap(({ tests }) => tests)) {
      const derive = (): Uint8Array =>
        hkdfSha256(hex(test.ikm), { salt: hex(test.salt), info: hex(test.info), length: test.size as number });
      if (test.result === "valid") assert.equal(hexEncode(derive()), test.okm, named(test));
      else assert.ok(threw(derive), named(test));
    }
  });

  const mac = groupsOf("hmac_sha256_test.json");
  it("HMAC with SHA-256", () => {
    for (const { tagSize, tests } of mac) {
      for (const test of tests) {
        const tag = hmac("sha256", hex(test.key), hex(test.msg)).subarray(0, (tagSize as number) / 8);
        assert.equal(equalBytes(tag, hex(test.tag)), test.result === "valid", named(test));
      }
    }
  });
});
