// Opening, losing, draining and idling connections.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { constants, createServer as createHttp2Server } from "node:http2";
import { connect as connectTcp, createServer as createTcpServer, type Socket } from "node:net";
import { describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "@p8e/machine";
import { connectRpc, type RpcSession } from "../src/index.ts";
import { connectEcho, Echo, signalled, startEcho, until } from "./echo.ts";

const pem = (name: string) => readFileSync(new URL(`tls/${name}.pem`, import.meta.url), "utf8");

/** A server whose Unary waits for `go`. */
async function startWaiting(options = {}) {
  const started = signalled();
  const go = signalled();
  const server = await startEcho(
    {
      unary: async (request) => {
        if (request.text !== "wait") return request;
        started.resolve();
        await go.promise;
        return request;
      },
    },
    options,
  );
  return { server, started: started.promise, go: () => go.resolve() };
}

/** A TCP proxy that can stop passing bytes on without closing anything. */
async function startProxy(port: number) {
  const sockets: Socket[] = [];
  const proxy = createTcpServer((inner) => {
    const outer = connectTcp(port, "127.0.0.1");
    sockets.push(inner, outer);
    inner.on("error", () => {}).pipe(outer);
    outer.on("error", () => {}).pipe(inner);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const address = proxy.address();
  assert.ok(address !== null && typeof address === "object");
  return {
    port: address.port,
    freeze: () => {
      for (const socket of sockets) socket.unpipe().pause();
    },
    [Symbol.dispose]: () => {
      proxy.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

describe("opening a connection", () => {
  it("nobody listening is rpc.unavailable, with the peer in its facts", async () => {
    const server = await startEcho();
    await server[Symbol.asyncDispose]();
    await using client = connectEcho(server);
    const facts = { peer: `127.0.0.1:${server.port}` };
    await assert.rejects(client.unary(Echo.method.unary, {}), { code: "rpc.unavailable", facts });
    await assert.rejects(client.connect(), { code: "rpc.unavailable", facts });
  });

  it("a peer that accepts and says nothing is rpc.unavailable after connectMs, or rpc.deadline before", async () => {
    const silent = createTcpServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const { port } = silent.address() as { port: number };
    await using client = connectRpc({ host: "127.0.0.1", port, limits: { connectMs: 100 } });
    await assert.rejects(client.unary(Echo.method.unary, {}), { code: "rpc.unavailable" });
    await assert.rejects(client.unary(Echo.method.unary, {}, { timeoutMs: 20 }), { code: "rpc.deadline" });
    await assert.rejects(client.connect({ timeoutMs: 20 }), { code: "rpc.deadline" });
    silent.close();
  });

  it("a peer that speaks something else is rpc.unavailable", async () => {
    const web = createTcpServer((socket) => socket.on("error", () => {}).end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
    const { port } = web.address() as { port: number };
    await using client = connectRpc({ host: "127.0.0.1", port });
    await assert.rejects(client.unary(Echo.method.unary, {}), { code: "rpc.unavailable" });
    web.close();
  });

  it("an address that is taken is rpc.unavailable for the server", async () => {
    await using server = await startEcho();
    await assert.rejects(startEcho({}, { port: server.port }), {
      code: "rpc.unavailable",
      message: `cannot listen on 127.0.0.1:${server.port}`,
    });
  });

  it("calls made while it opens share it; a failed attempt is tried again by the next call", async () => {
    let sessions = 0;
    const first = await startEcho({}, { port: await freePort() });
    await first[Symbol.asyncDispose]();
    await using client = connectEcho(first);
    await assert.rejects(client.unary(Echo.method.unary, {}), { code: "rpc.unavailable" });
    await using server = await startEcho({}, { port: first.port, onSession: () => sessions++ });
    await Promise.all([1, 2, 3].map(() => client.unary(Echo.method.unary, {})));
    assert.equal(server.port, first.port);
    assert.equal(sessions, 1);
  });
});

describe("TLS", () => {
  const tls = { cert: pem("cert"), key: pem("key") };

  it("grpcs and https connect to a server whose certificate is trusted", async () => {
    await using server = await startEcho({}, { tls });
    for (const scheme of ["grpcs", "https"]) {
      await using client = connectRpc({ url: `${scheme}://localhost:${server.port}`, tls: { ca: tls.cert } });
      assert.equal((await client.unary(Echo.method.unary, { text: scheme })).text, scheme);
    }
  });

  it("a certificate that is not trusted is rpc.tls, and a plaintext client is rpc.unavailable", async () => {
    await using server = await startEcho({}, { tls });
    await using untrusting = connectRpc({ url: `grpcs://localhost:${server.port}` });
    await assert.rejects(untrusting.unary(Echo.method.unary, {}), { code: "rpc.tls" });
    await using plaintext = connectRpc({ url: `grpc://localhost:${server.port}`, limits: { connectMs: 500 } });
    await assert.rejects(plaintext.unary(Echo.method.unary, {}), { code: "rpc.unavailable" });
  });
});

describe("losing a connection", () => {
  it("open calls are rpc.unavailable, and the next call opens a new one", async () => {
    const sessions: RpcSession[] = [];
    const { server, started } = await startWaiting({ onSession: (session: RpcSession) => sessions.push(session) });
    await using client = connectEcho(server);
    const open = client.unary(Echo.method.unary, { text: "wait" });
    open.catch(() => {});
    await started;
    sessions[0]?.destroy();
    await assert.rejects(open, { code: "rpc.unavailable" });
    assert.equal((await client.unary(Echo.method.unary, { text: "again" })).text, "again");
    assert.equal(sessions.length, 2);
    await server[Symbol.asyncDispose]();
  });

  it("a peer that went silent is found out by a ping, on both sides", async () => {
    const started = signalled();
    const aborted = signalled();
    const keepAlive = { keepAliveMs: 50, keepAliveTimeoutMs: 100 };
    await using server = await startEcho(
      {
        unary: async (request, { signal }) => {
          started.resolve();
          await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
          aborted.resolve();
          return request;
        },
      },
      { limits: keepAlive },
    );
    using proxy = await startProxy(server.port);
    await using client = connectEcho(proxy, { limits: keepAlive });
    const open = client.unary(Echo.method.unary, {});
    open.catch(() => {});
    await started.promise;
    proxy.freeze();
    await assert.rejects(open, { code: "rpc.unavailable" });
    await aborted.promise;
  });

  it("pings keep a quiet call alive", async () => {
    const limits = { keepAliveMs: 20, keepAliveTimeoutMs: 200 };
    const { server, started, go } = await startWaiting({ limits });
    await using client = connectEcho(server, { limits });
    const open = client.unary(Echo.method.unary, { text: "wait" });
    await started;
    await delay(500);
    go();
    assert.equal((await open).text, "wait");
    await server[Symbol.asyncDispose]();
  });
});

describe("idle connections", () => {
  it("are closed by the client, and opened again by the next call", async () => {
    const sessions: RpcSession[] = [];
    await using server = await startEcho({}, { onSession: (session) => sessions.push(session) });
    await using client = connectEcho(server, { limits: { idleSessionMs: 50 } });
    await client.unary(Echo.method.unary, {});
    await sessions[0]?.closed;
    await client.unary(Echo.method.unary, {});
    assert.equal(sessions.length, 2);
  });

  it("are closed by the server, and opened again by the next call", async () => {
    const sessions: RpcSession[] = [];
    const limits = { idleSessionMs: 50 };
    await using server = await startEcho({}, { limits, onSession: (session) => sessions.push(session) });
    await using client = connectEcho(server);
    await client.unary(Echo.method.unary, {});
    await sessions[0]?.closed;
    await delay(20);
    await client.unary(Echo.method.unary, {});
    assert.equal(sessions.length, 2);
  });

  it("with a call open they are not idle", async () => {
    const { server, started, go } = await startWaiting({ limits: { idleSessionMs: 50 } });
    await using client = connectEcho(server, { limits: { idleSessionMs: 50 } });
    const open = client.unary(Echo.method.unary, { text: "wait" });
    await started;
    await delay(300);
    go();
    assert.equal((await open).text, "wait");
    await server[Symbol.asyncDispose]();
  });
});

describe("bounds on connections", () => {
  it("more than `sessions` are refused at the socket", async () => {
    await using server = await startEcho({}, { limits: { sessions: 1 } });
    await using first = connectEcho(server);
    await first.unary(Echo.method.unary, {});
    const second = connectEcho(server);
    await assert.rejects(second.unary(Echo.method.unary, {}), { code: "rpc.unavailable" });
    await second[Symbol.asyncDispose]();
    assert.equal((await first.unary(Echo.method.unary, { text: "mine" })).text, "mine");
  });

  it("calls over `streamsPerSession` wait for their turn", async () => {
    let open = 0;
    let openMax = 0;
    await using server = await startEcho(
      {
        unary: async (request) => {
          openMax = Math.max(openMax, ++open);
          await delay(5);
          open--;
          return request;
        },
      },
      { limits: { streamsPerSession: 3 } },
    );
    await using client = connectEcho(server);
    await Promise.all(Array.from({ length: 30 }, () => client.unary(Echo.method.unary, {})));
    assert.ok(openMax <= 3, String(openMax));
  });

  it("one that sends no HTTP/2 within handshakeMs is cut off", async () => {
    await using server = await startEcho({}, { limits: { handshakeMs: 50 } });
    const socket = connectTcp(server.port, "127.0.0.1");
    await new Promise((resolve) => socket.on("close", resolve).resume());
  });
});

describe("a call that the server refused without looking at it", () => {
  it("is sent once more, and only once", async () => {
    let refusals = 1;
    const raw = createHttp2Server();
    raw.on("stream", (stream) => {
      stream.on("error", () => {});
      if (refusals-- > 0) stream.close(constants.NGHTTP2_REFUSED_STREAM);
      else stream.respond({ "content-type": "application/grpc", "grpc-status": "5" }, { endStream: true });
    });
    await new Promise<void>((resolve) => raw.listen(0, "127.0.0.1", resolve));
    const { port } = raw.address() as { port: number };
    await using client = connectRpc({ host: "127.0.0.1", port });
    await assert.rejects(client.unary(Echo.method.unary, {}), { code: "rpc.not_found" });
    refusals = 2;
    await assert.rejects(client.unary(Echo.method.unary, {}), { code: "rpc.unavailable" });
    refusals = 1;
    await assert.rejects(client.clientStream(Echo.method.upload, [{}]), { code: "rpc.unavailable" });
    raw.close();
  });
});

describe("draining", () => {
  it("lets open calls finish and refuses new connections", async () => {
    const { server, started, go } = await startWaiting();
    await using client = connectEcho(server);
    const open = client.unary(Echo.method.unary, { text: "wait" });
    await started;
    const drained = server.drain(10_000);
    await delay(50);
    await assert.rejects(client.unary(Echo.method.unary, {}), { code: "rpc.unavailable" });
    go();
    assert.equal((await open).text, "wait");
    await drained;
  });

  it("calls that were under way when it began are answered", async () => {
    const server = await startEcho({
      unary: async (request) => {
        await delay(5);
        return request;
      },
    });
    await using client = connectEcho(server);
    await client.connect();
    const calls = Array.from({ length: 100 }, (_, at) => client.unary(Echo.method.unary, { number: BigInt(at) }));
    // Until they are on the wire.
    await new Promise((resolve) => setImmediate(resolve));
    const drained = server.drain(10_000);
    const answers = await Promise.all(calls);
    assert.equal(answers.length, 100);
    await drained;
  });

  it("after the grace, what is left is UNAVAILABLE and its handler aborted; drain waits for the handler", async () => {
    const started = signalled();
    let finished = false;
    const server = await startEcho({
      unary: async (request, { signal }) => {
        started.resolve();
        await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
        await delay(50);
        finished = true;
        return request;
      },
    });
    await using client = connectEcho(server);
    const open = client.unary(Echo.method.unary, {});
    open.catch(() => {});
    await started.promise;
    await server.drain(50);
    assert.equal(finished, true);
    await assert.rejects(open, { code: "rpc.unavailable", message: "the server is shutting down" });
  });

  it("a client whose server was replaced goes on with the new one", async () => {
    const first = await startEcho({}, { port: await freePort() });
    await using client = connectEcho(first);
    await client.unary(Echo.method.unary, {});
    await first.drain(1000);
    await using second = await startEcho({}, { port: first.port });
    await until(() => second.port === first.port, "the new server");
    assert.equal((await client.unary(Echo.method.unary, { text: "new" })).text, "new");
  });
});
