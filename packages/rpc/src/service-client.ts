import type { DescMessage, DescMethod, DescService, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import type { Requests, RpcClient } from "./client.ts";
import type { CallOptions } from "./client-call.ts";
import type { BidiStreamDesc, ClientStreamDesc, RpcKind, ServerStreamDesc, UnaryDesc } from "./method.ts";

/** A kind of method as a function over its messages. */
export type KindCall<K extends RpcKind, I extends DescMessage, O extends DescMessage> = K extends "unary"
  ? (request: MessageInitShape<I>, options?: CallOptions) => Promise<MessageShape<O>>
  : K extends "server_streaming"
    ? (request: MessageInitShape<I>, options?: CallOptions) => AsyncIterableIterator<MessageShape<O>>
    : K extends "client_streaming"
      ? (requests: Requests<MessageInitShape<I>>, options?: CallOptions) => Promise<MessageShape<O>>
      : (requests: Requests<MessageInitShape<I>>, options?: CallOptions) => AsyncIterableIterator<MessageShape<O>>;

/** The function for a method of a generated service. */
export type MethodCall<M extends DescMethod> = M extends {
  readonly methodKind: infer K extends RpcKind;
  readonly input: infer I extends DescMessage;
  readonly output: infer O extends DescMessage;
}
  ? KindCall<K, I, O>
  : never;

/** A generated service as an object with a function for each method, by the methods' local names. */
export type ServiceClient<S extends DescService> = { readonly [K in keyof S["method"]]: MethodCall<S["method"][K]> };

/**
 * The methods of a generated service as functions over a client's connection. Several services may share a client,
 * which stays with whoever made it. The calls fail as the client's own do: see RpcClient.
 *
 *     const health = serviceClient(Health, client);
 *     const answer = await health.check({}, { timeoutMs: 1000 });
 */
export function serviceClient<S extends DescService>(description: S, client: RpcClient): ServiceClient<S> {
  const calls = description.methods.map((method) => [method.localName, callOf(method, client)] as const);
  return Object.fromEntries(calls) as ServiceClient<S>;
}

/** The types above say what goes in and out; here a message is any object. */
type AnyRequest = MessageInitShape<DescMessage>;

function callOf(method: DescMethod, client: RpcClient): unknown {
  switch (method.methodKind) {
    case "unary":
      return (request: AnyRequest, options?: CallOptions) => client.unary(method as Unary, request, options);
    case "server_streaming":
      return (request: AnyRequest, options?: CallOptions) =>
        client.serverStream(method as ServerStream, request, options);
    case "client_streaming":
      return (requests: Requests<AnyRequest>, options?: CallOptions) =>
        client.clientStream(method as ClientStream, requests, options);
    case "bidi_streaming":
      return (requests: Requests<AnyRequest>, options?: CallOptions) =>
        client.bidiStream(method as BidiStream, requests, options);
  }
}

type Unary = UnaryDesc<DescMessage, DescMessage>;
type ServerStream = ServerStreamDesc<DescMessage, DescMessage>;
type ClientStream = ClientStreamDesc<DescMessage, DescMessage>;
type BidiStream = BidiStreamDesc<DescMessage, DescMessage>;
