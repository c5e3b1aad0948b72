import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Code, ConnectError } from "@connectrpc/connect";
import { networks } from "@p8e/core";
import { timeoutHeight } from "../src/chain-head.ts";
import { connectChain } from "../src/client.ts";
import { parseNodeUrl } from "../src/endpoint.ts";
import { jittered } from "../src/jitter.ts";
import { nodeError } from "../src/node-error.ts";

describe("a node's URL", () => {
  it("says plaintext or TLS by its scheme and has the usual ports", () => {
    assert.equal(parseNodeUrl("grpc://localhost"), "http://localhost:9090");
    assert.equal(parseNodeUrl("grpc://127.0.0.1:19090/"), "http://127.0.0.1:19090");
    assert.equal(parseNodeUrl("grpcs://grpc.test.provenance.io"), "https://grpc.test.provenance.io:443");
    assert.equal(parseNodeUrl("grpcs://[::1]:9443"), "https://[::1]:9443");
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
    [Code.Unavailable, "ledger.unavailable"],
    [Code.Aborted, "ledger.unavailable"],
    [Code.Canceled, "ledger.unavailable"],
    [Code.DeadlineExceeded, "rpc.deadline"],
    [Code.NotFound, "ledger.not_found"],
    [Code.Unimplemented, "rpc.unimplemented"],
    [Code.InvalidArgument, "input.invalid"],
    [Code.Unauthenticated, "rpc.denied"],
    [Code.PermissionDenied, "rpc.denied"],
    [Code.Unknown, "rpc.failed"],
    [Code.ResourceExhausted, "rpc.failed"],
  ] as const;
  for (const [code, expected] of codes) {
    it(`with ${Code[code]} is ${expected}`, () => {
      assert.equal(nodeError(new ConnectError("x", code)).code, expected);
    });
  }

  it("is cancelled, not torn, when we gave it up", () => {
    assert.equal(nodeError(new ConnectError("x", Code.Canceled), AbortSignal.abort()).code, "rpc.cancelled");
  });

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

describe("jitter", () => {
  it("keeps within a quarter", () => {
    assert.equal(
      jittered(100, () => Uint8Array.of(0)),
      75,
    );
    assert.equal(
      jittered(100, () => Uint8Array.of(255)),
      125,
    );
  });
});
