// What happens to connections in the middle of calls: GOAWAY, resets, silence, slowness.
import assert from "node:assert/strict";
import { constants, createServer as createHttp2Server, type Http2Session, type ServerHttp2Stream } from "node:http2";
import { connect as connectTcp, createServer as createTcpServer, type Socket } from "node:net";
import { describe, it } from "node:test";
import { frame } from "../src/frames.ts";
import { connectRpc, type RpcClient } from "../src/index.ts";
import { collect, connectEcho, Echo, messages, signalled, startEcho, until } from "./echo.ts";

const MEGABYTE = 1_000_000;
const EMPTY = Buffer.concat(frame(new Uint8Array(0)));

/** A node:http2 server; `onStream` gets every call with its number. */
async function startRaw(onStream: (stream: ServerHttp2Stream, call: number) => void) {
  const server = createHttp2Server();
  const sessions: Http2Session[] = [];
  let calls = 0;
  server.on("session", (session) => sessions.push(session.on("error", () => {})));
  server.on("stream", (stream) =>
    onStream(
      stream.on("error", () => {}),
      ++calls,
    ),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const dispose = (): void => {
    for (const session of sessions) session.destroy();
    server.close();
  };
  return { port, sessions, [Symbol.dispose]: dispose };
}

/** Answers a call with one empty message, as a gRPC server does. */
function answer(stream: ServerHttp2Stream): void {
  if (stream.destroyed || stream.closed) return;
  stream.respond({ "content-type": "application/grpc" }, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
  stream.end(EMPTY);
}

/** A TCP proxy whose connections can be disturbed. */
async function startProxy(port: number) {
  const pairs: (readonly [Socket, Socket])[] = [];
  const proxy = createTcpServer((inner) => {
    const outer = connectTcp(port, "127.0.0.1");
    pairs.push([inner, outer]);
    inner.on("error", () => {}).on("close", () => outer.destroy());
    outer.on("error", () => {}).on("close", () => inner.destroy());
    inner.pipe(outer);
    outer.pipe(inner);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  return {
    port: (proxy.address() as { port: number }).port,
    reset: () => pairs.flat().forEach((socket) => void socket.resetAndDestroy()),
    end: () => pairs.flat().forEach((socket) => void socket.end()),
    freeze: () => pairs.flat().forEach((socket) => void socket.unpipe().pause()),
    [Symbol.dispose]: () => {
      proxy.close();
      for (const socket of pairs.flat()) socket.destroy();
    },
  };
}

async function worksAgain(client: RpcClient): Promise<void> {
  assert.equal((await client.unary(Echo.method.unary, {})).text, "");
}

describe("GOAWAY in the middle of calls", () => {
  it("lets them end on the old connection, and the next goes over a new one", async () => {
    const open: ServerHttp2Stream[] = [];
    using server = await startRaw((stream, call) => (call <= 3 ? open.push(stream) : answer(stream)));
    await using client = connectRpc({ host: "127.0.0.1", port: server.port });
    const calls = [1, 2, 3].map(() => client.unary(Echo.method.unary, {}));
    await until(() => open.length === 3, "three calls");
    server.sessions[0]?.goaway(constants.NGHTTP2_NO_ERROR);
    // Until the client has heard of it.
    await new Promise<void>((resolve) => server.sessions[0]?.ping(() => resolve()));
    await worksAgain(client);
    assert.equal(server.sessions.length, 2);
    for (const stream of open) answer(stream);
    assert.equal((await Promise.all(calls)).length, 3);
  });

  it("sends a single request once more that the server has not looked at, and gives up a stream of them", async () => {
    const seen: ServerHttp2Stream[] = [];
    using server = await startRaw((stream, call) => (call <= 3 ? seen.push(stream) : answer(stream)));
    await using client = connectRpc({ host: "127.0.0.1", port: server.port });
    const looked = client.unary(Echo.method.unary, {});
    await until(() => seen.length === 1, "the first call");
    const single = client.unary(Echo.method.unary, {});
    const { source } = messages(100, MEGABYTE);
    const stream = client.clientStream(Echo.method.upload, source);
    stream.catch(() => {});
    await until(() => seen.length === 3, "all calls");
    server.sessions[0]?.goaway(constants.NGHTTP2_NO_ERROR, seen[0]?.id);
    await assert.rejects(stream, { code: "rpc.unavailable" });
    await single;
    assert.equal(server.sessions.length, 2);
    answer(seen[0] as ServerHttp2Stream);
    await looked;
  });

  it("with an error ends them as rpc.unavailable, whichever kind they are, and the next call works", async () => {
    let refuse = true;
    let open = 0;
    using server = await startRaw((stream) => {
      open++;
      if (!refuse) answer(stream);
    });
    await using client = connectRpc({ host: "127.0.0.1", port: server.port });
    const { source } = messages(100, MEGABYTE);
    const calls = [
      client.unary(Echo.method.unary, {}),
      client.clientStream(Echo.method.upload, source),
      client.serverStream(Echo.method.download, {}).next(),
    ];
    const ended = Promise.allSettled(calls);
    await until(() => open === 3, "three calls");
    refuse = false;
    server.sessions[0]?.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM, 0);
    server.sessions[0]?.destroy();
    for (const outcome of await ended) {
      assert.equal(outcome.status === "rejected" && outcome.reason.code, "rpc.unavailable");
    }
    await worksAgain(client);
  });
});

describe("a connection that breaks in the middle of calls", () => {
  for (const how of ["reset", "end"] as const) {
    it(`(${how}) ends uploads and downloads as rpc.unavailable, aborts their handlers, and the next call works`, async () => {
      const aborted: string[] = [];
      const reading = signalled();
      await using server = await startEcho({
        upload: async (requests, { signal }) => {
          signal.addEventListener("abort", () => aborted.push("upload"));
          for await (const _ of requests) reading.resolve();
          return {};
        },
        async *download(_request, { signal }) {
          signal.addEventListener("abort", () => aborted.push("download"));
          for (;;) yield { data: new Uint8Array(MEGABYTE) };
        },
      });
      using proxy = await startProxy(server.port);
      await using client = connectEcho(proxy);
      const { source } = messages(1_000_000, MEGABYTE);
      const upload = client.clientStream(Echo.method.upload, source);
      const download = collect(client.serverStream(Echo.method.download, {}));
      const ended = Promise.allSettled([upload, download]);
      await reading.promise;
      proxy[how]();
      for (const outcome of await ended) {
        assert.equal(outcome.status === "rejected" && outcome.reason.code, "rpc.unavailable");
      }
      await until(() => aborted.length === 2, "both handlers' end");
      await worksAgain(client);
    });
  }

  it("without a word is found out by a ping while an upload waits for room", async () => {
    const keepAlive = { keepAliveMs: 100, keepAliveTimeoutMs: 1500 };
    const reading = signalled();
    const outcome = signalled<unknown>();
    await using server = await startEcho(
      {
        upload: async (requests) => {
          try {
            for await (const _ of requests) reading.resolve();
          } catch (error) {
            outcome.resolve(error);
          }
          return {};
        },
      },
      { limits: keepAlive },
    );
    using proxy = await startProxy(server.port);
    await using client = connectEcho(proxy, { limits: keepAlive });
    const { source } = messages(1_000_000, MEGABYTE);
    const upload = client.clientStream(Echo.method.upload, source);
    upload.catch(() => {});
    await reading.promise;
    proxy.freeze();
    await assert.rejects(upload, { code: "rpc.unavailable" });
    assert.equal(((await outcome.promise) as { code: string }).code, "rpc.cancelled");
    await worksAgain(client);
  });
});
