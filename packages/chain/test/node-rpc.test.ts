import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import { NodeRpc, parseRpcUrl } from "../src/endpoint/node-rpc.ts";

/** Something that answers at a node's RPC URL. */
async function answering(listener: RequestListener) {
  const server = createServer(listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function saying(status: number, body: string): RequestListener {
  return (request, response) => {
    request.resume();
    request.on("end", () => response.writeHead(status).end(body));
  };
}

async function failure(listener: RequestListener, timeoutMs = 10_000) {
  await using server = await answering(listener);
  const rpc = new NodeRpc({ url: server.url, timeoutMs });
  return await rpc.call("status", {}).then(
    () => assert.fail("answered"),
    (error: unknown) => error as { code: string; message: string },
  );
}

describe("a node's RPC", () => {
  it("is asked in JSON-RPC, with the headers it was given", async () => {
    const asked: unknown[] = [];
    await using server = await answering((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        asked.push(request.method, request.headers["x-token"], JSON.parse(Buffer.concat(chunks).toString()));
        response.end(JSON.stringify({ jsonrpc: "2.0", id: 1, result: { height: "7" } }));
      });
    });
    const rpc = new NodeRpc({ url: server.url, headers: { "x-token": "t" }, timeoutMs: 10_000 });
    assert.deepEqual(await rpc.call("block_results", { height: "7" }), { height: "7" });
    const body = { jsonrpc: "2.0", id: 1, method: "block_results", params: { height: "7" } };
    assert.deepEqual(asked, ["POST", "t", body]);
  });

  it("says why it refused", async () => {
    const error = { code: -32603, message: "Internal error", data: "height 9 is not available" };
    const { code, message } = await failure(saying(500, JSON.stringify({ jsonrpc: "2.0", id: 1, error })));
    assert.deepEqual([code, message], ["rpc.failed", "the node's RPC: Internal error: height 9 is not available"]);
  });

  for (const [what, status, body, code] of [
    ["a page", 200, "<html>", "rpc.protocol"],
    ["JSON of another kind", 200, "[1]", "rpc.protocol"],
    ["nothing", 200, "", "rpc.protocol"],
    ["bytes that are no text", 200, "\u0000\ud800", "rpc.protocol"],
    ["a result with a status that is none", 500, '{"jsonrpc":"2.0","id":1,"result":{}}', "rpc.protocol"],
    ["a demand for credentials", 401, "", "rpc.denied"],
    ["too many requests", 429, "", "ledger.unavailable"],
    ["a bad gateway", 502, "<html>", "ledger.unavailable"],
  ] as const) {
    it(`that answers ${what} is ${code}`, async () => {
      assert.equal((await failure(saying(status, body))).code, code);
    });
  }

  it("is read to a limit", async () => {
    const megabyte = Buffer.alloc(1024 * 1024, 32);
    const { code } = await failure((request, response) => {
      request.resume();
      response.on("error", () => {});
      response.writeHead(200);
      const more = () => {
        while (!response.destroyed && response.write(megabyte));
      };
      response.on("drain", more);
      more();
    });
    assert.equal(code, "rpc.protocol");
  });

  it("that says nothing is given up in time", async () => {
    assert.equal((await failure(() => {}, 100)).code, "rpc.deadline");
  });

  it("that nobody serves is ledger.unavailable", async () => {
    const rpc = new NodeRpc({ url: "http://127.0.0.1:1", timeoutMs: 10_000 });
    await assert.rejects(rpc.call("status", {}), { code: "ledger.unavailable" });
  });

  it("is left when told", async () => {
    const stop = new AbortController();
    await using server = await answering(() => stop.abort());
    const rpc = new NodeRpc({ url: server.url, timeoutMs: 10_000 });
    await assert.rejects(rpc.call("status", {}, stop.signal), { code: "rpc.cancelled" });
  });

  it("has a URL of HTTP, without credentials in it", () => {
    assert.equal(parseRpcUrl("http://127.0.0.1:26657").port, "26657");
    assert.equal(parseRpcUrl("https://rpc.example.org/path").pathname, "/path");
    for (const text of ["", "grpc://127.0.0.1:9090", "http://user:word@host", "ftp://host", "host:26657"]) {
      assert.throws(() => parseRpcUrl(text), { code: "configuration.invalid" }, text);
    }
  });
});
