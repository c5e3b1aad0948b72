import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { networks, P8eError } from "@p8e/core";
import { RpcStatusError } from "@p8e/rpc";
import { connectChain } from "../src/client.ts";
import { timeoutHeight } from "../src/endpoint/chain-head.ts";
import { parseNodeUrl } from "../src/endpoint/endpoint.ts";
import { nodeError } from "../src/endpoint/node-error.ts";

describe("a node's URL", () => {
  it("says plaintext or TLS by its scheme and has the usual ports", () => {
    assert.deepEqual(parseNodeUrl("grpc://localhost"), { host: "localhost", port: 9090, tls: false });
    assert.deepEqual(parseNodeUrl("grpc://127.0.0.1:19090/"), { host: "127.0.0.1", port: 19090, tls: false });
    assert.deepEqual(parseNodeUrl("grpcs://grpc.test.provenance.io"), {
      host: "grpc.test.provenance.io",
      port: 443,
      tls: true,
    });
    assert.deepEqual(parseNodeUrl("grpcs://[::1]:9443"), { host: "::1", port: 9443, tls: true });
  });

  for (const url of [
    "",
    "localhost:9090",
    "http://localhost:9090",
    "grpc://",
    "grpc://a:99999",
    "grpc://a:0",
    "grpc://a/b",
  ]) {
    it(`is not "${url}"`, () => {
      assert.throws(() => parseNodeUrl(url), { code: "configuration.invalid" });
    });
  }

  it("is not repeated with its credentials in an error", () => {
    assert.throws(
      () => parseNodeUrl("grpc://user:secret@host:1"),
      (error: Error) => !JSON.stringify(error).includes("secret"),
    );
  });
});

describe("a failed call", () => {
  const codes = [
    ["UNAVAILABLE", "ledger.unavailable"],
    ["ABORTED", "ledger.unavailable"],
    ["CANCELLED", "ledger.unavailable"],
    ["DEADLINE_EXCEEDED", "rpc.deadline"],
    ["NOT_FOUND", "ledger.not_found"],
    ["UNIMPLEMENTED", "rpc.unimplemented"],
    ["INVALID_ARGUMENT", "input.invalid"],
    ["UNAUTHENTICATED", "rpc.denied"],
    ["PERMISSION_DENIED", "rpc.denied"],
    ["UNKNOWN", "rpc.failed"],
    ["RESOURCE_EXHAUSTED", "rpc.failed"],
  ] as const;
  for (const [status, expected] of codes) {
    it(`with ${status} is ${expected}`, () => {
      assert.equal(nodeError(new RpcStatusError(status, "x")).code, expected);
    });
  }

  it("is what its status says, whatever code a node claims", () => {
    assert.equal(
      nodeError(new RpcStatusError("NOT_FOUND", "x", { code: "object.not_found" })).code,
      "ledger.not_found",
    );
  });

  it("is cancelled when we gave it up, and else torn", () => {
    assert.equal(nodeError(new P8eError("rpc.cancelled", "x"), AbortSignal.abort()).code, "rpc.cancelled");
    assert.equal(nodeError(new P8eError("rpc.cancelled", "x")).code, "ledger.unavailable");
  });

  const endings = [
    ["rpc.unavailable", "ledger.unavailable"],
    ["rpc.failed", "ledger.unavailable"],
    ["rpc.exhausted", "ledger.unavailable"],
    ["rpc.deadline", "rpc.deadline"],
    ["rpc.protocol", "rpc.protocol"],
    ["rpc.tls", "rpc.tls"],
    ["configuration.invalid", "configuration.invalid"],
    ["input.too_large", "input.too_large"],
  ] as const;
  for (const [code, expected] of endings) {
    it(`that nobody answered, ${code}, is ${expected}`, () => {
      assert.equal(nodeError(new P8eError(code, "x")).code, expected);
    });
  }

  it("to a port where nobody listens is ledger.unavailable", async () => {
    await assert.rejects(connectChain({ url: "grpc://127.0.0.1:1", ...networks.local }), {
      code: "ledger.unavailable",
    });
  });
});

describe("the timeout height", () => {
  it("is 60 seconds of blocks ahead", () => {
    assert.equal(timeoutHeight(1000n, 200), 1300n);
  });

  it("is at least 100 blocks ahead", () => {
    assert.equal(timeoutHeight(1000n, 5000), 1100n);
  });

  it("is not for ever on a chain of very fast blocks", () => {
    assert.equal(timeoutHeight(0n, 0), 10_000n);
  });
});
