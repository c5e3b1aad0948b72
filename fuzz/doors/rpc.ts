import { connect } from "node:net";
import { concatBytes, utf8Encode } from "@p8e/core";
import * as health from "@p8e/proto/health";
import { service, startRpcServer } from "@p8e/rpc";
import type { Door } from "../door.ts";
import type { Random } from "../random.ts";

const QUIET_MS = 15;
const PREFACE = utf8Encode("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

/** The port of a server without TLS: whatever comes on a connection, after HTTP/2's preface or not. */
export async function openDoor(): Promise<Door> {
  const services = [service(health.Health, { check: () => ({ status: 1 }) })];
  const server = await startRpcServer({ host: "127.0.0.1", port: 0, services });
  const settings = frame(4, 0, 0, new Uint8Array(0));
  const headers = utf8Encode("\x83\x86\x44\x0d/grpc.health");
  return {
    seeds: [
      concatBytes(PREFACE, settings),
      concatBytes(PREFACE, settings, frame(1, 4, 1, headers), frame(0, 1, 1, new Uint8Array(5))),
      utf8Encode("GET / HTTP/1.1\r\nhost: x\r\n\r\n"),
    ],
    bytesMax: 256 * 1024,
    generate: frames,
    run: (input) => sent(server.port, input),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

function frame(type: number, flags: number, stream: number, payload: Uint8Array): Uint8Array {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream >>> 0, 5);
  return concatBytes(head, payload);
}

function frames(random: Random): Uint8Array {
  const parts = Array.from({ length: 1 + random.size(30) }, () =>
    frame(
      random.below(12),
      random.below(64),
      random.size(9),
      random.bytes(random.pick([0, 4, 5, 6, 8, random.size(300)])),
    ),
  );
  return concatBytes(PREFACE, ...parts);
}

/** Until the server closes the connection or has been quiet for a while. */
function sent(port: number, bytes: Uint8Array): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const socket = connect(port, "127.0.0.1");
  let timer = setTimeout(() => socket.destroy(), 2000);
  socket.on("data", () => {
    clearTimeout(timer);
    timer = setTimeout(() => socket.destroy(), QUIET_MS);
  });
  socket.on("error", () => undefined);
  socket.on("close", () => {
    clearTimeout(timer);
    resolve();
  });
  socket.end(bytes);
  return promise;
}
