import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import {
  contractSpecificationAddress,
  goNameHash,
  hexDecode,
  hexEncode,
  type MetadataKind,
  metadataAddressFromBytes,
  metadataAddressFromHash,
  metadataAddressParts,
  metadataAddressToBytes,
  nameHash,
  parseMetadataAddress,
  parseUuid,
  recordAddress,
  recordSpecificationAddress,
  type ScopeAddress,
  scopeAddress,
  scopeDenomination,
  scopeSpecificationAddress,
  sessionAddress,
} from "@p8e/core";

type Vector = {
  readonly id: string;
  readonly kind?: string;
  readonly args?: readonly [string, string];
  readonly bytesHex?: string;
  readonly bech32?: string;
  readonly denom?: string;
  readonly typeByte?: number;
  readonly base64Hash?: string;
  readonly name?: string;
  readonly nameHashGo?: string;
  readonly agree?: boolean;
  readonly rejected?: readonly string[];
  readonly rejectedBytesHex?: Readonly<Record<string, string>>;
};
const file = new URL("../../../vectors/metadata-address.json", import.meta.url);
const { vectors } = JSON.parse(readFileSync(file, "utf8")) as { vectors: readonly Vector[] };

const build: Record<string, (first: string, second: string) => string> = {
  scope: (uuid) => scopeAddress(parseUuid(uuid)),
  session: (scope, session) => sessionAddress(parseUuid(scope), parseUuid(session)),
  record: (scope, name) => recordAddress(parseUuid(scope), name),
  contractspec: (uuid) => contractSpecificationAddress(parseUuid(uuid)),
  scopespec: (uuid) => scopeSpecificationAddress(parseUuid(uuid)),
  recspec: (uuid, name) => recordSpecificationAddress(parseUuid(uuid), name),
};
const kindsByType: readonly MetadataKind[] = [
  "scope",
  "session",
  "record",
  "contract-specification",
  "scope-specification",
  "record-specification",
];

describe("metadata addresses, against the chain's vectors", () => {
  for (const vector of vectors) {
    if (vector.kind) {
      it(`${vector.id}: text and bytes`, () => {
        const address = build[vector.kind!]!(...vector.args!);
        assert.equal(address, vector.bech32);
        assert.equal(hexEncode(metadataAddressToBytes(parseMetadataAddress(address))), vector.bytesHex);
      });
    } else if (vector.denom) {
      it(`${vector.id}: bytes to text and denomination`, () => {
        const address = metadataAddressFromBytes(hexDecode(vector.bytesHex!));
        assert.equal(address, vector.bech32);
        assert.equal(scopeDenomination(address as ScopeAddress), vector.denom);
      });
    } else if (vector.base64Hash) {
      it(`${vector.id}: an address from a hash`, () => {
        assert.equal(metadataAddressFromHash(kindsByType[vector.typeByte!]!, vector.base64Hash!), vector.bech32);
      });
    } else if (vector.name !== undefined) {
      it(`${vector.id}: the chain's name hash${vector.agree ? "" : ", refused where languages disagree"}`, () => {
        assert.equal(hexEncode(goNameHash(vector.name!)), vector.nameHashGo);
        if (vector.agree) assert.equal(hexEncode(nameHash(vector.name!)), vector.nameHashGo);
        else assert.throws(() => nameHash(vector.name!), { code: "name.invalid" });
      });
    } else {
      it(`${vector.id}: rejected`, () => {
        for (const text of vector.rejected!)
          assert.throws(() => parseMetadataAddress(text), { code: "address.invalid" });
        for (const hex of Object.values(vector.rejectedBytesHex!)) {
          assert.throws(() => metadataAddressFromBytes(hexDecode(hex)), { code: "address.invalid" });
        }
      });
    }
  }

  it("gives the parts back, and refuses another kind than asked for", () => {
    const scope = parseUuid("91978ba2-5f35-459a-86a7-feca1b0512e0");
    const session = parseUuid("5803f8bc-6067-4eb5-951f-2121671c2ec0");
    const address = sessionAddress(scope, session);
    assert.deepEqual(metadataAddressParts(address), { kind: "session", uuid: scope, sessionUuid: session });
    assert.throws(() => parseMetadataAddress(address, "scope"), { code: "address.invalid" });
    assert.equal(parseMetadataAddress(address.toUpperCase()), address);
  });

  it("refuses capital letters that Go, a JVM and this runtime do not all know, and takes the older ones", () => {
    for (const letter of ["\u1c89", "\u2c2f", "\ua7c0", "\u{10570}", "\u{10d50}"]) {
      assert.throws(() => nameHash(`loan${letter}`), { code: "name.invalid" }, letter);
    }
    for (const letter of ["A", "\u00c4", "\u2c2e", "\ua7c2", "\uff21", "\u{10400}", "\u{1e900}"]) {
      assert.deepEqual(nameHash(`loan${letter}`), nameHash(`loan${letter.toLowerCase()}`), letter);
    }
  });

  it("refuses a prefix that belongs to another kind", () => {
    assert.throws(() => recordAddress(parseUuid("91978ba2-5f35-459a-86a7-feca1b0512e0"), "  "), {
      code: "name.invalid",
    });
  });
});
