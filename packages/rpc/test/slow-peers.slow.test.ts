// A peer that is slow is not one that has stalled.
import assert from "node:assert/strict";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { describe, it } from "node:test";
import { connectEcho, Echo, startEcho } from "./echo.ts";

const MESSAGE_BYTES = 3_900_000;
// The kernel takes and gives in gulps of up to half the message: between the time of a gulp and that of the whole.
const STALLED_MS = 7000;
const STEP_MS = 150;

/** A TCP proxy that passes on what the server sends one read at a time, with a pause after each. */
async function startSlowProxy(port: number) {
  const sockets: Socket[] = [];
  const proxy = createServer((inner) => {
    const outer = connect(port, "127.0.0.1");
    sockets.push(inner, outer);
    inner.on("error", () => {}).pipe(outer);
    outer.on("error", () => {});
    outer.on("data", (chunk) => {
      outer.pause();
      inner.write(chunk);
      setTimeout(() => outer.resume(), STEP_MS);
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const dispose = (): void => {
    proxy.close();
    for (const socket of sockets) socket.destroy();
  };
  return { port: (proxy.address() as AddressInfo).port, [Symbol.dispose]: dispose };
}

describe("a message that takes longer to arrive than a stalled stream is given", () => {
  it("arrives, since some of it is taken all the time", async () => {
    await using server = await startEcho({}, { limits: { stalledStreamMs: STALLED_MS } });
    using proxy = await startSlowProxy(server.port);
    await using client = connectEcho(proxy);
    const began = performance.now();
    const sizes: number[] = [];
    for await (const { data } of client.serverStream(Echo.method.download, { count: 1, size: MESSAGE_BYTES })) {
      sizes.push(data.length);
    }
    assert.deepEqual(sizes, [MESSAGE_BYTES]);
    assert.ok(performance.now() - began > STALLED_MS, "too fast to show anything");
  });
});
