import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  accountAddressFromBytes,
  encryptionPathBeside,
  networkNamed,
  networks,
  networkToJson,
  type P8eError,
  parseAccountAddress,
  parseAccountPrefix,
  parseNetwork,
} from "@p8e/core";

const own = {
  format: 1,
  name: "partners",
  chainId: "partners-7",
  accountPrefix: "cosmos",
  coinType: 118,
  derivationPath: "m/44'/118'/0'/0/3",
  mainNet: false,
  endpoint: { url: "grpcs://node.example.com:443", certificateAuthority: "-----BEGIN CERTIFICATE-----" },
  fees: { denomination: "nhash", testMoney: true },
};

describe("networks", () => {
  it("three are built in, with what their chains say of themselves", () => {
    assert.deepEqual(
      [networks.local, networks.testnet, networks.mainnet].map((each) => [
        ...[each.name, each.chainId, each.accountPrefix, each.coinType, each.derivationPath, each.mainNet],
        each.fees.testMoney,
      ]),
      [
        ["local", "chain-local", "tp", 1, "m/44'/1'/0'/0/0", false, true],
        ["testnet", "pio-testnet-1", "tp", 1, "m/44'/1'/0'/0/0", false, false],
        ["mainnet", "pio-mainnet-1", "pb", 505, "m/44'/505'/0'/0/0", true, false],
      ],
    );
  });

  it("are found by their names alone", () => {
    assert.equal(networkNamed("testnet"), networks.testnet);
    assert.equal(networkNamed("pio-testnet-1"), undefined);
    assert.equal(networkNamed("toString"), undefined);
  });

  it("others are read from a file's content, and written as they were read", () => {
    const { format, ...fields } = own;
    assert.deepEqual(parseNetwork(own), fields);
    assert.deepEqual(networkToJson(parseNetwork(own)), own);
  });

  it("what may be left out follows from the rest", () => {
    const { name, chainId, accountPrefix, coinType } = own;
    assert.deepEqual(parseNetwork({ format: 1, name, chainId, accountPrefix, coinType }), {
      ...{ name, chainId, accountPrefix, coinType, mainNet: false },
      derivationPath: "m/44'/118'/0'/0/0",
      fees: { denomination: "nhash", testMoney: true },
    });
  });

  const wrong: Readonly<Record<string, readonly [value: unknown, field: string]>> = {
    "no object": [[], "the network"],
    "no format": [{ ...own, format: undefined }, "format"],
    "a newer format": [{ ...own, format: 2 }, "format"],
    "a name with a capital": [{ ...own, name: "Partners" }, "name"],
    "no chain id": [{ ...own, chainId: "" }, "chainId"],
    "a chain id that is too long": [{ ...own, chainId: "c".repeat(51) }, "chainId"],
    "a prefix with a capital": [{ ...own, accountPrefix: "Cosmos" }, "accountPrefix"],
    "a coin type that is text": [{ ...own, coinType: "118" }, "coinType"],
    "a path that is too short": [{ ...own, derivationPath: "m/44'" }, "derivationPath"],
    "a flag that is text": [{ ...own, mainNet: "no" }, "mainNet"],
    "a node by another protocol": [{ ...own, endpoint: { url: "https://node" } }, "endpoint.url"],
    "credentials in a node's address": [{ ...own, endpoint: { url: "grpc://a:b@node" } }, "endpoint.url"],
    "a coin without a name": [{ ...own, fees: { denomination: "1" } }, "fees.denomination"],
    "the name of a public network for another chain": [{ ...own, name: "mainnet" }, "name"],
  };
  for (const [what, [value, field]] of Object.entries(wrong)) {
    it(`are refused with the field's name: ${what}`, () => {
      assert.throws(
        () => parseNetwork(value),
        (error: P8eError) => error.code === "configuration.invalid" && error.facts["field"] === field,
      );
    });
  }
});

describe("an account prefix", () => {
  it("may be any that a network has, and addresses of another are refused where it is named", () => {
    const prefix = parseAccountPrefix("cosmos");
    const address = accountAddressFromBytes(prefix, new Uint8Array(20));
    assert.equal(parseAccountAddress(address), address);
    assert.equal(parseAccountAddress(address, prefix), address);
    assert.throws(() => parseAccountAddress(address, networks.local.accountPrefix), { code: "address.invalid" });
  });
});

describe("the path of an encryption key", () => {
  it("is the signing key's with the last index one higher", () => {
    assert.equal(encryptionPathBeside("m/44'/505'/0'/0/0"), "m/44'/505'/0'/0/1");
    assert.equal(encryptionPathBeside("m/44'/1'/0'/0/9'"), "m/44'/1'/0'/0/10'");
  });

  it("does not run over, and is not found beside what is no path", () => {
    assert.throws(() => encryptionPathBeside(`m/0/${2 ** 31 - 1}`), { code: "key.invalid" });
    assert.throws(() => encryptionPathBeside("m"), { code: "key.invalid" });
  });
});
