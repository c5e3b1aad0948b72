import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseEnvironmentFile } from "@p8e/environment";

const sound = {
  format: 1,
  chainId: "chain-local",
  accountPrefix: "tp",
  ledgerUrl: "grpc://127.0.0.1:9090",
  parties: [
    {
      name: "lender",
      title: "Lender",
      address: "tp1hslffrztjp399d86a25fh2khg0c6je3achzhyj",
      signingKey: "BHhD",
      encryptionKey: "BIoL",
      storeUrl: "grpc://127.0.0.1:8080",
      storagePath: "/somewhere",
      database: { host: "127.0.0.1", port: 5432, name: "a", user: "b", password: "c", schema: "public" },
    },
  ],
};

describe("environment.json", () => {
  it("is read back as it was written", () => {
    assert.deepEqual(parseEnvironmentFile(JSON.stringify(sound), "environment.json"), sound);
  });

  const [party] = sound.parties;
  const wrong: Readonly<Record<string, readonly [text: string, field: string]>> = {
    "no JSON": ["{", "the file"],
    "a list": ["[]", "the file"],
    null: ["null", "the file"],
    "more than a megabyte": [JSON.stringify({ ...sound, more: "x".repeat(1_000_000) }), "the file"],
    "another format": [JSON.stringify({ ...sound, format: 2 }), "format"],
    "a prefix that is none": [JSON.stringify({ ...sound, accountPrefix: "XX" }), "accountPrefix"],
    "no ledger": [JSON.stringify({ ...sound, ledgerUrl: undefined }), "ledgerUrl"],
    "no parties": [JSON.stringify({ ...sound, parties: {} }), "parties"],
    "a hundred and one parties": [JSON.stringify({ ...sound, parties: Array(101).fill(party) }), "parties"],
    "a party that is text": [JSON.stringify({ ...sound, parties: ["lender"] }), "parties[0]"],
    "a party without a store": [
      JSON.stringify({ ...sound, parties: [{ ...party, storeUrl: 1 }] }),
      "parties[0].storeUrl",
    ],
    "a port that is text": [
      JSON.stringify({ ...sound, parties: [{ ...party, database: { ...party?.database, port: "5432" } }] }),
      "parties[0].database.port",
    ],
  };
  for (const [what, [text, field]] of Object.entries(wrong)) {
    it(`is refused with the field's name: ${what}`, () => {
      assert.throws(() => parseEnvironmentFile(text, "environment.json"), {
        code: "configuration.invalid",
        facts: { file: "environment.json", field },
      });
    });
  }

  it("is refused with an address that is none", () => {
    const text = JSON.stringify({ ...sound, parties: [{ ...party, address: "tp1nothing" }] });
    assert.throws(() => parseEnvironmentFile(text, "environment.json"), { code: "address.invalid" });
  });
});
