// @grpc/grpc-js as the server of our client.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { P8eError } from "@p8e/core";
import { Metadata } from "../src/index.ts";
import { collect, connectEcho, Echo, messages, signalled } from "./echo.ts";
import { type GrpcMessage, grpc, grpcServer } from "./grpc-js.ts";

const echo: grpc.UntypedServiceImplementation = {
  unary: (call: grpc.ServerUnaryCall<GrpcMessage, object>, done: grpc.sendUnaryData<object>) =>
    done(null, call.request),
  download: async (call: grpc.ServerWritableStream<{ count: number; size: number }, object>) => {
    for (let number = 0; number < call.request.count; number++) {
      const data = new Uint8Array(call.request.size).fill(number);
      if (!call.write({ number: BigInt(number), data })) await new Promise((resolve) => call.once("drain", resolve));
    }
    call.end();
  },
  upload: async (call: grpc.ServerReadableStream<GrpcMessage, object>, done: grpc.sendUnaryData<object>) => {
    let count = 0;
    let bytes = 0;
    for await (const each of call) {
      count++;
      bytes += (each as GrpcMessage).data.length;
    }
    done(null, { messages: count, bytes: BigInt(bytes) });
  },
  chat: (call: grpc.ServerDuplexStream<object, object>) => {
    call.on("data", (each) => call.write(each));
    call.on("end", () => call.end());
  },
};

describe("a grpc-js server", () => {
  it("unary: empty, small, and near the limit", async () => {
    using server = await grpcServer(echo);
    await using client = connectEcho(server);
    for (const size of [0, 10, 70_000, 4 * 1024 * 1024 - 100]) {
      const data = new Uint8Array(size).fill(9);
      const answer = await client.unary(Echo.method.unary, { text: "größer", data, number: 5n });
      assert.deepEqual([answer.text, answer.number], ["größer", 5n]);
      assert.deepEqual(answer.data, data);
    }
  });

  it("server stream: 40 messages of 2 MB", async () => {
    using server = await grpcServer(echo);
    await using client = connectEcho(server);
    const all = await collect(client.serverStream(Echo.method.download, { count: 40, size: 2_000_000 }));
    assert.deepEqual(
      all.map((each) => Number(each.number)),
      Array.from({ length: 40 }, (_, at) => at),
    );
    assert.ok(all.every((each) => each.data.length === 2_000_000 && each.data[1_999_999] === Number(each.number)));
  });

  it("client stream: 40 messages of 2 MB", async () => {
    using server = await grpcServer(echo);
    await using client = connectEcho(server);
    const summary = await client.clientStream(Echo.method.upload, messages(40, 2_000_000).source);
    assert.deepEqual([summary.messages, summary.bytes], [40, 80_000_000n]);
  });

  it("bidi stream: responses while requests are open", async () => {
    using server = await grpcServer(echo);
    await using client = connectEcho(server);
    let heard = signalled();
    async function* requests() {
      for (const text of ["a", "b", "c"]) {
        heard = signalled();
        yield { text };
        await heard.promise;
      }
    }
    const texts: string[] = [];
    for await (const each of client.bidiStream(Echo.method.chat, requests())) {
      texts.push(each.text);
      heard.resolve();
    }
    assert.deepEqual(texts, ["a", "b", "c"]);
  });

  it("metadata arrives; header and trailer come back", async () => {
    using server = await grpcServer({
      ...echo,
      unary: (call: grpc.ServerUnaryCall<GrpcMessage, object>, done: grpc.sendUnaryData<object>) => {
        const header = new grpc.Metadata();
        for (const value of call.metadata.get("k")) header.add("got", value);
        call.sendMetadata(header);
        const trailer = new grpc.Metadata();
        for (const value of call.metadata.get("raw-bin")) trailer.add("raw-bin", value);
        done(null, call.request, trailer);
      },
    });
    await using client = connectEcho(server);
    const bytes = new Uint8Array([0, 200, 255]);
    let header = new Metadata();
    let trailer = new Metadata();
    await client.unary(
      Echo.method.unary,
      {},
      {
        metadata: { k: "one", "raw-bin": bytes },
        onHeader: (received) => {
          header = received;
        },
        onTrailer: (received) => {
          trailer = received;
        },
      },
    );
    assert.equal(header.get("got"), "one");
    assert.deepEqual(trailer.getBytes("raw-bin"), bytes);
  });

  it("errors become P8eErrors by their status, with the peer's words", async () => {
    using server = await grpcServer({
      ...echo,
      unary: (call: grpc.ServerUnaryCall<GrpcMessage, object>, done: grpc.sendUnaryData<object>) =>
        done({ code: Number(call.request["number"]), details: "größer als 100%" }),
    });
    await using client = connectEcho(server);
    const codeFor = async (number: number) => {
      const failure = client.unary(Echo.method.unary, { number: BigInt(number) });
      return failure.then(
        () => "none",
        (error: P8eError) => {
          assert.equal(error.message, "größer als 100%");
          assert.equal(error.facts["method"], "/rpctest.Echo/Unary");
          return `${error.code} ${String(error.facts["grpcStatus"])}`;
        },
      );
    };
    assert.equal(await codeFor(grpc.status.NOT_FOUND), "rpc.not_found NOT_FOUND");
    assert.equal(await codeFor(grpc.status.UNAUTHENTICATED), "rpc.denied UNAUTHENTICATED");
    assert.equal(await codeFor(grpc.status.UNAVAILABLE), "rpc.unavailable UNAVAILABLE");
    await assert.rejects(client.unary(Echo.method.missing, {}), { code: "rpc.unimplemented" });
  });

  it("a deadline is told to the server and kept", async () => {
    const told = signalled<number>();
    using server = await grpcServer({
      ...echo,
      unary: (call: grpc.ServerUnaryCall<GrpcMessage, object>) => {
        const deadline = call.getDeadline();
        told.resolve(deadline instanceof Date ? deadline.getTime() : deadline);
      },
    });
    await using client = connectEcho(server);
    const before = Date.now();
    await assert.rejects(client.unary(Echo.method.unary, {}, { timeoutMs: 200 }), { code: "rpc.deadline" });
    const deadline = (await told.promise) - before;
    assert.ok(deadline > 0 && deadline <= 1000, String(deadline));
  });

  it("a cancelled call is cancelled there", async () => {
    const started = signalled();
    const cancelled = signalled();
    using server = await grpcServer({
      ...echo,
      unary: (call: grpc.ServerUnaryCall<GrpcMessage, object>) => {
        call.on("cancelled", () => cancelled.resolve());
        started.resolve();
      },
    });
    await using client = connectEcho(server);
    const stop = new AbortController();
    const call = client.unary(Echo.method.unary, {}, { signal: stop.signal });
    await started.promise;
    stop.abort();
    await assert.rejects(call, { code: "rpc.cancelled" });
    await cancelled.promise;
  });
});
