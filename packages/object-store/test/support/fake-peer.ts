import { base64Encode } from "@p8e/core";
import * as objectStore from "@p8e/proto/object-store";
import { type RpcContext, type RpcServer, RpcStatusError, service, startRpcServer } from "@p8e/rpc";

export interface ReceivedObject {
  readonly hash: string;
  readonly properties: ReadonlyMap<string, Uint8Array>;
  readonly data: Uint8Array;
}

/** A peer that notes in which order it is sent what, and answers as it is told. */
export class FakePeer implements AsyncDisposable {
  readonly received: ReceivedObject[] = [];
  /** How many puts were begun. */
  begun = 0;
  answer: "accept" | "hang" | "refuse" | "deny" | "maintenance" = "accept";
  /** Denies these objects alone, by their hashes. */
  readonly denied = new Set<string>();
  #server: RpcServer | undefined;

  static async open(port = 0): Promise<FakePeer> {
    const peer = new FakePeer();
    peer.#server = await startRpcServer({
      port,
      services: [service(objectStore.ObjectService, { put: (chunks, call) => peer.#put(chunks, call) })],
    });
    return peer;
  }

  get url(): string {
    return `grpc://127.0.0.1:${this.#server!.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]();
  }

  async #put(chunks: AsyncIterable<objectStore.ChunkBidi>, call: RpcContext) {
    this.begun++;
    if (this.answer === "hang") {
      await new Promise((resolve) => call.signal.addEventListener("abort", resolve));
      throw call.signal.reason;
    }
    const properties = new Map<string, Uint8Array>();
    const data: Uint8Array[] = [];
    for await (const { impl } of chunks) {
      if (impl.case !== "chunk") continue;
      const { header, impl: part } = impl.value;
      if (part.case === "data") data.push(part.value.slice());
      if (part.case === "value") properties.set(header!.name, part.value.slice());
    }
    if (this.answer === "maintenance") throw new RpcStatusError("UNAVAILABLE", "Service is in maintenance mode");
    const hash = base64Encode(properties.get("HASH") ?? new Uint8Array(0));
    if (this.answer === "deny" || this.denied.has(hash)) throw new RpcStatusError("PERMISSION_DENIED", "not from you");
    if (this.answer === "refuse") throw new RpcStatusError("INVALID_ARGUMENT", "not this one");
    this.received.push({
      hash,
      properties,
      data: new Uint8Array(Buffer.concat(data)),
    });
    return {};
  }
}
