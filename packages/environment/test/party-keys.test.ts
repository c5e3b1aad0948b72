import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { networks } from "@p8e/core";
import { accountAddress } from "@p8e/crypto";
import { developmentKeys } from "../src/party-keys.ts";

describe("the keys of development parties, which everybody knows", () => {
  it("are those of the seeded accounts", () => {
    using keys = developmentKeys("lender", []);
    assert.equal(
      accountAddress(keys.signing.publicKey, networks.local.accountPrefix),
      "tp1hslffrztjp399d86a25fh2khg0c6je3achzhyj",
    );
    assert.ok(!keys.signing.publicKey.equals(keys.encryption.publicKey));
  });

  it("are used with servers on this machine only", () => {
    for (const url of ["grpc://127.0.0.1:1", "grpc://127.8.9.10:1", "grpc://localhost:1", "grpcs://[::1]:1"]) {
      developmentKeys("bank", [url])[Symbol.dispose]();
    }
    for (const url of [
      "grpc://10.0.0.1:1",
      "grpc://store.example.com:1",
      "grpc://127.0.0.1.example.com:1",
      "grpc://localhost.example.com:1",
      "grpc://[::2]:1",
      "not a url",
      "",
    ]) {
      assert.throws(() => developmentKeys("bank", ["grpc://127.0.0.1:1", url]), {
        code: "key.invalid",
        facts: { party: "bank", url },
      });
    }
  });

  it("exist for known parties only", () => {
    assert.throws(() => developmentKeys("nobody", []), { code: "key.unavailable" });
  });

  it("cannot sign any more once they are disposed of", async () => {
    const keys = developmentKeys("lender", []);
    keys[Symbol.dispose]();
    await assert.rejects(keys.signing.signDigest("sha256", new Uint8Array(32)), { code: "key.unavailable" });
  });
});
