import type { DescMessage, DescMethod, DescService, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import type { Metadata } from "./metadata.ts";
import {
  type AnyCodec,
  type AnyMethod,
  type DecodedBy,
  type EncodableBy,
  pathOf,
  type RpcKind,
  type RpcMethod,
  rpcMethod,
} from "./method.ts";

/** What a handler knows of its call, and can do to it besides answering. */
export interface RpcContext {
  /** Aborted when the client cancels or is gone, the deadline passes, or the server stops. The reason is a P8eError. */
  readonly signal: AbortSignal;
  /** When the client stops waiting, in milliseconds since the epoch. */
  readonly deadline: number | undefined;
  readonly requestMetadata: Metadata;
  /** `/package.Service/Method` */
  readonly method: string;
  /** The client's `address:port`. */
  readonly peer: string;
  /** Whatever the handler wants told with the record of its call (`onCall`). */
  annotation: unknown;
  /** Metadata that goes out before the first message; too late once that is sent. */
  responseHeader(): Metadata;
  /** Metadata that goes out beside the status. */
  responseTrailer(): Metadata;
  /** Sends the header now, so that the client of a stream knows it is accepted before there is a message. */
  sendHeader(): void;
}

type Answer<T> = T | Promise<T>;

/**
 * A handler for a kind of method, over decoded requests and encodable responses.
 *
 * A stream of requests ends normally only when the client has ended it (END_STREAM); cut off by a reset or a lost
 * connection it throws rpc.cancelled. Some clients, @grpc/grpc-js among them, end their stream when they cancel, and
 * reset it a moment later: a handler that is about to make something lasting looks at `context.signal.aborted` once more,
 * after some I/O. Decoded `bytes` fields are views into network buffers: copy what is kept for long.
 */
export type KindHandler<K extends RpcKind, I, O> = K extends "unary"
  ? (request: I, context: RpcContext) => Answer<O>
  : K extends "server_streaming"
    ? (request: I, context: RpcContext) => Answer<AsyncIterable<O>>
    : K extends "client_streaming"
      ? (requests: AsyncIterableIterator<I>, context: RpcContext) => Answer<O>
      : (requests: AsyncIterableIterator<I>, context: RpcContext) => Answer<AsyncIterable<O>>;

/** The handler for a method of a generated service. */
export type Handler<M extends DescMethod> = M extends {
  readonly methodKind: infer K extends RpcKind;
  readonly input: infer I extends DescMessage;
  readonly output: infer O extends DescMessage;
}
  ? KindHandler<K, MessageShape<I>, MessageInitShape<O>>
  : never;

/** Handlers by the methods' local names. A method without one answers UNIMPLEMENTED. */
export type Handlers<S extends DescService> = { readonly [K in keyof S["method"]]?: Handler<S["method"][K]> };

/** How one path is answered: by a handler, or UNIMPLEMENTED with a sentence. */
export type Route =
  | { readonly method: AnyMethod; readonly handler: UntypedHandler }
  | { readonly method: AnyMethod; readonly unimplemented: string };

/** The shape in which the server calls a handler; the types above have checked what goes in and out. */
export type UntypedHandler = (input: unknown, context: RpcContext) => unknown;

/** What can be said of a service beside its handlers. */
export interface ServiceOptions<S extends DescService> {
  /** Why a method has no handler, as a sentence for its caller. */
  readonly unimplemented?: { readonly [K in keyof S["method"]]?: string };
}

/**
 * A generated service with its handlers, to be given to startRpcServer.
 *
 *     service(ObjectService, { put: (chunks, context) => …, get: async function* (request, context) { … } })
 */
export function service<S extends DescService>(
  description: S,
  handlers: Handlers<S>,
  options: ServiceOptions<S> = {},
): readonly Route[] {
  return description.methods.map((method): Route => {
    const name = method.localName as keyof S["method"];
    const handler = handlers[name] as UntypedHandler | undefined;
    const erased = rpcMethod(method) as AnyMethod;
    if (handler !== undefined) return { method: erased, handler };
    const reason = options.unimplemented?.[name] ?? `this server does not offer ${pathOf(method)}`;
    return { method: erased, unimplemented: reason };
  });
}

/** One method with its handler: for codecs of one's own (see rpcMethod). Takes the place of the same method of a service. */
export function handle<K extends RpcKind, I extends AnyCodec, O extends AnyCodec>(
  method: RpcMethod<K, I, O>,
  handler: KindHandler<K, DecodedBy<I>, EncodableBy<O>>,
): readonly Route[] {
  return [{ method: method as AnyMethod, handler: handler as UntypedHandler }];
}
