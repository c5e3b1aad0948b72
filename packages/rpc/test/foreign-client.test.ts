// @grpc/grpc-js as the client of our server.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { P8eError } from "@p8e/core";
import { signalled, startEcho, until } from "./echo.ts";
import { type GrpcMessage, grpc, grpcClient } from "./grpc-js.ts";

describe("a grpc-js client", () => {
  it("unary: empty, small, and near the limit", async () => {
    await using server = await startEcho();
    using client = grpcClient(server.port);
    for (const size of [0, 10, 70_000, 4 * 1024 * 1024 - 100]) {
      const { message } = await client.unary({ text: "größer", data: new Uint8Array(size).fill(3), number: -1n });
      assert.equal(message["text"], "größer");
      assert.equal(message["number"], -1n);
      assert.deepEqual(Buffer.from(message.data), Buffer.alloc(size, 3));
    }
  });

  it("server stream: 40 messages of 2 MB", async () => {
    await using server = await startEcho();
    using client = grpcClient(server.port);
    let count = 0;
    for await (const each of client.download({ count: 40, size: 2_000_000 })) {
      assert.equal((each as GrpcMessage).data.length, 2_000_000);
      assert.equal((each as GrpcMessage)["number"], BigInt(count++));
    }
    assert.equal(count, 40);
  });

  it("client stream: 40 messages of 2 MB", async () => {
    await using server = await startEcho();
    using client = grpcClient(server.port);
    const { call, answer } = client.upload();
    const data = new Uint8Array(2_000_000);
    for (let count = 0; count < 40; count++) call.write({ data });
    call.end();
    const { message } = await answer;
    assert.deepEqual([message["messages"], message["bytes"]], [40, 80_000_000n]);
  });

  it("bidi stream: responses while requests are open", async () => {
    await using server = await startEcho();
    using client = grpcClient(server.port);
    const call = client.chat();
    const texts: unknown[] = [];
    call.on("data", (each: GrpcMessage) => {
      texts.push(each["text"]);
      if (texts.length === 3) call.end();
      else call.write({ text: `m${texts.length}` });
    });
    call.write({ text: "m0" });
    await new Promise((resolve) => call.on("end", resolve));
    assert.deepEqual(texts, ["m0", "m1", "m2"]);
  });

  it("metadata, text and binary, arrives; header and trailer come back", async () => {
    await using server = await startEcho({
      unary: (request, context) => {
        context.responseHeader().set("got", context.requestMetadata.getAll("k").join("|"));
        context.responseTrailer().set("raw-bin", context.requestMetadata.getBytes("raw-bin") ?? new Uint8Array());
        return request;
      },
    });
    using client = grpcClient(server.port);
    const metadata = new grpc.Metadata();
    metadata.add("k", "one");
    metadata.add("k", "two");
    metadata.add("raw-bin", Buffer.from([0, 200, 255]));
    const { header, trailer } = await client.unary({}, { metadata });
    assert.deepEqual(header?.get("got"), ["one|two"]);
    assert.deepEqual(trailer?.get("raw-bin"), [Buffer.from([0, 200, 255])]);
  });

  it("errors arrive as status, message and p8e-code", async () => {
    await using server = await startEcho({
      unary: () => {
        throw new P8eError("object.not_found", "no object größer than 100%");
      },
    });
    using client = grpcClient(server.port);
    await assert.rejects(client.unary({}), (error: grpc.ServiceError) => {
      assert.equal(error.code, grpc.status.NOT_FOUND);
      assert.equal(error.details, "no object größer than 100%");
      assert.deepEqual(error.metadata.get("p8e-code"), ["object.not_found"]);
      return true;
    });
    await assert.rejects(client.missing({}), { code: grpc.status.UNIMPLEMENTED });
  });

  it("an answer before the request is complete arrives as its status", async () => {
    await using server = await startEcho({
      upload: () => Promise.reject(new P8eError("store.maintenance", "Service is in maintenance mode")),
    });
    using client = grpcClient(server.port);
    for (let round = 0; round < 20; round++) {
      const { call, answer } = client.upload();
      for (let count = 0; count < 20; count++) call.write({ data: new Uint8Array(100_000) });
      await assert.rejects(answer, { code: grpc.status.UNAVAILABLE, details: "Service is in maintenance mode" });
    }
    assert.equal((await client.unary({ text: "next" })).message["text"], "next");
  });

  it("a deadline is DEADLINE_EXCEEDED, and aborts the handler", async () => {
    const stopped = signalled<string>();
    let reached = false;
    await using server = await startEcho({
      unary: async (request, { signal, deadline }) => {
        reached = true;
        assert.ok(deadline !== undefined);
        await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
        stopped.resolve((signal.reason as P8eError).code);
        return request;
      },
    });
    using client = grpcClient(server.port);
    // On a busy machine the first of them may pass before the server has heard of the call.
    for (let timeoutMs = 50; !reached; timeoutMs *= 2) {
      const call = client.unary({}, { options: { deadline: Date.now() + timeoutMs } });
      await assert.rejects(call, { code: grpc.status.DEADLINE_EXCEEDED });
    }
    assert.match(await stopped.promise, /^rpc\.(deadline|cancelled)$/);
  });

  it("a cancelled call aborts the handler", async () => {
    const started = signalled();
    const stopped = signalled<string>();
    await using server = await startEcho({
      unary: async (request, { signal }) => {
        signal.addEventListener("abort", () => stopped.resolve((signal.reason as P8eError).code));
        started.resolve();
        await stopped.promise;
        return request;
      },
    });
    using client = grpcClient(server.port);
    let call: grpc.ClientUnaryCall | undefined;
    const answer = client.unary({}, { onCall: (opened) => (call = opened) });
    answer.catch(() => {});
    await started.promise;
    call?.cancel();
    await assert.rejects(answer, { code: grpc.status.CANCELLED });
    assert.equal(await stopped.promise, "rpc.cancelled");
  });

  it("a cancelled upload is aborted even where grpc-js has ended its stream before the reset", async () => {
    const aborted: boolean[] = [];
    await using server = await startEcho({
      upload: async (requests, { signal }) => {
        try {
          for await (const _ of requests);
          // It looked whole; the reset comes behind it, however busy the machine is.
          await until(() => signal.aborted, "the signal of what looked whole").catch(() => undefined);
        } finally {
          aborted.push(signal.aborted);
        }
        return {};
      },
    });
    using client = grpcClient(server.port);
    await client.unary({});
    for (let round = 0; round < 20; round++) {
      const { call } = client.upload();
      call.write({ text: "a" });
      await new Promise((resolve) => setTimeout(resolve, 10));
      call.cancel();
      await until(() => aborted.length === round + 1, "the handler's end");
    }
    assert.deepEqual([...new Set(aborted)], [true]);
  });

  it("a message over the limit is RESOURCE_EXHAUSTED", async () => {
    await using server = await startEcho({}, { limits: { messageBytes: 1000 } });
    using client = grpcClient(server.port);
    await assert.rejects(client.unary({ data: new Uint8Array(2000) }), { code: grpc.status.RESOURCE_EXHAUSTED });
  });

  it("gzip is refused with UNIMPLEMENTED", async () => {
    await using server = await startEcho();
    const options = { "grpc.default_compression_algorithm": grpc.compressionAlgorithms.gzip };
    const client = new grpc.Client(`127.0.0.1:${server.port}`, grpc.credentials.createInsecure(), options);
    const answer = new Promise((_resolve, reject) => {
      const identity = (bytes: Buffer) => bytes;
      client.makeUnaryRequest("/rpctest.Echo/Unary", identity, identity, Buffer.from([0x0a, 1, 65]), (error) =>
        reject(error),
      );
    });
    await assert.rejects(answer, {
      code: grpc.status.UNIMPLEMENTED,
      details: 'compression "gzip" is not supported, only identity is',
    });
    client.close();
  });

  it("draining lets its open call finish and takes no new one", async () => {
    const go = signalled();
    const started = signalled();
    const server = await startEcho({
      unary: async (request) => {
        started.resolve();
        await go.promise;
        return request;
      },
    });
    using client = grpcClient(server.port);
    const open = client.unary({ text: "finishes" });
    await started.promise;
    const drained = server.drain(10_000);
    await new Promise((resolve) => setTimeout(resolve, 100));
    go.resolve();
    assert.equal((await open).message["text"], "finishes");
    await drained;
    await assert.rejects(client.unary({}), { code: grpc.status.UNAVAILABLE });
  });
});
