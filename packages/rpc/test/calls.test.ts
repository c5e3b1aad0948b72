// Our client against our server, in every kind of call.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { toBinary } from "@bufbuild/protobuf";
import { P8eError } from "@p8e/core";
import {
  type CallRecord,
  type Codec,
  handle,
  Metadata,
  messageCodec,
  type RpcLogEntry,
  RpcStatusError,
  rpcMethod,
  service,
  startRpcServer,
} from "../src/index.ts";
import { collect, connectEcho, Echo, messages, signalled, startEcho, until } from "./echo.ts";
import { MessageSchema, NewerMessageSchema } from "./proto/src/gen/echo_pb.ts";

describe("calls", () => {
  it("unary: the request comes back, fields of every type intact", async () => {
    await using server = await startEcho();
    await using client = connectEcho(server);
    const sent = { text: "größer ☃", data: new Uint8Array([0, 1, 255]), number: -(2n ** 63n) };
    const { $typeName, ...received } = await client.unary(Echo.method.unary, sent);
    assert.equal($typeName, "rpctest.Message");
    assert.deepEqual(received, sent);
  });

  it("unary: an empty message and one near the limit both pass", async () => {
    await using server = await startEcho();
    await using client = connectEcho(server);
    assert.equal((await client.unary(Echo.method.unary, {})).data.length, 0);
    const data = new Uint8Array(4 * 1024 * 1024 - 100).fill(7);
    assert.deepEqual((await client.unary(Echo.method.unary, { data })).data, data);
  });

  it("server stream: all responses, in order", async () => {
    await using server = await startEcho();
    await using client = connectEcho(server);
    const all = await collect(client.serverStream(Echo.method.download, { count: 300, size: 5000 }));
    assert.deepEqual(
      all.map((each) => Number(each.number)),
      Array.from({ length: 300 }, (_, at) => at),
    );
    assert.ok(all.every((each) => each.data.length === 5000 && each.data[4999] === Number(each.number & 255n)));
    assert.deepEqual(await collect(client.serverStream(Echo.method.download, { count: 0 })), []);
  });

  it("client stream: all requests arrive, from async and plain iterables", async () => {
    await using server = await startEcho();
    await using client = connectEcho(server);
    const summary = await client.clientStream(Echo.method.upload, messages(30, 2_000_000).source);
    assert.deepEqual([summary.messages, summary.bytes], [30, 60_000_000n]);
    assert.equal((await client.clientStream(Echo.method.upload, [])).messages, 0);
    assert.equal((await client.clientStream(Echo.method.upload, [{ text: "a" }, {}])).messages, 2);
  });

  it("bidi stream: a response can answer a request before the next is sent", async () => {
    await using server = await startEcho();
    await using client = connectEcho(server);
    const answered: string[] = [];
    let heard = signalled();
    async function* requests() {
      for (const text of ["a", "b", "c"]) {
        heard = signalled();
        yield { text };
        await heard.promise;
      }
    }
    for await (const each of client.bidiStream(Echo.method.chat, requests())) {
      answered.push(each.text);
      heard.resolve();
    }
    assert.deepEqual(answered, ["a", "b", "c"]);
  });

  it("many calls share the one connection and all get their own answer", async () => {
    let sessions = 0;
    await using server = await startEcho({}, { onSession: () => sessions++ });
    await using client = connectEcho(server);
    const answers = await Promise.all(
      Array.from({ length: 500 }, (_, at) => client.unary(Echo.method.unary, { number: BigInt(at) })),
    );
    assert.deepEqual(
      answers.map((each) => Number(each.number)),
      Array.from({ length: 500 }, (_, at) => at),
    );
    assert.equal(sessions, 1);
  });

  it("metadata goes both ways, text and binary, before and after the messages", async () => {
    const bytes = new Uint8Array([0, 128, 255]);
    await using server = await startEcho({
      unary: (request, context) => {
        assert.deepEqual(context.requestMetadata.getAll("x-test"), ["one", "two"]);
        assert.equal(context.requestMetadata.get("X-Client"), "all calls");
        context
          .responseHeader()
          .set("x-header", "h")
          .set("h-bin", context.requestMetadata.getBytes("raw-bin") ?? bytes);
        context.responseTrailer().append("x-trailer", "1").append("x-trailer", "2");
        return request;
      },
    });
    await using client = connectEcho(server, { metadata: { "x-client": "all calls" } });
    let header = new Metadata();
    let trailer = new Metadata();
    await client.unary(
      Echo.method.unary,
      {},
      {
        metadata: { "x-test": ["one", "two"], "raw-bin": bytes },
        onHeader: (received) => {
          header = received;
        },
        onTrailer: (received) => {
          trailer = received;
        },
      },
    );
    assert.deepEqual(
      [...header],
      [
        ["x-header", "h"],
        ["h-bin", bytes],
      ],
    );
    assert.deepEqual(
      [...trailer],
      [
        ["x-trailer", "1"],
        ["x-trailer", "2"],
      ],
    );
  });

  it("sendHeader tells the client of a stream that it is accepted, before there is a message", async () => {
    const go = signalled();
    await using server = await startEcho({
      async *download(_request, context) {
        context.sendHeader();
        await go.promise;
        yield { text: "late" };
      },
    });
    await using client = connectEcho(server);
    const header = signalled();
    const responses = client.serverStream(Echo.method.download, {}, { onHeader: () => header.resolve() });
    const first = responses.next();
    await header.promise;
    go.resolve();
    assert.equal((await first).value?.text, "late");
  });

  it("a handler's context names the method, the peer and the deadline", async () => {
    const seen = signalled<{ method: string; peer: string; leftMs: number; signal: boolean }>();
    await using server = await startEcho({
      unary: (request, context) => {
        const leftMs = (context.deadline ?? 0) - Date.now();
        seen.resolve({ method: context.method, peer: context.peer, leftMs, signal: context.signal.aborted });
        return request;
      },
    });
    await using client = connectEcho(server);
    await client.unary(Echo.method.unary, {}, { timeoutMs: 60_000 });
    const { method, peer, leftMs, signal } = await seen.promise;
    assert.equal(method, "/rpctest.Echo/Unary");
    assert.match(peer, /^127\.0\.0\.1:\d+$/);
    assert.ok(leftMs > 50_000 && leftMs <= 60_001, String(leftMs));
    assert.equal(signal, false);
  });

  it("codecs of one's own take the place of protobuf-es on both sides, encoding in parts", async () => {
    const raw: Codec<Uint8Array> = {
      decode: (bytes) => bytes,
      encode: (bytes) => [bytes.subarray(0, 5), bytes.subarray(5)],
    };
    const method = rpcMethod(Echo.method.unary, { request: raw, response: raw });
    await using server = await startRpcServer({
      port: 0,
      services: [service(Echo, {}), handle(method, (bytes) => bytes)],
    });
    await using client = connectEcho(server);
    const sent = messageCodec(MessageSchema).encode({ data: new Uint8Array(1_000_000).fill(1) }) as Uint8Array;
    assert.deepEqual(await client.unary(method, sent), sent);
    assert.equal((await client.unary(Echo.method.unary, { text: "typed" })).text, "typed");
  });
});

describe("what a newer or broken peer sends", () => {
  const bytesIn: Codec<unknown, Uint8Array> = { decode: (bytes) => bytes, encode: (bytes) => bytes };
  const rawUnary = rpcMethod(Echo.method.unary, { request: bytesIn });

  it("unknown fields are ignored, and are not echoed", async () => {
    await using server = await startEcho();
    await using client = connectEcho(server);
    const newer = messageCodec(NewerMessageSchema).encode({ text: "a", later: "b" }) as Uint8Array;
    const answer = await client.unary(rawUnary, newer);
    assert.equal(answer.text, "a");
    assert.equal(toBinary(MessageSchema, answer).length, 3);
  });

  it("invalid UTF-8 in a string is refused, and so are bytes that are no message", async () => {
    await using server = await startEcho();
    await using client = connectEcho(server);
    const [text, whole] = ["text in the message rpctest.Message", "the message rpctest.Message"];
    for (const [problem, bytes] of [
      [`${text} is a text that is not UTF-8`, [0x0a, 2, 0xc3, 0x28]],
      [`${text} ends before its announced length`, [0x0a, 100, 1]],
      [`${text} has the wire type 0, and its declaration has 2`, [0x08, 1]],
      [`${whole} ends within a number`, [0xff, 0xff, 0xff]],
      [`${text} has a tag or a length that none can have`, [0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f]],
    ] as const) {
      await assert.rejects(client.unary(rawUnary, new Uint8Array(bytes)), {
        code: "rpc.protocol",
        message: problem,
      });
    }
  });

  it("a response that cannot be decoded is rpc.protocol for the caller", async () => {
    const broken = rpcMethod(Echo.method.unary, { response: bytesIn });
    await using server = await startRpcServer({ port: 0, services: [handle(broken, () => new Uint8Array([0x0a, 9]))] });
    await using client = connectEcho(server);
    await assert.rejects(client.unary(Echo.method.unary, {}), { code: "rpc.protocol" });
  });
});

describe("errors", () => {
  it("a P8eError of a handler arrives with its code, message, and facts that name call and peer", async () => {
    await using server = await startEcho({
      unary: () => {
        throw new P8eError("store.maintenance", "Service is in maintenance mode", { facts: { secret: "stays" } });
      },
    });
    await using client = connectEcho(server);
    await assert.rejects(client.unary(Echo.method.unary, {}), (error: P8eError) => {
      assert.equal(error.code, "store.maintenance");
      assert.equal(error.message, "Service is in maintenance mode");
      assert.deepEqual(error.facts, {
        grpcStatus: "UNAVAILABLE",
        grpcMessage: "Service is in maintenance mode",
        method: "/rpctest.Echo/Unary",
        peer: client.target,
      });
      return true;
    });
  });

  it("what else a handler throws is INTERNAL with a neutral sentence, and goes to the log", async () => {
    const entries: RpcLogEntry[] = [];
    const failure = new Error("password is hunter2");
    const handlers = { unary: () => Promise.reject(failure) };
    await using server = await startEcho(handlers, { log: (entry) => entries.push(entry) });
    await using client = connectEcho(server);
    await assert.rejects(client.unary(Echo.method.unary, {}), {
      code: "internal.unexpected",
      message: "the server failed to answer this call",
    });
    await until(() => entries.length > 0, "the log entry");
    assert.deepEqual(
      entries.map(({ event, method, error }) => ({ event, method, error })),
      [{ event: "call.failed", method: "/rpctest.Echo/Unary", error: failure }],
    );
  });

  it("a method without a handler, of a service or of none, is UNIMPLEMENTED with a sentence", async () => {
    const options = { unimplemented: { missing: "Missing comes with the next version" } };
    await using server = await startRpcServer({ port: 0, services: [service(Echo, {}, options)] });
    await using client = connectEcho(server);
    await assert.rejects(client.unary(Echo.method.missing, {}), {
      code: "rpc.unimplemented",
      message: "Missing comes with the next version",
    });
    await assert.rejects(client.unary(Echo.method.unary, {}), {
      code: "rpc.unimplemented",
      message: "this server does not offer /rpctest.Echo/Unary",
    });
    await assert.rejects(client.clientStream(Echo.method.upload, messages(100, 100_000).source), {
      code: "rpc.unimplemented",
    });
    const elsewhere = { ...rpcMethod(Echo.method.unary), path: "/no.Such/Thing" };
    await assert.rejects(client.unary(elsewhere, {}), { code: "rpc.unimplemented" });
  });

  it("a stream that fails after some messages gives them first, then the error", async () => {
    await using server = await startEcho({
      async *download() {
        yield { data: new Uint8Array(2_000_000) };
        yield { data: new Uint8Array(2_000_000) };
        throw new P8eError("object.corrupt", "chunk 3 is damaged");
      },
    });
    await using client = connectEcho(server);
    let received = 0;
    const reading = async () => {
      for await (const each of client.serverStream(Echo.method.download, {})) received += each.data.length;
    };
    await assert.rejects(reading(), { code: "object.corrupt", message: "chunk 3 is damaged" });
    assert.equal(received, 4_000_000);
  });

  it("a server may answer a client stream before it has read it; the source is closed then", async () => {
    await using server = await startEcho({
      upload: async (requests) => {
        await requests.next();
        throw new RpcStatusError("INVALID_ARGUMENT", "Multipart upload is empty");
      },
    });
    await using client = connectEcho(server);
    const closed = signalled();
    const { taken, source } = messages(1_000_000, 100_000);
    async function* requests() {
      try {
        yield* source;
      } finally {
        closed.resolve();
      }
    }
    await assert.rejects(client.clientStream(Echo.method.upload, requests()), {
      code: "input.invalid",
      message: "Multipart upload is empty",
    });
    await closed.promise;
    assert.ok(taken.count < 1000, `${taken.count} messages taken`);
  });

  it("a failure of the request source comes out unchanged, and the server does not take it for the end", async () => {
    const outcome = signalled<unknown>();
    await using server = await startEcho({
      upload: async (requests) => {
        try {
          for await (const _ of requests);
          outcome.resolve("ended");
        } catch (error) {
          outcome.resolve(error);
          throw error;
        }
        return {};
      },
    });
    await using client = connectEcho(server);
    const broken = new Error("disk gone");
    async function* requests() {
      yield { text: "a" };
      await delay(20);
      throw broken;
    }
    await assert.rejects(client.clientStream(Echo.method.upload, requests()), (error) => error === broken);
    assert.equal(((await outcome.promise) as P8eError).code, "rpc.cancelled");
  });

  it("onCall tells how each call ended", async () => {
    const records: CallRecord[] = [];
    await using server = await startEcho(
      { unary: (request) => (request.text === "" ? Promise.reject(new P8eError("rpc.denied", "no")) : request) },
      { onCall: (record) => records.push(record) },
    );
    await using client = connectEcho(server, { metadata: { trace: "t1" } });
    await client.unary(Echo.method.unary, { text: "a" });
    await client.unary(Echo.method.unary, {}).catch(() => {});
    await until(() => records.length === 2, "two records");
    assert.deepEqual(
      records.map(({ method, status, requestMetadata }) => [method, status, requestMetadata.get("trace")]),
      [
        ["/rpctest.Echo/Unary", "OK", "t1"],
        ["/rpctest.Echo/Unary", "PERMISSION_DENIED", "t1"],
      ],
    );
  });
});

describe("limits on messages", () => {
  it("a request over the limit is RESOURCE_EXHAUSTED; unary, and in a stream at its place", async () => {
    const before = signalled<number>();
    await using server = await startEcho(
      {
        upload: async (requests) => {
          let count = 0;
          try {
            for await (const _ of requests) count++;
          } finally {
            before.resolve(count);
          }
          return {};
        },
      },
      { limits: { messageBytes: 10_000 } },
    );
    await using client = connectEcho(server);
    const large = { data: new Uint8Array(20_000) };
    await assert.rejects(client.unary(Echo.method.unary, large), { code: "input.too_large" });
    await assert.rejects(client.clientStream(Echo.method.upload, [{}, {}, large, {}]), {
      code: "input.too_large",
      message: "message of 20004 bytes is over the limit of 10000 bytes for one message",
    });
    assert.equal(await before.promise, 2);
    assert.equal((await client.unary(Echo.method.unary, { text: "still here" })).text, "still here");
  });

  it("a response over the client's limit is input.too_large for the caller", async () => {
    await using server = await startEcho();
    await using client = connectEcho(server, { limits: { messageBytes: 10_000 } });
    const request = { data: new Uint8Array(20_000) };
    await assert.rejects(client.unary(Echo.method.unary, request), { code: "input.too_large" });
    const download = client.serverStream(Echo.method.download, { count: 1, size: 20_000 });
    await assert.rejects(collect(download), { code: "input.too_large" });
  });
});
