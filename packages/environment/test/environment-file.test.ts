import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { networks, type P8eError } from "@p8e/core";
import { parseEnvironmentFile, profilesOf, startEnvironment } from "@p8e/environment";

const key = Buffer.alloc(65, 4).toString("base64");
const sound = {
  format: 2,
  network: "local",
  ledgerUrl: "grpc://127.0.0.1:9090",
  parties: [
    {
      name: "lender",
      title: "Lender",
      address: "tp1hslffrztjp399d86a25fh2khg0c6je3achzhyj",
      signingKey: key,
      encryptionKey: key,
      storeUrl: "grpc://127.0.0.1:8080",
    },
  ],
};

describe("environment.json", () => {
  it("is read back as it was written, its network as a value", () => {
    const read = parseEnvironmentFile(JSON.stringify(sound), "environment.json");
    assert.deepEqual(read, { ...sound, network: networks.local, ledger: "embedded" });
  });

  it("may name a real node as its ledger", () => {
    const read = parseEnvironmentFile(JSON.stringify({ ...sound, ledger: "provenanced" }), "environment.json");
    assert.equal(read.ledger, "provenanced");
  });

  it("offers a profile for each party, the others its partners", () => {
    const bank = { ...sound.parties[0], name: "bank", title: "Bank", storeUrl: "grpc://127.0.0.1:8081" };
    const both = { ...sound, parties: [...sound.parties, bank] };
    const [lender, other] = profilesOf("/data", parseEnvironmentFile(JSON.stringify(both), "environment.json"));
    assert.deepEqual(lender?.profile.partners, [{ ...bank, toRegister: false }]);
    assert.deepEqual(other?.profile.party, bank);
    assert.equal(other?.profile.keys.signing, "mnemonic-file:keys/bank");
    assert.deepEqual([lender?.file, lender?.folder], ["/data/environment.json", "/data"]);
  });

  const [party] = sound.parties;
  const wrong: Readonly<Record<string, readonly [text: string, field: string]>> = {
    "no JSON": ["{", "the environment"],
    "a list": ["[]", "the environment"],
    null: ["null", "the environment"],
    "a newer format": [JSON.stringify({ ...sound, format: 3 }), "format"],
    "another network": [JSON.stringify({ ...sound, network: "moonnet" }), "network"],
    "a ledger of another kind": [JSON.stringify({ ...sound, ledger: "moon" }), "ledger"],
    "no ledger": [JSON.stringify({ ...sound, ledgerUrl: undefined }), "ledgerUrl"],
    "a ledger elsewhere": [JSON.stringify({ ...sound, ledgerUrl: "grpc://10.0.0.1:9090" }), "ledgerUrl"],
    "no parties": [JSON.stringify({ ...sound, parties: {} }), "parties"],
    "a hundred and one parties": [JSON.stringify({ ...sound, parties: Array(101).fill(party) }), "parties"],
    "a party that is text": [JSON.stringify({ ...sound, parties: ["lender"] }), "parties[0]"],
    "a party without a store": [
      JSON.stringify({ ...sound, parties: [{ ...party, storeUrl: 1 }] }),
      "parties[0].storeUrl",
    ],
    "an address that is none": [
      JSON.stringify({ ...sound, parties: [{ ...party, address: "tp1nothing" }] }),
      "parties[0].address",
    ],
    "a database": [JSON.stringify({ ...sound, parties: [{ ...party, database: {} }] }), "parties[0].database"],
  };
  for (const [what, [text, field]] of Object.entries(wrong)) {
    it(`is refused with the field's name: ${what}`, () => {
      assert.throws(
        () => parseEnvironmentFile(text, "environment.json"),
        (error: P8eError) => error.code === "configuration.invalid" && error.facts["field"] === field,
      );
    });
  }

  it("of more than a megabyte is not even parsed", () => {
    const text = JSON.stringify({ ...sound, more: "x".repeat(1_000_000) });
    assert.throws(() => parseEnvironmentFile(text, "environment.json"), { code: "configuration.invalid" });
  });
});

it("a folder of an earlier p8e is refused with the name of the command that removes it, and stays as it is", async () => {
  const folder = await mkdtemp(join(tmpdir(), "p8e-earlier-"));
  try {
    const text = JSON.stringify({ format: 1, chainId: "chain-local", accountPrefix: "tp", parties: [] });
    await writeFile(join(folder, "environment.json"), text);
    await assert.rejects(
      startEnvironment({ dataDir: folder, parties: ["lender"] }),
      (error: P8eError) =>
        error.code === "configuration.invalid" && (error.hint ?? "").includes(`p8e reset --data ${folder}`),
    );
    assert.deepEqual(await readdir(folder), ["environment.json"]);
    assert.equal(await readFile(join(folder, "environment.json"), "utf8"), text);
  } finally {
    await rm(folder, { recursive: true });
  }
});
