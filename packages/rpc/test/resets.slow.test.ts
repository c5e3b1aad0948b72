// Streams that are reset while bytes of theirs are queued: the connection must outlive any number of them.
import assert from "node:assert/strict";
import { constants, createServer as createHttp2Server, type ServerHttp2Stream } from "node:http2";
import { describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { connectRpc, type RpcSession, RpcStatusError } from "../src/index.ts";
import { runEarlyEndings } from "./early-endings.ts";
import { connectEcho, Echo, messages, startEcho } from "./echo.ts";

const MEGABYTE = 1_000_000;
/** Small, so that a few calls do what thousands do with the limits that ship. */
const limits = { sessionMemoryBytes: 8 * MEGABYTE, resetBurst: 1_000_000, resetsPerSecond: 1_000_000 };

/** A node:http2 server whose streams are handled by `onStream`. */
async function startRaw(onStream: (stream: ServerHttp2Stream) => void) {
  const server = createHttp2Server();
  server.on("stream", (stream) => onStream(stream.on("error", () => {})));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return { port, [Symbol.dispose]: () => void server.close() };
}

describe("calls that are reset with bytes still queued", () => {
  it("do not use up the client's connection: a server in maintenance, 30 uploads of 6 MB", async () => {
    let open = false;
    await using server = await startEcho({
      upload: async (requests) => {
        if (!open) throw new RpcStatusError("UNAVAILABLE", "in maintenance");
        let messages = 0;
        for await (const _ of requests) messages++;
        return { messages };
      },
    });
    await using client = connectEcho(server, { limits });
    const upload = () =>
      client.clientStream(
        Echo.method.upload,
        [1, 2, 3].map(() => ({ data: new Uint8Array(2 * MEGABYTE) })),
      );
    for (let call = 0; call < 30; call++) {
      await assert.rejects(upload(), { code: "rpc.unavailable", message: "in maintenance" });
    }
    open = true;
    assert.equal((await upload()).messages, 3);
  });

  it("do not use up the server's connection: a client that leaves 20 downloads of 6 MB", async () => {
    await using server = await startEcho({}, { limits });
    await using client = connectEcho(server);
    for (let call = 0; call < 20; call++) {
      const responses = client.serverStream(Echo.method.download, { count: 3, size: 2 * MEGABYTE });
      assert.equal((await responses.next()).done, false);
      await responses.return?.();
    }
    assert.equal((await client.unary(Echo.method.unary, { text: "still" })).text, "still");
  });

  const small = { ...limits, sessionMemoryBytes: MEGABYTE };
  const neverReads = { upload: () => new Promise<never>(() => {}) };

  it("wear the client's connection out in the end: it opens another before that refuses a call", async () => {
    const sessions: RpcSession[] = [];
    await using server = await startEcho(neverReads, { onSession: (session) => sessions.push(session) });
    await using client = connectEcho(server, { limits: small });
    for (let call = 0; call < 200 && sessions.length < 2; call++) {
      const stop = new AbortController();
      const { source } = messages(9, MEGABYTE);
      const upload = client.clientStream(Echo.method.upload, source, { signal: stop.signal });
      // By then the window is full, and node has a piece that it cannot pass on; if not, the next call will do.
      setTimeout(() => stop.abort(), 50);
      await assert.rejects(upload, { code: "rpc.cancelled" });
    }
    assert.equal((await client.unary(Echo.method.unary, { text: "still" })).text, "still");
    assert.equal(sessions.length, 2);
    await Promise.all(sessions.slice(0, -1).map((session) => session.closed));
  });

  it("wear the server's connection out in the end: it asks the client for another before that refuses a call", async () => {
    const sessions: RpcSession[] = [];
    await using server = await startEcho({}, { limits: small, onSession: (session) => sessions.push(session) });
    await using client = connectEcho(server);
    for (let call = 0; call < 200 && sessions.length < 2; call++) {
      const responses = client.serverStream(Echo.method.download, { count: 9, size: MEGABYTE });
      assert.equal((await responses.next()).done, false);
      await delay(20);
      await responses.return?.();
    }
    assert.equal((await client.unary(Echo.method.unary, { text: "still" })).text, "still");
    assert.equal(sessions.length, 2);
    await Promise.all(sessions.slice(0, -1).map((session) => session.closed));
  });

  it("never stop a process: uploads that are refused in the middle, and every other early end", async () => {
    for (const server of ["p8e", "grpc-js"] as const) {
      const result = await runEarlyEndings({ client: "p8e", server, seed: 12_345, calls: 30 });
      assert.deepEqual(result, { calls: 30, strange: [], wholes: 0, running: 0 });
    }
  });
});

describe("a stream that ends without a status", () => {
  const ways: readonly [string, (stream: ServerHttp2Stream) => void, string][] = [
    ["reset with NO_ERROR before any header", (stream) => stream.close(constants.NGHTTP2_NO_ERROR), "rpc.failed"],
    ["reset with CANCEL before any header", (stream) => stream.close(constants.NGHTTP2_CANCEL), "rpc.cancelled"],
    ["ENHANCE_YOUR_CALM", (stream) => stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM), "rpc.exhausted"],
    [
      "reset with NO_ERROR after the header",
      (stream) => {
        stream.respond({ "content-type": "application/grpc" });
        setImmediate(() => stream.close(constants.NGHTTP2_NO_ERROR));
      },
      "rpc.failed",
    ],
    ["HTTP 503", (stream) => stream.respond({ ":status": 503 }, { endStream: true }), "rpc.unavailable"],
    ["the connection lost", (stream) => stream.session?.destroy(), "rpc.unavailable"],
  ];
  for (const [name, end, code] of ways) {
    it(`${name} is ${code}, and its facts claim no answer of the peer`, async () => {
      using server = await startRaw(end);
      await using client = connectRpc({ host: "127.0.0.1", port: server.port });
      const peer = client.target;
      const unary = { code, facts: { method: "/rpctest.Echo/Unary", peer } };
      await assert.rejects(client.unary(Echo.method.unary, {}), unary);
      const upload = { code, facts: { method: "/rpctest.Echo/Upload", peer } };
      const never = async function* () {
        yield { data: new Uint8Array(3 * MEGABYTE) };
        await new Promise(() => {});
      };
      await assert.rejects(client.clientStream(Echo.method.upload, never()), upload);
      const download = { code, facts: { method: "/rpctest.Echo/Download", peer } };
      await assert.rejects(client.serverStream(Echo.method.download, {}).next(), download);
    });
  }
});
