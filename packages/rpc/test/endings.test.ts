// How calls end before their time: cancellation, deadlines, cut-off streams, readers that leave.
import assert from "node:assert/strict";
import { connect, constants } from "node:http2";
import { type AddressInfo, connect as connectTcp, createServer as createTcpServer, type Socket } from "node:net";
import { describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { isP8eError, type P8eError } from "@p8e/core";
import { frame } from "../src/frames.ts";
import type { RpcContext } from "../src/index.ts";
import { collect, connectEcho, Echo, messages, signalled, startEcho, until } from "./echo.ts";

/** A handler for Unary that waits to be told to stop, and tells why it was. */
function waitingUnary() {
  const started = signalled();
  const stopped = signalled<P8eError>();
  const unary = async (request: object, context: RpcContext) => {
    context.signal.addEventListener("abort", () => stopped.resolve(context.signal.reason));
    started.resolve();
    await stopped.promise;
    return request;
  };
  return { unary, started: started.promise, stopped: stopped.promise };
}

/** Upload handlers that tell how their request stream ended: "whole", or the code of its error. */
function watchedUpload() {
  const outcomes: string[] = [];
  const received: number[] = [];
  const upload = async (requests: AsyncIterable<unknown>) => {
    let count = 0;
    try {
      for await (const _ of requests) received[0] = ++count;
      outcomes.push("whole");
    } catch (error) {
      outcomes.push(isP8eError(error) ? error.code : String(error));
    }
    return { messages: count };
  };
  return { upload, outcomes, received };
}

/** A TCP proxy that shows type and flags of every HTTP/2 frame of the client. */
async function startFrameProxy(port: number, onFrame: (type: number, flags: number) => void) {
  const sockets: Socket[] = [];
  const proxy = createTcpServer((inner) => {
    const outer = connectTcp(port, "127.0.0.1");
    sockets.push(inner, outer);
    let rest = Buffer.alloc(0);
    let skip = 24;
    inner.on("data", (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk]);
      for (;;) {
        const size = skip > 0 ? skip : 9 + (rest.length < 9 ? 0 : rest.readUIntBE(0, 3));
        if (rest.length < size) break;
        if (skip === 0) onFrame(rest[3] as number, rest[4] as number);
        rest = rest.subarray(size);
        skip = 0;
      }
    });
    inner.on("error", () => {}).pipe(outer);
    outer.on("error", () => {}).pipe(inner);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const dispose = () => {
    proxy.close();
    for (const socket of sockets) socket.destroy();
  };
  return { port: (proxy.address() as AddressInfo).port, [Symbol.dispose]: dispose };
}

describe("cancellation", () => {
  it("the caller's signal ends the call and aborts the handler's", async () => {
    const handler = waitingUnary();
    await using server = await startEcho({ unary: handler.unary });
    await using client = connectEcho(server);
    const stop = new AbortController();
    const call = client.unary(Echo.method.unary, {}, { signal: stop.signal });
    await handler.started;
    stop.abort();
    await assert.rejects(call, { code: "rpc.cancelled" });
    assert.equal((await handler.stopped).code, "rpc.cancelled");
  });

  it("a signal that is aborted already opens no connection", async () => {
    let sessions = 0;
    await using server = await startEcho({}, { onSession: () => sessions++ });
    await using client = connectEcho(server);
    await assert.rejects(client.unary(Echo.method.unary, {}, { signal: AbortSignal.abort() }), {
      code: "rpc.cancelled",
    });
    assert.equal(sessions, 0);
  });

  it("a signal that timed out is rpc.deadline", async () => {
    const handler = waitingUnary();
    await using server = await startEcho({ unary: handler.unary });
    await using client = connectEcho(server);
    const call = client.unary(Echo.method.unary, {}, { signal: AbortSignal.timeout(30) });
    await assert.rejects(call, { code: "rpc.deadline" });
  });

  it("leaving a server stream early ends the handler's generator", async () => {
    const left = signalled();
    await using server = await startEcho({
      async *download() {
        try {
          for (;;) yield { data: new Uint8Array(10_000) };
        } finally {
          left.resolve();
        }
      },
    });
    await using client = connectEcho(server);
    for await (const _ of client.serverStream(Echo.method.download, {})) break;
    await left.promise;
  });

  it("cancelling a server stream drops what was not read yet", async () => {
    await using server = await startEcho();
    await using client = connectEcho(server);
    const stop = new AbortController();
    const responses = client.serverStream(Echo.method.download, { count: 1000, size: 1000 }, { signal: stop.signal });
    await responses.next();
    stop.abort();
    await assert.rejects(responses.next(), { code: "rpc.cancelled" });
    assert.deepEqual(await responses.next(), { done: true, value: undefined });
  });

  it("cancelling a client stream closes its source and fails the handler's requests", async () => {
    const { upload, outcomes, received } = watchedUpload();
    await using server = await startEcho({ upload });
    await using client = connectEcho(server);
    const stop = new AbortController();
    const closed = signalled();
    async function* requests() {
      try {
        yield {};
        yield {};
        await new Promise(() => {});
      } finally {
        closed.resolve();
      }
    }
    const call = client.clientStream(Echo.method.upload, requests(), { signal: stop.signal });
    await until(() => received[0] === 2, "two messages");
    stop.abort();
    await assert.rejects(call, { code: "rpc.cancelled" });
    await until(() => outcomes.length === 1, "the handler's end");
    assert.deepEqual(outcomes, ["rpc.cancelled"]);
  });

  it("closing the client ends its open calls", async () => {
    const { upload, outcomes, received } = watchedUpload();
    await using server = await startEcho({ upload });
    const client = connectEcho(server);
    const never = async function* () {
      yield {};
      await new Promise(() => {});
    };
    const call = client.clientStream(Echo.method.upload, never());
    call.catch(() => {});
    await until(() => received[0] === 1, "the first message");
    await client[Symbol.asyncDispose]();
    await assert.rejects(call, { code: "rpc.cancelled" });
    await assert.rejects(client.unary(Echo.method.unary, {}), { code: "rpc.cancelled" });
    await until(() => outcomes.length === 1, "the handler's end");
    assert.deepEqual(outcomes, ["rpc.cancelled"]);
  });
});

describe("deadlines", () => {
  it("pass on both sides: rpc.deadline for the caller, and the reason in the handler's signal", async () => {
    const handler = waitingUnary();
    await using server = await startEcho({ unary: handler.unary });
    await using client = connectEcho(server);
    await assert.rejects(client.unary(Echo.method.unary, {}, { timeoutMs: 50 }), { code: "rpc.deadline" });
    assert.match((await handler.stopped).code, /^rpc\.(deadline|cancelled)$/);
  });

  it("are kept by the server when the client does not: DEADLINE_EXCEEDED", async () => {
    const handler = waitingUnary();
    await using server = await startEcho({ unary: handler.unary });
    const session = connect(`http://${server.address}`);
    const stream = session.request({
      ":method": "POST",
      ":path": "/rpctest.Echo/Unary",
      "content-type": "application/grpc",
      "grpc-timeout": "30m",
    });
    stream.end(frame(new Uint8Array(0))[0]);
    const answer = signalled<unknown>();
    stream.on("response", (headers) => answer.resolve([headers["grpc-status"], headers["p8e-code"]]));
    assert.deepEqual(await answer.promise, ["4", "rpc.deadline"]);
    assert.equal((await handler.stopped).code, "rpc.deadline");
    session.destroy();
  });

  it("of a stream ends it between messages", async () => {
    await using server = await startEcho({
      async *download(_request, { signal }) {
        for (;;) {
          yield {};
          await delay(10, undefined, { signal });
        }
      },
    });
    await using client = connectEcho(server);
    const responses = client.serverStream(Echo.method.download, {}, { timeoutMs: 100 });
    await assert.rejects(collect(responses), { code: "rpc.deadline" });
  });

  it("a malformed grpc-timeout fails the call", async () => {
    await using server = await startEcho();
    const session = connect(`http://${server.address}`);
    const headers = { ":method": "POST", ":path": "/rpctest.Echo/Unary", "content-type": "application/grpc" };
    const stream = session.request({ ...headers, "grpc-timeout": "soon" });
    const answer = signalled<unknown>();
    stream.on("response", (response) => answer.resolve(response["grpc-status"]));
    assert.equal(await answer.promise, "13");
    session.destroy();
  });
});

describe("a request stream that is cut off is not taken for a whole one", () => {
  const headers = { ":method": "POST", ":path": "/rpctest.Echo/Upload", "content-type": "application/grpc" };
  const message = Buffer.concat(frame(new Uint8Array(0)));
  const codes = ["NO_ERROR", "CANCEL", "INTERNAL_ERROR", "REFUSED_STREAM"] as const;

  for (const name of codes) {
    it(`RST_STREAM with ${name} before END_STREAM`, async () => {
      const { upload, outcomes, received } = watchedUpload();
      await using server = await startEcho({ upload });
      const session = connect(`http://${server.address}`);
      const stream = session.request(headers);
      stream.on("error", () => {});
      // node's own close() would send END_STREAM first.
      stream._final = (callback) => callback();
      stream.write(Buffer.concat([message, message]));
      await until(() => received[0] === 2, "two messages");
      stream.close(constants[`NGHTTP2_${name}`]);
      await until(() => outcomes.length === 1, "the handler's end");
      assert.deepEqual(outcomes, ["rpc.cancelled"]);
      session.destroy();
    });
  }

  for (const [how, kill] of [
    ["FIN", (socket: Socket) => socket.end()],
    ["RST", (socket: Socket) => socket.resetAndDestroy()],
  ] as const) {
    it(`a connection that ends with ${how}, also while messages wait to be read`, async () => {
      const started = signalled();
      const go = signalled();
      const { upload, outcomes } = watchedUpload();
      await using server = await startEcho({
        upload: async (requests) => {
          started.resolve();
          await go.promise;
          return upload(requests);
        },
      });
      const { Socket: NetSocket } = await import("node:net");
      const socket = new NetSocket().connect(server.port, "127.0.0.1");
      const session = connect(`http://${server.address}`, { createConnection: () => socket });
      session.on("error", () => {});
      const stream = session.request(headers);
      stream.on("error", () => {});
      stream._final = (callback) => callback();
      await new Promise((resolve) => stream.write(Buffer.concat([message, message, message]), resolve));
      await started.promise;
      await delay(30);
      kill(socket);
      await delay(30);
      go.resolve();
      await until(() => outcomes.length === 1, "the handler's end");
      assert.deepEqual(outcomes, ["rpc.cancelled"]);
      session.destroy();
    });
  }

  it("END_STREAM within a message", async () => {
    const { upload, outcomes } = watchedUpload();
    await using server = await startEcho({ upload });
    const session = connect(`http://${server.address}`);
    const stream = session.request(headers);
    stream.end(new Uint8Array([0, 0, 0, 0, 10, 1, 2]));
    await until(() => outcomes.length === 1, "the handler's end");
    assert.deepEqual(outcomes, ["rpc.protocol"]);
    session.destroy();
  });

  it("our own client's, whose source fails at once after a message, carries no END_STREAM", async () => {
    await using server = await startEcho();
    const flags: string[] = [];
    using proxy = await startFrameProxy(server.port, (type, bits) => {
      if (type === 0 && (bits & 1) === 1) flags.push("END_STREAM");
      if (type === 3) flags.push("RST_STREAM");
    });
    await using client = connectEcho(proxy);
    async function* broken() {
      yield { text: "a" };
      yield { text: "b" };
      throw new Error("disk gone");
    }
    await assert.rejects(client.clientStream(Echo.method.upload, broken()), { message: "disk gone" });
    await until(() => flags.length > 0, "the reset");
    assert.deepEqual(flags, ["RST_STREAM"]);
    assert.equal((await client.clientStream(Echo.method.upload, [{}, {}])).messages, 2);
    assert.deepEqual(flags, ["RST_STREAM", "END_STREAM"]);
  });

  it("our own client, cancelled at any moment, never leaves a whole stream behind", async () => {
    const { upload, outcomes } = watchedUpload();
    await using server = await startEcho({ upload });
    await using client = connectEcho(server);
    await client.connect();
    for (let round = 0; round < 100; round++) {
      const stop = new AbortController();
      const { source } = messages(1_000_000, 100 * round);
      const call = client.clientStream(Echo.method.upload, source, { signal: stop.signal });
      setTimeout(() => stop.abort(), round % 10);
      await assert.rejects(call, { code: "rpc.cancelled" });
    }
    await (await startEcho())[Symbol.asyncDispose]();
    assert.equal(outcomes.includes("whole"), false);
    assert.deepEqual([...new Set(outcomes)], ["rpc.cancelled"]);
  });
});

describe("a slow reader stops the sender", () => {
  it("of a server stream", async () => {
    let produced = 0;
    await using server = await startEcho({
      async *download() {
        for (; produced < 10_000; produced++) yield { data: new Uint8Array(100_000) };
      },
    });
    await using client = connectEcho(server);
    const responses = client.serverStream(Echo.method.download, {});
    await responses.next();
    let before = -1;
    while (before !== produced) {
      before = produced;
      await delay(100);
    }
    // The client's window and what both sides may queue, in messages of 100 kB; far from a gigabyte.
    assert.ok(produced < 40, `${produced} messages produced`);
    await responses.return?.();
  });

  it("of a client stream", async () => {
    const go = signalled();
    await using server = await startEcho({
      upload: async (requests) => {
        await requests.next();
        await go.promise;
        let messages = 1;
        for await (const _ of requests) messages++;
        return { messages };
      },
    });
    await using client = connectEcho(server);
    const { taken, source } = messages(200, 100_000);
    const call = client.clientStream(Echo.method.upload, source);
    let before = -1;
    while (before !== taken.count) {
      before = taken.count;
      await delay(100);
    }
    assert.ok(taken.count < 40, `${taken.count} messages taken`);
    go.resolve();
    assert.equal((await call).messages, 200);
  });

  it("and other calls on the connection go on", async () => {
    await using server = await startEcho();
    await using client = connectEcho(server);
    const stalled = Array.from({ length: 10 }, () =>
      client.serverStream(Echo.method.download, { count: 1000, size: 100_000 }),
    );
    await Promise.all(stalled.map((each) => each.next()));
    assert.equal((await client.unary(Echo.method.unary, { text: "through" })).text, "through");
    await Promise.all(stalled.map((each) => each.return?.()));
  });
});
