import * as objectStore from "@p8e/proto/object-store";
import { type AddressRule, type ClientTlsSource, connectRpc, rpcMethod } from "@p8e/rpc";
import type { PeerLink } from "../replication/peer-link.ts";
import { chunkCodec } from "./chunk-codec.ts";
import { outgoingMessages } from "./outgoing-object.ts";
import { classifyFailure } from "./send-failure.ts";

const putMethod = rpcMethod(objectStore.ObjectService.method.put, { request: chunkCodec });
const CONNECT_MS = 10_000;

/** How other stores are reached: `tls` is for URLs that ask for it. */
export interface PeerWay {
  readonly tls?: ClientTlsSource;
  readonly refusesAddress?: AddressRule;
}

/** Another store as its gRPC services. @throws `input.invalid` for a URL that names no host */
export function connectPeer(url: string, way: PeerWay = {}): PeerLink {
  const client = connectRpc({ url, ...way });
  return {
    connect: (signal) => client.connect({ signal, timeoutMs: CONNECT_MS }),
    async send(outgoing, { signal, onProgress }) {
      await client.clientStream(putMethod, outgoingMessages(outgoing, onProgress), { signal });
    },
    failureOf: classifyFailure,
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}
