import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import { hexDecode, hexEncode, networks, utf8Decode, utf8Encode } from "@p8e/core";
import {
  accountAddress,
  defaultBackend,
  generateMnemonic,
  generatePrivateKey,
  nativeBackend,
  parsePrivateKey,
  parsePublicKey,
  privateKeyFromMnemonic,
  privateKeyFromPem,
  privateKeyFromPkcs8,
  privateKeyFromProtoHex,
  privateKeyToPkcs8,
  privateKeyToProto,
  privateKeyToSec1Pem,
  publicKeyFromBase64,
  publicKeyFromPem,
  publicKeyFromProtoHex,
  publicKeyFromSpki,
} from "@p8e/crypto";
import { backends, developmentKey, scriptedRandom, seededRandom, vector, vectorsOf } from "./fixtures.ts";

const keyVectors = vectorsOf("keys.json").filter(({ publicKeyUncompressed }) => publicKeyUncompressed !== undefined);
const ORDER = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";

describe("back ends", () => {
  it("are native here, through the binding and not its JavaScript fallback", () => {
    assert.equal(nativeBackend().name, "native");
    assert.equal(defaultBackend(), nativeBackend());
  });

  it("say whether they take the same time whatever the key", () => {
    assert.deepEqual(
      backends.map(({ name, constantTime }) => [name, constantTime]),
      [
        ["native", true],
        ["portable", false],
      ],
    );
  });
});

for (const backend of backends) {
  describe(`keys on the ${backend.name} back end`, () => {
    for (const known of keyVectors) {
      it(`give every form of ${known.id}`, () => {
        const key = privateKeyFromProtoHex(known.privateKeyProtoHex);
        const publicKey = key.publicKey(backend);
        assert.equal(key.use(hexEncode), known.privateKey);
        assert.equal(hexEncode(privateKeyToProto(key)).toUpperCase(), known.privateKeyProtoHex);
        assert.equal(hexEncode(publicKey.uncompressed), known.publicKeyUncompressed);
        assert.equal(hexEncode(publicKey.compressed), known.publicKeyCompressed);
        assert.equal(publicKey.protoHex, known.publicKeyProtoHex);
        assert.equal(publicKey.base64, known.publicKeyBase64);
        assert.equal(hexEncode(publicKey.spki), known.spkiDerHex);
        assert.equal(publicKey.pem, known.publicKeyPem);
        assert.equal(accountAddress(publicKey, networks.local.accountPrefix), known.addressTestnet);
        assert.equal(accountAddress(publicKey, networks.mainnet.accountPrefix), known.addressMainnet);
      });

      it(`read every form of ${known.id}`, () => {
        const expected = parsePublicKey(hexDecode(known.publicKeyUncompressed), backend);
        for (const read of [
          parsePublicKey(hexDecode(known.publicKeyCompressed), backend),
          publicKeyFromBase64(known.publicKeyBase64, backend),
          publicKeyFromPem(known.publicKeyPem, backend),
          publicKeyFromPem(known.publicKeyPem.replaceAll("\n", "\r\n"), backend),
          publicKeyFromPem(known.publicKeyPem.trimEnd(), backend),
          publicKeyFromSpki(hexDecode(known.spkiDerHex), backend),
          publicKeyFromProtoHex(known.publicKeyProtoHex, backend),
          publicKeyFromProtoHex(known.publicKeyProtoHex.toLowerCase(), backend),
          publicKeyFromProtoHex(`0a21${known.publicKeyCompressed}`, backend),
        ]) {
          assert.ok(read.equals(expected));
        }
      });
    }

    it("refuse points that are not on the curve, hybrid encodings and other lengths", () => {
      const { publicKeyUncompressed: point } = vector("keys.json", "dev-1");
      const hybrid = `0${6 + (Number.parseInt(point.at(-1), 16) & 1)}${point.slice(2)}`;
      for (const hex of [...vector("keys.json", "pubkey-invalid").rejected, hybrid, "", `${point}00`, point.slice(2)]) {
        assert.throws(() => parsePublicKey(hexDecode(hex), backend), { code: "key.invalid" });
      }
      assert.throws(() => parsePublicKey(hexDecode(`02${"ff".repeat(32)}`), backend), { code: "key.invalid" });
    });
  });
}

describe("private keys", () => {
  for (const { id, mnemonic, path, privateKey } of keyVectors.filter((known) => known.mnemonic !== undefined)) {
    it(`come from the mnemonic of ${id}`, () => {
      assert.equal(privateKeyFromMnemonic(mnemonic, path).use(hexEncode), privateKey);
    });
  }

  it("come from a wallet's mnemonic along its hardened paths, on both networks", () => {
    const wallet = vector("keys.json", "wallet-js-40");
    for (const { path, privateKey, address, publicKeyCompressed } of wallet.keys) {
      const key = privateKeyFromMnemonic(wallet.mnemonic, path);
      assert.equal(key.use(hexEncode), privateKey);
      assert.equal(hexEncode(key.publicKey().compressed), publicKeyCompressed);
      assert.equal(accountAddress(key.publicKey(), address.slice(0, 2)), address);
    }
  });

  it("have a path for each network", () => {
    const { mnemonic, privateKey } = vector("keys.json", "dev-1");
    assert.equal(
      privateKeyFromMnemonic(`  ${mnemonic.replaceAll(" ", "\n ")} `, networks.local.derivationPath).use(hexEncode),
      privateKey,
    );
    assert.notEqual(privateKeyFromMnemonic(mnemonic, networks.mainnet.derivationPath).use(hexEncode), privateKey);
  });

  for (const [what, words, path] of [
    [
      "a word that is unknown",
      "stable stable stable stable stable stable stable stable stable stable stable provenance",
      "m/0",
    ],
    ["a wrong checksum", "stable stable stable stable stable stable stable stable stable stable stable stable", "m/0"],
    ["no words", "", "m/0"],
    ["a path without its root", "", "44'/1'"],
    ["a path with a level beyond 2^31", "", "m/2147483648"],
    ["a path of letters", "", "m/x"],
    ["an empty path", "", ""],
  ] as const) {
    it(`are not derived with ${what}`, () => {
      const mnemonic = path === "m/0" ? words : vector("keys.json", "dev-1").mnemonic;
      assert.throws(() => privateKeyFromMnemonic(mnemonic, path), { code: "key.invalid" });
    });
  }

  for (const { id, privateKeyProtoHex, privateKey } of vectorsOf("keys.json").filter(({ id }) =>
    id.startsWith("privproto"),
  )) {
    it(`short of 32 bytes are padded: ${id}`, () => {
      const key = privateKeyFromProtoHex(privateKeyProtoHex);
      assert.equal(key.use(hexEncode), privateKey);
      assert.equal(hexEncode(privateKeyToProto(key)).toUpperCase(), privateKeyProtoHex);
    });
  }

  for (const id of ["dev-1", "dev-2", "dev-3"]) {
    it(`of ${id} have Java's PKCS#8 form and the SEC1 PEM`, () => {
      const { pkcs8DerHex, privateKeyPem, privateKey } = vector("keys.json", id);
      const key = developmentKey(id);
      assert.equal(hexEncode(privateKeyToPkcs8(key)), pkcs8DerHex);
      assert.equal(utf8Decode(privateKeyToSec1Pem(key)), privateKeyPem);
      assert.equal(privateKeyFromPkcs8(hexDecode(pkcs8DerHex)).use(hexEncode), privateKey);
      assert.equal(privateKeyFromPem(utf8Encode(privateKeyPem)).use(hexEncode), privateKey);
    });
  }

  it("are read from PEM as OpenSSL writes it: SEC1 or PKCS#8, with the point, with parameters in front", () => {
    const parameters = "-----BEGIN EC PARAMETERS-----\nBgUrgQQACg==\n-----END EC PARAMETERS-----\n";
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "secp256k1" });
    const scalar = Buffer.from(privateKey.export({ format: "jwk" }).d!, "base64url").toString("hex");
    const sec1 = privateKey.export({ format: "pem", type: "sec1" }).toString();
    const pkcs8 = privateKey.export({ format: "pem", type: "pkcs8" }).toString();
    for (const pem of [sec1, pkcs8, parameters + sec1, sec1.replaceAll("\n", "\r\n")]) {
      assert.equal(privateKeyFromPem(utf8Encode(pem)).use(hexEncode), scalar);
    }
  });

  it("in PEM are refused on another curve, of another kind, under a passphrase, cut short, and when too long", () => {
    const pem = (key: KeyObject) => key.export({ format: "pem", type: "pkcs8" }).toString();
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "secp256k1" });
    const locked = privateKey.export({ format: "pem", type: "pkcs8", cipher: "aes-256-cbc", passphrase: "x" });
    const otherCurve = pem(generateKeyPairSync("ec", { namedCurve: "prime256v1" }).privateKey);
    const otherKind = pem(generateKeyPairSync("ed25519").privateKey);
    for (const [text, code] of [
      [otherCurve, "key.unsupported_curve"],
      [otherKind, "key.unsupported_curve"],
      [locked.toString(), "key.invalid"],
      [pem(privateKey).slice(0, 100), "key.invalid"],
      [pem(privateKey).padEnd(5000, "\n"), "key.invalid"],
      [developmentKey("dev-1").publicKey().pem, "key.invalid"],
      ["", "key.invalid"],
    ] as const) {
      assert.throws(() => privateKeyFromPem(utf8Encode(text)), { code }, text);
    }
  });

  it("of zero, of the order and above, of no bytes and of too many are refused", () => {
    for (const hex of [
      "00",
      "00".repeat(32),
      ORDER,
      `00${ORDER}`,
      "ff".repeat(32),
      "",
      `01${"00".repeat(32)}`,
      "00".repeat(34),
    ]) {
      assert.throws(() => parsePrivateKey(hexDecode(hex)), { code: "key.invalid" });
    }
    assert.equal(parsePrivateKey(hexDecode(`00${ORDER.slice(0, -1)}0`)).use(hexEncode), `${ORDER.slice(0, -1)}0`);
  });

  it("show nothing of themselves", () => {
    const key = developmentKey("dev-1");
    assert.equal(`${key}`, "[redacted]");
    assert.equal(JSON.stringify({ key }), '{"key":"[redacted]"}');
    assert.equal(inspect({ key }), "{ key: PrivateKey([redacted]) }");
    assert.equal(inspect(key, { showHidden: true, depth: 9 }), "PrivateKey([redacted])");
  });

  it("are not quoted by the errors about them", () => {
    const { privateKey, mnemonic } = vector("keys.json", "dev-1");
    for (const action of [
      () => privateKeyFromProtoHex(`0a2000${privateKey}`),
      () => privateKeyFromProtoHex(`0a7f${privateKey}`),
      () => privateKeyFromMnemonic(`${mnemonic} stable`, networks.local.derivationPath),
    ]) {
      assert.throws(
        action,
        (error: Error) =>
          !inspect(error, { depth: 9 }).includes(privateKey.slice(8, 24)) && !inspect(error).includes("cliff"),
      );
    }
  });

  it("are wiped by disposal, and unusable afterwards", () => {
    const key = developmentKey("dev-1");
    const bytes = key.use((scalar) => scalar);
    key.dispose();
    assert.deepEqual(bytes, new Uint8Array(32));
    assert.throws(() => key.publicKey(), { code: "key.unavailable" });
  });

  it("are generated from the random source alone, which is asked again for values that are no scalar", () => {
    const random = scriptedRandom("00".repeat(32), ORDER, "11".repeat(32));
    assert.equal(generatePrivateKey(random).use(hexEncode), "11".repeat(32));
  });

  it("are generated as mnemonics of 24 words too", () => {
    const words = generateMnemonic(seededRandom("mnemonic"));
    assert.equal(words.split(" ").length, 24);
    assert.equal(generateMnemonic(seededRandom("mnemonic")), words);
    privateKeyFromMnemonic(words, networks.local.derivationPath).dispose();
  });
});

describe("keys on other curves", () => {
  it("are refused by name", () => {
    for (const [curve, pair] of [
      ["prime256v1", generateKeyPairSync("ec", { namedCurve: "P-256" })],
      ["ed25519", generateKeyPairSync("ed25519")],
    ] as const) {
      const facts = { curve };
      const pem = pair.publicKey.export({ type: "spki", format: "pem" }) as string;
      assert.throws(() => publicKeyFromPem(pem), { code: "key.unsupported_curve", facts });
    }
  });

  it("are refused in messages", () => {
    const { publicKeyProtoHex, privateKeyProtoHex } = vector("keys.json", "dev-1");
    assert.throws(() => publicKeyFromProtoHex(`${publicKeyProtoHex}1801`), { code: "key.unsupported_curve" });
    assert.throws(() => privateKeyFromProtoHex(`${privateKeyProtoHex}1801`), { code: "key.unsupported_curve" });
  });
});

describe("text that is no key", () => {
  const { publicKeyPem: pem, publicKeyProtoHex } = vector("keys.json", "dev-1");
  for (const [what, read] of [
    ["PEM of something else", () => publicKeyFromPem(pem.replaceAll("PUBLIC", "PRIVATE"))],
    ["PEM with text around it", () => publicKeyFromPem(`x${pem}`)],
    ["PEM without end", () => publicKeyFromPem(pem.slice(0, 100))],
    ["PEM of megabytes", () => publicKeyFromPem(pem.replace("\n", `\n${"A".repeat(1e6)}`))],
    ["PEM of garbage", () => publicKeyFromPem("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")],
    ["hex of garbage", () => publicKeyFromProtoHex("zz")],
    ["a message cut short", () => publicKeyFromProtoHex(publicKeyProtoHex.slice(0, -2))],
    ["base64 of the URL alphabet", () => publicKeyFromBase64("-_8=")],
    ["a private key in decimal", () => privateKeyFromProtoHex("12 34")],
    ["PKCS#8 of another shape", () => privateKeyFromPkcs8(new Uint8Array(88))],
  ] as const) {
    it(`is refused: ${what}`, () => {
      assert.throws(read, { code: "key.invalid" });
    });
  }
});
