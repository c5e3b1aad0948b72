// A server that answers every kind of call, and what the tests of both sides share.
import { setTimeout as delay } from "node:timers/promises";
import {
  connectRpc,
  type Handlers,
  type RpcClient,
  type RpcClientOptions,
  type RpcServer,
  type RpcServerOptions,
  service,
  startRpcServer,
} from "../src/index.ts";
import { Echo } from "./proto/src/gen/echo_pb.ts";

export { Echo };

export const echoHandlers: Handlers<typeof Echo> = {
  unary: (request) => request,
  async *download(request) {
    for (let number = 0; number < request.count; number++) {
      yield { number: BigInt(number), data: new Uint8Array(request.size).fill(number & 0xff) };
    }
  },
  async upload(requests) {
    let messages = 0;
    let bytes = 0;
    for await (const request of requests) {
      messages++;
      bytes += request.data.length;
    }
    return { messages, bytes: BigInt(bytes) };
  },
  async *chat(requests) {
    for await (const request of requests) yield request;
  },
};

/** A server with the echo handlers, some of them replaced. */
export function startEcho(
  handlers: Handlers<typeof Echo> = {},
  options: Partial<RpcServerOptions> = {},
): Promise<RpcServer> {
  return startRpcServer({ port: 0, services: [service(Echo, { ...echoHandlers, ...handlers })], ...options });
}

export function connectEcho(server: { readonly port: number }, options: Partial<RpcClientOptions> = {}): RpcClient {
  return connectRpc({ ...options, host: "127.0.0.1", port: server.port } as RpcClientOptions);
}

/** A promise with its handles, for a handler to tell a test where it is. */
export function signalled<T = void>() {
  return Promise.withResolvers<T>();
}

/** Waits until the condition holds; fails after ten seconds. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const end = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`still waiting for: ${what}`);
    await delay(5);
  }
}

export async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const each of source) all.push(each);
  return all;
}

/** `count` messages with `size` bytes each, counting how many were asked for. */
export function messages(count: number, size: number) {
  const taken = { count: 0 };
  async function* source() {
    for (; taken.count < count; taken.count++) yield { data: new Uint8Array(size), number: BigInt(taken.count) };
  }
  return { taken, source: source() };
}
