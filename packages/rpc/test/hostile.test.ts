// What no honest peer sends. Every test ends with the server still answering.
import assert from "node:assert/strict";
import { type ClientHttp2Session, connect, constants, type OutgoingHttpHeaders } from "node:http2";
import { connect as connectTcp } from "node:net";
import { describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import fc from "fast-check";
import { frame } from "../src/frames.ts";
import type { RpcServer } from "../src/index.ts";
import { connectEcho, Echo, signalled, startEcho, until } from "./echo.ts";

const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
const grpc = { ":method": "POST", ":path": "/rpctest.Echo/Unary", "content-type": "application/grpc" };

function http2Frame(type: number, flags: number, stream: number, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** Sends bytes and waits until the server closes the connection or falls silent. */
async function sendRaw(server: RpcServer, bytes: Uint8Array): Promise<Buffer> {
  const socket = connectTcp(server.port, "127.0.0.1");
  const received: Buffer[] = [];
  socket.on("data", (chunk) => received.push(chunk)).on("error", () => {});
  socket.write(bytes);
  const closed = new Promise<void>((resolve) => socket.on("close", () => resolve()));
  await Promise.race([closed, delay(50)]);
  socket.destroy();
  return Buffer.concat(received);
}

/** The answer to one request: HTTP status and gRPC status, or how the stream was reset. */
function ask(session: ClientHttp2Session, headers: OutgoingHttpHeaders, body?: Uint8Array): Promise<string> {
  const stream = session.request(headers, { endStream: false });
  return new Promise((resolve) => {
    let answer = "";
    stream.on("response", (response) => {
      answer = `${response[":status"]} ${response["grpc-status"] ?? "-"}`;
    });
    stream.on("trailers", (trailers) => {
      answer += ` ${trailers["grpc-status"]}`;
    });
    stream.on("error", () => {});
    stream.on("close", () => resolve(answer === "" ? `reset ${stream.rstCode}` : answer));
    stream.resume();
    stream.end(body);
  });
}

async function withSession<T>(server: RpcServer, work: (session: ClientHttp2Session) => Promise<T>): Promise<T> {
  const session = connect(`http://${server.address}`);
  session.on("error", () => {});
  try {
    return await work(session);
  } finally {
    session.destroy();
  }
}

async function stillAnswers(server: RpcServer): Promise<void> {
  await using client = connectEcho(server);
  assert.equal((await client.unary(Echo.method.unary, { text: "alive" })).text, "alive");
}

describe("what is no gRPC call is refused", () => {
  it("by content type, method and what only browsers send", async () => {
    await using server = await startEcho();
    await withSession(server, async (session) => {
      const type = (value: string) => ask(session, { ...grpc, "content-type": value });
      assert.equal(await type("application/json"), "415 -");
      assert.equal(await type("application/grpc-web"), "415 -");
      assert.equal(await type("application/grpc-web+proto"), "415 -");
      assert.equal(await type("application/grpc+json"), "415 -");
      assert.equal(await ask(session, { ":method": "POST", ":path": grpc[":path"] }), "415 -");
      assert.equal(await ask(session, { ...grpc, ":method": "GET" }), "405 -");
      assert.equal(await ask(session, { ...grpc, ":method": "OPTIONS" }), "405 -");
      assert.equal(await ask(session, { ...grpc, origin: "https://evil.example" }), "403 -");
      assert.equal(await ask(session, { ...grpc, "sec-fetch-site": "cross-site" }), "403 -");
    });
    await stillAnswers(server);
  });

  it("while every form of the gRPC content type is taken", async () => {
    await using server = await startEcho();
    const body = Buffer.concat(frame(new Uint8Array(0)));
    await withSession(server, async (session) => {
      for (const value of ["application/grpc", "application/grpc+proto", "application/grpc;charset=utf-8"]) {
        assert.equal(await ask(session, { ...grpc, "content-type": value }, body), "200 - 0");
      }
    });
  });

  it("HTTP/1.1 gets no answer but a closed connection", async () => {
    await using server = await startEcho();
    const answer = await sendRaw(server, Buffer.from("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
    assert.equal(answer.includes("HTTP/1"), false);
    await assert.rejects(fetch(`http://${server.address}/rpctest.Echo/Unary`, { method: "POST", body: "{}" }));
    await stillAnswers(server);
  });
});

describe("hostile bytes", () => {
  it("garbage instead of HTTP/2, and garbage frames after the preface", async () => {
    await using server = await startEcho();
    await sendRaw(server, new Uint8Array(100_000).fill(255));
    const anyFrame = fc.record({
      type: fc.integer({ min: 0, max: 12 }),
      flags: fc.nat(255),
      stream: fc.oneof(fc.nat(7), fc.nat(2 ** 31 - 1)),
      payload: fc.uint8Array({ maxLength: 100 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(anyFrame, { maxLength: 12 }), fc.boolean(), async (frames, settings) => {
        const parts = frames.map(({ type, flags, stream, payload }) => http2Frame(type, flags, stream, payload));
        const hello = settings ? [PREFACE, http2Frame(4, 0, 0, new Uint8Array(0))] : [PREFACE];
        await sendRaw(server, Buffer.concat([...hello, ...parts]));
      }),
      { numRuns: 60 },
    );
    await stillAnswers(server);
  });

  it("garbage as messages of every kind of call", async () => {
    await using server = await startEcho();
    await withSession(server, async (session) => {
      const body = fc.uint8Array({ maxLength: 300 });
      const method = fc.constantFrom("Unary", "Download", "Upload", "Chat");
      await fc.assert(
        fc.asyncProperty(method, body, async (name, bytes) => {
          // A generous Download is what it asks for, not garbage.
          if (name === "Download" && bytes[0] === 0) return;
          const answer = await ask(session, { ...grpc, ":path": `/rpctest.Echo/${name}` }, bytes);
          assert.match(answer, /^200 (- )?(-|\d+)( \d+)?$/);
        }),
        { numRuns: 200 },
      );
    });
    await stillAnswers(server);
  });

  it("a message that claims 4 GiB is RESOURCE_EXHAUSTED at once, and nothing is allocated for it", async () => {
    await using server = await startEcho();
    const claim = new Uint8Array([0, 0xff, 0xff, 0xff, 0xff, 1, 2, 3]);
    const before = process.memoryUsage().arrayBuffers;
    await withSession(server, async (session) => {
      const answers = await Promise.all(Array.from({ length: 100 }, () => ask(session, grpc, claim)));
      assert.deepEqual([...new Set(answers)], ["200 8"]);
    });
    const used = process.memoryUsage().arrayBuffers - before;
    assert.ok(used < 64 * 1024 * 1024, `${used} bytes`);
    await stillAnswers(server);
  });

  it("too many or too large headers never reach a handler", async () => {
    let handled = 0;
    await using server = await startEcho({
      unary: (request) => (request.text === "alive" ? request : { text: `${++handled}` }),
    });
    const body = Buffer.concat(frame(new Uint8Array(0)));
    await withSession(server, async (session) => {
      const many = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`h${at}`, "1"]));
      assert.match(await ask(session, { ...grpc, ...many }, body), /^reset \d+$/);
    });
    await withSession(server, async (session) => {
      // Before the client has acknowledged our settings, HTTP/2's own 64 KiB are the bound.
      assert.match(
        await ask(session, { ...grpc, large: "x".repeat(60_000), more: "x".repeat(10_000) }, body),
        /^reset/,
      );
    });
    await withSession(server, async (session) => {
      // The announced limit is ours to keep then: a first request leaves before our settings have come.
      assert.equal(await ask(session, { ...grpc, large: "x".repeat(20_000) }, body), "431 -");
    });
    await withSession(server, async (session) => {
      assert.equal(await ask(session, { ...grpc, "content-type": "none" }), "415 -");
      assert.match(await ask(session, { ...grpc, large: "x".repeat(20_000) }, body), /^reset \d+$/);
    });
    assert.equal(handled, 0);
    await stillAnswers(server);
  });

  it("an endless header block (CONTINUATION), pings and settings without end do not stop the server", async () => {
    await using server = await startEcho();
    const hello = [PREFACE, http2Frame(4, 0, 0, new Uint8Array(0))];
    const more = http2Frame(9, 0, 1, new Uint8Array(16_000).fill(0x40));
    await sendRaw(server, Buffer.concat([...hello, http2Frame(1, 0, 1, new Uint8Array(0)), ...Array(500).fill(more)]));
    const ping = http2Frame(6, 0, 0, new Uint8Array(8));
    await sendRaw(server, Buffer.concat([...hello, ...Array(20_000).fill(ping)]));
    const settings = http2Frame(4, 0, 0, new Uint8Array([0, 4, 0, 0, 255, 255]));
    await sendRaw(server, Buffer.concat([...hello, ...Array(20_000).fill(settings)]));
    await stillAnswers(server);
  });

  it("a flood of calls that are reset at once loses its connection", async () => {
    let handled = 0;
    await using server = await startEcho(
      {
        unary: (request) => {
          handled++;
          return request;
        },
      },
      { limits: { resetBurst: 100, resetsPerSecond: 1 } },
    );
    await withSession(server, async (session) => {
      // What is reset before there is a connection is never sent.
      await new Promise((resolve) => session.once("remoteSettings", resolve));
      const lost = new Promise<void>((resolve) => session.on("close", () => resolve()));
      for (let count = 0; count < 5000 && !session.destroyed; count++) {
        const stream = session.request(grpc, { endStream: false });
        stream.on("error", () => {});
        stream.close(constants.NGHTTP2_CANCEL);
        if (count % 100 === 0) await delay(1);
      }
      await lost;
    });
    assert.ok(handled < 5000, String(handled));
    await stillAnswers(server);
  });
});

describe("peers that stall", () => {
  it("a unary request that never completes is DEADLINE_EXCEEDED after requestMs", async () => {
    await using server = await startEcho({}, { limits: { requestMs: 50 } });
    await withSession(server, async (session) => {
      const stream = session.request(grpc, { endStream: false });
      const answer = signalled<unknown>();
      stream.on("response", (headers) => answer.resolve(headers["grpc-status"]));
      stream.on("error", () => {});
      // A byte now and then does not help it.
      const drip = setInterval(() => stream.write(new Uint8Array(1)), 10);
      assert.equal(await answer.promise, "4");
      clearInterval(drip);
    });
    await stillAnswers(server);
  });

  it("a request stream without a message for stalledStreamMs fails the handler's requests", async () => {
    const outcome = signalled<unknown>();
    await using server = await startEcho(
      {
        upload: async (requests) => {
          try {
            for await (const _ of requests);
          } catch (error) {
            outcome.resolve((error as { code: unknown }).code);
            throw error;
          }
          return {};
        },
      },
      { limits: { stalledStreamMs: 50 } },
    );
    await withSession(server, async (session) => {
      const stream = session.request({ ...grpc, ":path": "/rpctest.Echo/Upload" }, { endStream: false });
      stream.on("error", () => {}).resume();
      stream.write(Buffer.concat(frame(new Uint8Array(0))));
      assert.equal(await outcome.promise, "rpc.deadline");
    });
  });

  it("a reader that reads nothing for stalledStreamMs loses its stream, and the generator is closed", async () => {
    let closed = false;
    await using server = await startEcho(
      {
        async *download() {
          try {
            for (;;) yield { data: new Uint8Array(100_000) };
          } finally {
            closed = true;
          }
        },
      },
      { limits: { stalledStreamMs: 100 } },
    );
    await withSession(server, async (session) => {
      const stream = session.request({ ...grpc, ":path": "/rpctest.Echo/Download" }, { endStream: false });
      stream.on("error", () => {});
      stream.end(Buffer.concat(frame(new Uint8Array(0))));
      await until(() => closed, "the generator's end");
    });
    await stillAnswers(server);
  });

  it("a handler that waits is not a peer that stalls", async () => {
    const limits = { requestMs: 30, stalledStreamMs: 30 };
    await using server = await startEcho(
      {
        async *download() {
          await delay(300);
          yield { text: "late" };
        },
      },
      { limits },
    );
    await using client = connectEcho(server);
    for await (const each of client.serverStream(Echo.method.download, {})) assert.equal(each.text, "late");
  });
});
