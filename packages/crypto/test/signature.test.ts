import assert from "node:assert/strict";
import { createPrivateKey, createPublicKey, sign as nodeSign, verify as nodeVerify } from "node:crypto";
import { describe, it } from "node:test";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { base64Encode, concatBytes, hashContent, hexDecode, hexEncode, sha256, sha512, utf8Encode } from "@p8e/core";
import {
  type CurveBackend,
  type KeyReference,
  localKey,
  parsePrivateKey,
  parseSignatureAlgorithm,
  privateKeyToPkcs8,
  type SignatureAlgorithm,
  signBytes,
  signDigest,
  signMessage,
  signTransaction,
  verifyBytes,
  verifyDigest,
  verifyMessage,
  verifyTransactionSignature,
} from "@p8e/crypto";
import * as scope from "@p8e/proto/scope";
import fc from "fast-check";
import { decodeDerSignature, encodeDerSignature } from "../src/der-signature.ts";
import { isLowS, negatePublicScalar } from "../src/scalar.ts";
import { backends, codeOf, flipBit, fromBase64, reference, seededRandom, vector, vectorsOf } from "./fixtures.ts";

const known = vectorsOf("signatures.json").filter(({ id }) => id.startsWith("sig_"));
const fixedMessage = utf8Encode(known[0]!.messageUtf8);
const algorithms: readonly SignatureAlgorithm[] = [
  "SHA256withECDSA",
  "SHA256withECDDSA",
  "SHA512withECDSA",
  "SHA512withECDDSA",
];

for (const backend of backends) {
  describe(`signatures on the ${backend.name} back end`, () => {
    const key = reference("dev-1", backend);

    for (const { id, algo, deterministic, signatureDerBase64, signatureProtoHex } of known) {
      it(`verify: ${id}`, () => {
        assert.ok(verifyBytes(key.publicKey, fixedMessage, fromBase64(signatureDerBase64), algo, backend));
        const message = fromBinary(scope.SignatureSchema, hexDecode(signatureProtoHex));
        assert.ok(verifyMessage(message, fixedMessage, backend).equals(key.publicKey));
      });

      if (deterministic) {
        it(`are made byte for byte: ${id}`, async () => {
          const signature = await signBytes(key, fixedMessage, algo, backend);
          assert.equal(base64Encode(signature), signatureDerBase64);
          const message = await signMessage(key, fixedMessage, algo, backend);
          assert.equal(hexEncode(toBinary(scope.SignatureSchema, message)), signatureProtoHex);
        });
      }
    }

    it("verify with a high s", () => {
      const twin = fromBase64(vector("signatures.json", "high-s-twin").signatureDerBase64);
      assert.ok(verifyBytes(key.publicKey, fixedMessage, twin, "SHA512withECDSA", backend));
    });

    for (const { name, signatureHex } of vector("signatures.json", "rejected").cases) {
      it(`do not verify: ${name}`, () => {
        assert.equal(
          verifyBytes(key.publicKey, fixedMessage, hexDecode(signatureHex), "SHA512withECDSA", backend),
          false,
        );
      });
    }

    it("cover a contract as the reference's does, and its deterministic one is made byte for byte", async () => {
      const contract = vector("signatures.json", "contract");
      const bytes = hexDecode(contract.contractProtoHex);
      const { algo, provider, proto } = contract.signature;
      const message = fromBinary(scope.SignatureSchema, hexDecode(proto));
      assert.deepEqual([message.algo, message.provider], [algo, provider]);
      assert.ok(verifyMessage(message, bytes, backend).equals(key.publicKey));
      const deterministic = contract.deterministicSignature;
      const made = await signMessage(key, bytes, deterministic.algo, backend);
      assert.deepEqual([made.signature, made.provider], [deterministic.signature, deterministic.provider]);
    });

    it("come back for every algorithm and verify under no other", async () => {
      for (const made of algorithms) {
        const signature = await signBytes(key, fixedMessage, made, backend);
        for (const read of algorithms) {
          const sameHash = made.slice(0, 6) === read.slice(0, 6);
          assert.equal(verifyBytes(key.publicKey, fixedMessage, signature, read, backend), sameHash, `${made} ${read}`);
        }
      }
    });

    it("come back for scalars and points that start with zero bytes", async () => {
      const X_STARTS_WITH_ZERO = 153;
      for (const scalar of [1, 2, 3, 255, 256, X_STARTS_WITH_ZERO]) {
        const small = localKey(parsePrivateKey(Uint8Array.of(scalar >> 8, scalar & 0xff)), backend);
        const startsWithZero = small.publicKey.uncompressed[1] === 0;
        assert.equal(startsWithZero, scalar === X_STARTS_WITH_ZERO);
        const signature = await signBytes(small, fixedMessage, "SHA512withECDSA", backend);
        assert.ok(verifyBytes(small.publicKey, fixedMessage, signature, "SHA512withECDSA", backend));
      }
    });

    it("do not verify with any bit flipped", async () => {
      const signature = await signBytes(key, fixedMessage, "SHA512withECDSA", backend);
      for (let bit = 0; bit < signature.length * 8; bit += backend.name === "native" ? 1 : 7) {
        assert.equal(
          verifyBytes(key.publicKey, fixedMessage, flipBit(signature, bit), "SHA512withECDSA", backend),
          false,
        );
      }
    });
  });

  describe(`transaction signatures on the ${backend.name} back end`, () => {
    it("are 64 bytes with a low s, and verify", async () => {
      for (let scalar = 1; scalar <= 12; scalar++) {
        const key = localKey(parsePrivateKey(Uint8Array.of(scalar)), backend);
        const signature = await signTransaction(key, fixedMessage, backend);
        assert.equal(signature.length, 64);
        assert.ok(isLowS(signature.subarray(32)));
        assert.ok(verifyTransactionSignature(key.publicKey, fixedMessage, signature, backend));
        const high = concatBytes(signature.subarray(0, 32), negatePublicScalar(signature.subarray(32)));
        assert.equal(verifyTransactionSignature(key.publicKey, fixedMessage, high, backend), false);
        assert.ok(verifyDigest(key.publicKey, sha256(fixedMessage), encodeDerSignature(high), backend));
        for (const other of [signature.subarray(1), new Uint8Array(64), concatBytes(signature, Uint8Array.of(0))]) {
          assert.equal(verifyTransactionSignature(key.publicKey, fixedMessage, other, backend), false);
        }
      }
    });
  });
}

describe("back ends and node:crypto", () => {
  type Verdicts = { readonly [name: string]: boolean };

  function verdicts(key: KeyReference, message: Uint8Array, der: Uint8Array): Verdicts {
    const nodeKey = createPublicKey(key.publicKey.pem);
    const result: Record<string, boolean> = { node: nodeVerify("sha512", message, nodeKey, der) };
    for (const backend of backends) {
      result[backend.name] = verifyBytes(key.publicKey, message, der, "SHA512withECDSA", backend);
    }
    return result;
  }

  const all = (value: boolean): Verdicts => ({ node: value, native: value, portable: value });

  it("make the same deterministic signatures, about half with a high s", () => {
    const random = seededRandom("deterministic");
    let high = 0;
    for (let round = 0; round < 40; round++) {
      const [scalar, message] = [random(32), random(100)];
      const [native, portable] = backends as readonly [CurveBackend, CurveBackend];
      for (const [algorithm, digest] of [
        ["sha256", sha256(message)],
        ["sha512", sha512(message)],
      ] as const) {
        const signature = native.sign(scalar, algorithm, digest);
        assert.deepEqual(portable.sign(scalar, algorithm, digest), signature);
        if (!isLowS(signature.subarray(32))) high++;
      }
    }
    assert.equal(high, 37);
  });

  it("accept each other's signatures, whichever half s is in", () => {
    const random = seededRandom("accept");
    for (let round = 0; round < 15; round++) {
      const privateKey = parsePrivateKey(random(32));
      const key = localKey(privateKey);
      const message = random(round);
      const pkcs8 = Buffer.from(privateKeyToPkcs8(privateKey));
      const nodeKey = createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" });
      const der = new Uint8Array(nodeSign("sha512", message, nodeKey));
      const compact = decodeDerSignature(der)!;
      const twin = concatBytes(compact.subarray(0, 32), negatePublicScalar(compact.subarray(32)));
      assert.deepEqual(verdicts(key, message, der), all(true));
      assert.deepEqual(verdicts(key, message, encodeDerSignature(twin)), all(true));
    }
  });

  it("reject alike: zero and outsize values, trailing bytes, longer forms than needed", () => {
    const key = reference("dev-1");
    const order = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
    const [good] = known.filter(({ id }) => id === "sig_SHA512_true");
    const der = hexEncode(fromBase64(good!.signatureDerBase64));
    const [r, s] = [der.slice(8, 72), der.slice(76)];
    for (const hex of [
      "3006020100020101",
      "3006020101020100",
      `3026022100${order}020101`,
      `3026020101022100${order}`,
      `${der}00`,
      `3081${der.slice(2)}`,
      `3045022100${r}0220${s}`,
      `304402207${r.slice(1)}0220${s}`,
      `30440220${r}0221${s}`,
      `30440220${r}0220${s.slice(2)}`,
      `30450220${r}0220${s}00`,
      `31440220${r}0220${s}`,
      `30440320${r}0220${s}`,
      `3044022080${r.slice(2)}0220${s}`,
      "30",
      "3000",
      "300602010102",
    ]) {
      assert.deepEqual(verdicts(key, fixedMessage, hexDecode(hex)), all(false), hex);
    }
  });

  it("reject alike whatever a signature's bytes are changed to", () => {
    const key = reference("dev-2");
    const random = seededRandom("mutants");
    const compact = backends[0]!.sign(
      hexDecode(vector("keys.json", "dev-2").privateKey),
      "sha512",
      sha512(fixedMessage),
    );
    const der = encodeDerSignature(compact);
    for (let round = 0; round < 40; round++) {
      const [at, value] = random(2) as unknown as [number, number];
      const mutant = der.slice();
      mutant[at % der.length] = value;
      const expected = verdicts(key, fixedMessage, mutant).node!;
      assert.deepEqual(verdicts(key, fixedMessage, mutant), all(expected), hexEncode(mutant));
    }
  });
});

describe("DER", () => {
  it("of r and s comes back and is what OpenSSL reads", () => {
    const scalars = fc
      .uint8Array({ minLength: 32, maxLength: 32 })
      .filter((bytes) => bytes[0]! < 255 && bytes[31]! > 0);
    fc.assert(
      fc.property(scalars, scalars, fc.nat(31), (r, s, zeros) => {
        const [shortR, shortS] = [r.slice().fill(0, 0, zeros), s.slice().fill(0, 0, 31 - zeros)];
        const compact = concatBytes(shortR, shortS);
        assert.deepEqual(decodeDerSignature(encodeDerSignature(compact)), compact);
      }),
    );
  });
});

describe("signature messages", () => {
  const key = reference("dev-1");

  it("name an algorithm from the list of four, exactly", async () => {
    const message = await signMessage(key, fixedMessage);
    assert.equal(message.algo, "SHA512withECDSA");
    for (const algo of ["NONEwithECDSA", "sha512withecdsa", "SHA512withECDSA ", "", "toString", "SHA384withECDSA"]) {
      assert.equal(parseSignatureAlgorithm(algo), undefined);
      assert.equal(await codeOf(() => verifyMessage({ ...message, algo }, fixedMessage)), "signature.invalid");
    }
  });

  it("are read whatever provider they name", async () => {
    const message = await signMessage(key, fixedMessage);
    assert.ok(verifyMessage({ ...message, provider: "SunEC" }, fixedMessage).equals(key.publicKey));
  });

  it("do not verify over other bytes, under another signer, without one, or with text that is no base64", async () => {
    const message = await signMessage(key, fixedMessage);
    const forged = await signMessage(reference("dev-2"), utf8Encode("other"));
    forged.signature = message.signature;
    assert.equal(await codeOf(() => verifyMessage(message, utf8Encode("other"))), "signature.invalid");
    assert.equal(await codeOf(() => verifyMessage(forged, fixedMessage)), "signature.invalid");
    assert.equal(
      await codeOf(() => verifyMessage({ ...message, signer: undefined }, fixedMessage)),
      "signature.missing",
    );
    assert.equal(await codeOf(() => verifyMessage({ ...message, signature: "-_" }, fixedMessage)), "signature.invalid");
  });

  it("do not leave a key that answers with nonsense", async () => {
    for (const answer of [new Uint8Array(), fromBase64(vector("signatures.json", "high-s-twin").signatureDerBase64)]) {
      const faulty: KeyReference = { ...key, signDigest: async () => answer };
      assert.equal(await codeOf(() => signDigest(faulty, "sha512", sha512(utf8Encode("x")))), "signature.invalid");
      assert.equal(await codeOf(() => signTransaction(faulty, utf8Encode("x"))), "signature.invalid");
    }
  });

  it("are made over digests only: a key reference never sees the document", async () => {
    const seen: [string, string][] = [];
    const watched: KeyReference = {
      ...key,
      signDigest: (algorithm, digest) => {
        seen.push([algorithm, hexEncode(digest)]);
        return key.signDigest(algorithm, digest);
      },
    };
    await signMessage(watched, fixedMessage);
    await signTransaction(watched, fixedMessage);
    assert.deepEqual(seen, [
      ["sha512", hexEncode(sha512(fixedMessage))],
      ["sha256", hexEncode(sha256(fixedMessage))],
    ]);
  });
});

describe("content hashes", () => {
  for (const { id, inputUtf8, ...expected } of vectorsOf("hashes-identity.json").filter(
    ({ inputUtf8 }) => inputUtf8 !== undefined,
  )) {
    it(`are those of ${id} in all four forms`, () => {
      const bytes = utf8Encode(inputUtf8);
      for (const algorithm of ["sha256", "sha512"] as const) {
        assert.equal(hashContent(bytes, { algorithm, truncated: false }), expected[`${algorithm}Base64`]);
        assert.equal(hashContent(bytes, { algorithm, truncated: true }), expected[`${algorithm}LoBase64`]);
      }
    });
  }
});
