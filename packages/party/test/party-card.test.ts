import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { hexDecode, isP8eError, type Network, networks } from "@p8e/core";
import {
  accountAddress,
  generatePrivateKey,
  localKey,
  parsePrivateKey,
  publicKeyFromBase64,
  systemRandom,
  verifyBytes,
} from "@p8e/crypto";
import {
  CARD_BYTES_MAX,
  isFingerprint,
  type PartyDescription,
  parsePartyCard,
  parsePartyName,
  partyFingerprint,
  signPartyCard,
} from "@p8e/party";

interface Vector {
  readonly id: string;
  readonly network: string;
  readonly card: string;
  readonly signedBytesHex: string;
  readonly fingerprint: string;
}

const vectorFile = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../../vectors/${name}`, import.meta.url), "utf8"));
const vectors = vectorFile("party-card.json").vectors as readonly Vector[];
const keyOf = (id: string) =>
  parsePrivateKey(
    hexDecode(
      (vectorFile("keys.json").vectors as { id: string; privateKey: string }[]).find((each) => each.id === id)!
        .privateKey,
    ),
  );
const [one, two] = [keyOf("dev-1"), keyOf("dev-2")];
const networkOf = (chainId: string) => Object.values(networks).find((network) => network.chainId === chainId)!;
const { local } = networks;

function party(change: Partial<PartyDescription> = {}, network: Network = local): PartyDescription {
  return {
    name: parsePartyName("lender"),
    title: "Lender",
    address: accountAddress(one.publicKey(), network.accountPrefix),
    signingKey: one.publicKey().base64,
    encryptionKey: two.publicKey().base64,
    storeUrl: "grpc://lender.example.com:8080",
    ...change,
  };
}

const signers = { signing: localKey(one), encryption: localKey(two) };
const time = new Date("2026-01-31T12:00:00.789Z");
const text = await signPartyCard(party(), local, signers, time);
const changed = (change: (card: Record<string, unknown>) => void) => {
  const card = JSON.parse(text);
  change(card);
  return JSON.stringify(card);
};

function codeOf(card: string | Uint8Array, network = local): string {
  try {
    parsePartyCard(card, network);
    return "ok";
  } catch (error) {
    assert.ok(isP8eError(error), String(error));
    return error.code;
  }
}

describe("a party's card", () => {
  for (const { id, network, card, signedBytesHex, fingerprint } of vectors) {
    it(`is read, signed and fingerprinted as the vector ${id} says`, async () => {
      const read = parsePartyCard(card, networkOf(network));
      const { network: _, time: at, ...described } = read;
      assert.equal(partyFingerprint(read, { chainId: network }), fingerprint);
      const encryption = id === "one-key" ? one : two;
      const keys = { signing: localKey(one), encryption: localKey(encryption) };
      assert.equal(await signPartyCard(described, networkOf(network), keys, at), card);
      const { signatures } = JSON.parse(card);
      for (const [key, signature] of [
        [read.signingKey, signatures.signing],
        [read.encryptionKey, signatures.encryption],
      ]) {
        const der = new Uint8Array(Buffer.from(signature, "base64"));
        assert.ok(verifyBytes(publicKeyFromBase64(key), hexDecode(signedBytesHex), der, "SHA256withECDSA"));
      }
    });
  }

  it("gives back what it was made of, with its time to the second", () => {
    assert.deepEqual(parsePartyCard(text, local), {
      ...party(),
      network: local.chainId,
      time: new Date("2026-01-31T12:00:00Z"),
    });
    assert.deepEqual(parsePartyCard(new TextEncoder().encode(text), local), parsePartyCard(text, local));
    assert.ok(Buffer.byteLength(text) < 1000);
  });

  it("may be spaced and ordered otherwise: what counts are its values", () => {
    const { signatures, format, ...rest } = JSON.parse(text);
    assert.equal(
      codeOf(JSON.stringify({ signatures, ...Object.fromEntries(Object.entries(rest).reverse()), format })),
      "ok",
    );
  });

  it("is refused after any of its values was changed", () => {
    const other = generatePrivateKey(systemRandom).publicKey();
    for (const [change, code] of [
      [{ name: "lander" }, "signature.invalid"],
      [{ title: "Lender " }, "signature.invalid"],
      [{ encryptionKey: other.base64 }, "signature.invalid"],
      [{ signingKey: other.base64 }, "address.invalid"],
      [{ signingKey: other.base64, address: accountAddress(other, local.accountPrefix) }, "signature.invalid"],
      [{ address: accountAddress(two.publicKey(), local.accountPrefix) }, "address.invalid"],
      [{ storeUrl: "grpc://lender.example.com:8081" }, "signature.invalid"],
      [{ time: "2026-01-31T12:00:01Z" }, "signature.invalid"],
    ] as const) {
      assert.equal(codeOf(changed((card) => Object.assign(card, change))), code, JSON.stringify(change));
    }
  });

  it("needs both signatures, each by its own key", () => {
    for (const change of [
      (s: Record<string, unknown>) => (s.signing = s.encryption),
      (s: Record<string, unknown>) => (s.encryption = s.signing),
      (s: Record<string, unknown>) => ([s.signing, s.encryption] = [s.encryption, s.signing]),
    ]) {
      assert.equal(codeOf(changed((card) => change(card.signatures as Record<string, unknown>))), "signature.invalid");
    }
    assert.equal(
      codeOf(changed((card) => delete (card.signatures as Record<string, unknown>).encryption)),
      "input.invalid",
    );
  });

  it("of another network is refused by both chain ids", () => {
    assert.throws(() => parsePartyCard(text, networks.testnet), {
      code: "ledger.wrong_network",
      facts: { expected: "pio-testnet-1", actual: "chain-local" },
    });
  });

  it("is no longer than 2 KB", () => {
    const padded = (length: number) => text.trimEnd() + " ".repeat(length - text.trimEnd().length);
    assert.equal(codeOf(padded(CARD_BYTES_MAX)), "ok");
    assert.equal(codeOf(padded(CARD_BYTES_MAX + 1)), "input.too_large");
    assert.equal(codeOf(padded(3000)), "input.too_large");
  });

  it("is refused cut short, wherever, and with any byte of its values flipped", () => {
    for (let length = 0; length < text.trimEnd().length; length++) {
      assert.equal(codeOf(text.slice(0, length)), "input.invalid", `${length}`);
    }
    const bytes = new TextEncoder().encode(text.trimEnd());
    for (let at = 0; at < bytes.length; at++) {
      const flipped = bytes.slice();
      flipped[at]! ^= 1;
      if (codeOf(flipped) !== "ok") continue;
      // What may change is white space between the values; the values stay.
      assert.ok([0x20, 0x0a].includes(bytes[at]!), `byte ${at}`);
      assert.deepEqual(parsePartyCard(flipped, local), parsePartyCard(text, local));
    }
  });

  it("is refused when a member has not the form it must have", () => {
    for (const [field, value] of [
      ["format", 0],
      ["format", "1"],
      ["network", "a b"],
      ["name", "con"],
      ["name", "Lender"],
      ["name", "a".repeat(32)],
      ["title", ""],
      ["title", "two\nlines"],
      ["title", "turned \u202e round"],
      ["title", "half \ud800"],
      ["title", "x".repeat(101)],
      ["signingKey", one.publicKey().base64.slice(0, -1)],
      ["signingKey", Buffer.from(one.publicKey().compressed).toString("base64")],
      ["encryptionKey", 5],
      ["storeUrl", "http://lender.example.com"],
      ["storeUrl", "grpc://user:password@lender.example.com:8080"],
      ["storeUrl", "grpc://lender.example.com:8080/path"],
      ["storeUrl", ""],
      ["time", "2026-02-30T12:00:00Z"],
      ["time", "2026-01-31T12:00:00.000Z"],
      ["time", "yesterday"],
      ["signatures", []],
      ["more", true],
    ] as const) {
      assert.equal(codeOf(changed((card) => (card[field] = value))), "input.invalid", `${field}: ${value}`);
    }
    assert.equal(
      codeOf(changed((card) => (card.signingKey = `${one.publicKey().base64.slice(0, 80)}AAAAAAA=`))),
      "key.invalid",
    );
    for (const odd of ["", "null", "[]", "{}", "x".repeat(100)]) assert.equal(codeOf(odd), "input.invalid");
    assert.throws(
      () =>
        parsePartyCard(
          changed((card) => (card.format = 2)),
          local,
        ),
      /newer/,
    );
  });

  it("is signed by nobody else's keys, and not when it would be too long", async () => {
    const swapped = { signing: signers.encryption, encryption: signers.signing };
    await assert.rejects(signPartyCard(party(), local, swapped, time), { code: "key.invalid" });
    const long = party({ storeUrl: `grpc://${"a".repeat(255)}:8080`, title: "€".repeat(100) });
    assert.ok(parsePartyCard(await signPartyCard(long, local, signers, time), local));
  });
});

describe("a party's fingerprint", () => {
  const known = partyFingerprint(party(), local);

  it("stays with a new name, title or store, and changes with a key or the network", () => {
    assert.equal(partyFingerprint(party({ storeUrl: "grpc://elsewhere:1", title: "New" }), local), known);
    const prints = [
      known,
      partyFingerprint(party({ encryptionKey: one.publicKey().base64 }), local),
      partyFingerprint(party({ signingKey: two.publicKey().base64 }), local),
      partyFingerprint(party({ signingKey: two.publicKey().base64, encryptionKey: one.publicKey().base64 }), local),
      partyFingerprint(party(), networks.testnet),
    ];
    assert.equal(new Set(prints).size, prints.length);
    assert.match(known, /^([0-9a-f]{8}-){7}[0-9a-f]{8}$/);
  });

  it("is known however it is spaced, and only whole", () => {
    for (const given of [known, known.replaceAll("-", ""), known.replaceAll("-", " ").toUpperCase(), ` ${known}\n`]) {
      assert.ok(isFingerprint(given, known));
    }
    for (const given of ["", known.slice(0, 8), known.slice(0, -1), `${known}0`, known.replace(/^./, "x")]) {
      assert.ok(!isFingerprint(given, known));
    }
  });
});
