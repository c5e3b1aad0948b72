// A generated service as an object of functions.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { serviceClient } from "../src/index.ts";
import { collect, connectEcho, Echo, messages, startEcho } from "./echo.ts";

describe("a service's client", () => {
  it("has a function for each method, of its kind", async () => {
    await using server = await startEcho();
    await using client = connectEcho(server);
    const echo = serviceClient(Echo, client);
    assert.deepEqual(Object.keys(echo).sort(), Object.keys(Echo.method).sort());
    assert.equal((await echo.unary({ text: "one" })).text, "one");
    const downloaded = await collect(echo.download({ count: 3, size: 5 }));
    assert.deepEqual(
      downloaded.map(({ number }) => number),
      [0n, 1n, 2n],
    );
    const uploaded = await echo.upload(messages(4, 10).source);
    assert.deepEqual([uploaded.messages, uploaded.bytes], [4, 40n]);
    const said = await collect(echo.chat([{ text: "a" }, { text: "b" }]));
    assert.deepEqual(
      said.map(({ text }) => text),
      ["a", "b"],
    );
  });

  it("takes options for each call: metadata, timeout, signal, and shows the answer's header", async () => {
    await using server = await startEcho({
      unary: async (request, context) => {
        context.responseHeader().set("got", context.requestMetadata.get("sent") ?? "");
        if (request.text === "wait") await new Promise((resolve) => context.signal.addEventListener("abort", resolve));
        return request;
      },
    });
    await using client = connectEcho(server);
    const echo = serviceClient(Echo, client);
    let got: string | undefined;
    await echo.unary({}, { metadata: { sent: "x" }, onHeader: (header) => (got = header.get("got")) });
    assert.equal(got, "x");
    await assert.rejects(echo.unary({ text: "wait" }, { timeoutMs: 20 }), { code: "rpc.deadline" });
    const stop = new AbortController();
    const waiting = echo.unary({ text: "wait" }, { signal: stop.signal });
    stop.abort();
    await assert.rejects(waiting, { code: "rpc.cancelled" });
  });

  it("shares its connection with others", async () => {
    let sessions = 0;
    await using server = await startEcho({}, { onSession: () => (sessions += 1) });
    await using client = connectEcho(server);
    const [one, other] = [serviceClient(Echo, client), serviceClient(Echo, client)];
    await Promise.all([one.unary({}), other.unary({}), client.unary(Echo.method.unary, {})]);
    assert.equal(sessions, 1);
  });
});

describe("an error's metadata", () => {
  it("that the handler set goes out with it", async () => {
    await using server = await startEcho({
      unary: (_, context) => {
        context.responseHeader().set("height", "7");
        throw new Error("no");
      },
    });
    await using client = connectEcho(server);
    let height: string | undefined;
    const onHeader = (header: { get(name: string): string | undefined }) => (height = header.get("height"));
    await assert.rejects(client.unary(Echo.method.unary, {}, { onHeader }), { code: "internal.unexpected" });
    assert.equal(height, "7");
  });

  it("a path without a route is answered with the server's own sentence", async () => {
    await using server = await startEcho({}, { services: [], unknownMethod: (path) => `no ${path} here` });
    await using client = connectEcho(server);
    await assert.rejects(client.unary(Echo.method.unary, {}), {
      code: "rpc.unimplemented",
      message: `no /${Echo.typeName}/Unary here`,
    });
  });
});
