// What docs/decisions/0004 says of grpc-js: the fault of node:http2 is met by whoever limits a session's memory.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RpcStatusError } from "../src/index.ts";
import { startEcho } from "./echo.ts";
import { grpc, grpcDefinition } from "./grpc-js.ts";

const CALLS = 30;
const BYTES = 2_000_000;

/** Uploads of 6 MB by one client of grpc-js, answered with the status's number. */
function uploader(port: number, options: grpc.ClientOptions) {
  const client = new grpc.Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), options);
  const { path, requestSerialize, responseDeserialize } = grpcDefinition()["upload"]!;
  const upload = (timeoutMs: number) =>
    new Promise<number>((resolve) => {
      const limits = { deadline: Date.now() + timeoutMs };
      const call = client.makeClientStreamRequest(path, requestSerialize, responseDeserialize, limits, (error) =>
        resolve(error?.code ?? grpc.status.OK),
      );
      call.on("error", () => {});
      for (let message = 0; message < 3; message++) call.write({ data: new Uint8Array(BYTES) });
      call.end();
    });
  return { upload, [Symbol.dispose]: () => client.close() };
}

async function startRefusing() {
  let open = false;
  const server = await startEcho({
    upload: async (requests) => {
      if (!open) throw new RpcStatusError("UNAVAILABLE", "in maintenance");
      let messages = 0;
      for await (const _ of requests) messages++;
      return { messages };
    },
  });
  return { server, opens: () => (open = true) };
}

describe("a client of grpc-js whose uploads are refused early", () => {
  it("has used its connection up for good after a few, where the memory of its session is limited", async () => {
    const { server, opens } = await startRefusing();
    await using _ = server;
    using client = uploader(server.port, { "grpc-node.max_session_memory": 10 });
    let refused = 0;
    while (refused < CALLS && (await client.upload(5_000)) === grpc.status.UNAVAILABLE) refused++;
    assert.ok(refused > 0 && refused < CALLS, `${refused} were refused`);
    opens();
    for (let call = 0; call < 3; call++) assert.notEqual(await client.upload(5_000), grpc.status.OK);
  });

  it("goes on without that limit", async () => {
    const { server, opens } = await startRefusing();
    await using _ = server;
    using client = uploader(server.port, {});
    for (let call = 0; call < CALLS; call++) assert.equal(await client.upload(60_000), grpc.status.UNAVAILABLE);
    opens();
    assert.equal(await client.upload(60_000), grpc.status.OK);
  });
});
