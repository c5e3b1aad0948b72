import type { DescMessage, DescMethod, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import { P8eError } from "@p8e/core";
import { type CallOptions, type CallSink, ClientCall, type Outgoing } from "./client-call.ts";
import { type AddressRule, ClientConnection } from "./client-session.ts";
import { InboundMessages } from "./inbound.ts";
import { clientLimits, type RpcClientLimits } from "./limits.ts";
import { Metadata, type MetadataInit } from "./metadata.ts";
import {
  type AnyCodec,
  type AnyMethod,
  type BidiStreamDesc,
  type ClientStreamDesc,
  type DecodedBy,
  decodeWith,
  type EncodableBy,
  encodeWith,
  type RpcMethod,
  rpcMethod,
  type ServerStreamDesc,
  type UnaryDesc,
} from "./method.ts";
import type { ClientTlsSource } from "./tls.ts";
import { hostAndPort, type PeerAddress, parsePeerUrl } from "./url.ts";

/** Where a client connects to: a peer's URL, or host and port. */
export type RpcTarget =
  | { readonly url: string; readonly host?: never; readonly port?: never }
  | { readonly url?: never; readonly host: string; readonly port: number };

/** Which peer, and how to deal with it. */
export type RpcClientOptions = RpcTarget & {
  /** With host and port: true or settings for TLS. With a URL the scheme decides, and these are its settings. */
  readonly tls?: boolean | ClientTlsSource | undefined;
  /** Asked of every address that is to be connected to, at every connect: what it returns says why it must not be. */
  readonly refusesAddress?: AddressRule | undefined;
  /** Sent with every call. */
  readonly metadata?: MetadataInit | undefined;
  readonly limits?: Partial<RpcClientLimits>;
};

/** Requests of a stream: read at the pace of the server, and closed when the call ends before they do. */
export type Requests<T> = AsyncIterable<T> | Iterable<T>;

/**
 * Calls to one peer over one connection, which is opened by the first call and again after a loss.
 *
 * Every call rejects, or its responses throw, with a P8eError: what the server answered (facts: grpcStatus, grpcMessage,
 * method, peer; the code is the server's own `p8e-code` or follows from the status), rpc.cancelled, rpc.deadline,
 * rpc.unavailable (no connection, or it was lost), rpc.tls (no connection, because of a certificate or the like; fact:
 * reason), configuration.invalid (TLS settings that are none), rpc.protocol, input.too_large (a response over the limit).
 * A stream that ended without a gRPC status has the code that gRPC gives to its HTTP/2 or HTTP code, and no grpcStatus. What
 * the source of a request stream throws comes out unchanged. Nothing is retried, except once a single request that the
 * server refused without looking at it.
 */
export interface RpcClient extends AsyncDisposable {
  /** `host:port` */
  readonly target: string;

  /** Opens the connection, to learn whether the peer is there. */
  connect(options?: Pick<CallOptions, "signal" | "timeoutMs">): Promise<void>;

  unary<I extends DescMessage, O extends DescMessage>(
    method: UnaryDesc<I, O>,
    request: MessageInitShape<I>,
    options?: CallOptions,
  ): Promise<MessageShape<O>>;
  unary<I extends AnyCodec, O extends AnyCodec>(
    method: RpcMethod<"unary", I, O>,
    request: EncodableBy<I>,
    options?: CallOptions,
  ): Promise<DecodedBy<O>>;

  /** Starts when the first response is asked for. Leaving the loop early cancels the call. */
  serverStream<I extends DescMessage, O extends DescMessage>(
    method: ServerStreamDesc<I, O>,
    request: MessageInitShape<I>,
    options?: CallOptions,
  ): AsyncIterableIterator<MessageShape<O>>;
  serverStream<I extends AnyCodec, O extends AnyCodec>(
    method: RpcMethod<"server_streaming", I, O>,
    request: EncodableBy<I>,
    options?: CallOptions,
  ): AsyncIterableIterator<DecodedBy<O>>;

  clientStream<I extends DescMessage, O extends DescMessage>(
    method: ClientStreamDesc<I, O>,
    requests: Requests<MessageInitShape<I>>,
    options?: CallOptions,
  ): Promise<MessageShape<O>>;
  clientStream<I extends AnyCodec, O extends AnyCodec>(
    method: RpcMethod<"client_streaming", I, O>,
    requests: Requests<EncodableBy<I>>,
    options?: CallOptions,
  ): Promise<DecodedBy<O>>;

  /** Starts when the first response is asked for. Leaving the loop early cancels the call. */
  bidiStream<I extends DescMessage, O extends DescMessage>(
    method: BidiStreamDesc<I, O>,
    requests: Requests<MessageInitShape<I>>,
    options?: CallOptions,
  ): AsyncIterableIterator<MessageShape<O>>;
  bidiStream<I extends AnyCodec, O extends AnyCodec>(
    method: RpcMethod<"bidi_streaming", I, O>,
    requests: Requests<EncodableBy<I>>,
    options?: CallOptions,
  ): AsyncIterableIterator<DecodedBy<O>>;
}

/**
 * A client for one peer. Nothing is opened yet. Throws input.invalid for a URL without scheme or host, or a host or port
 * that is none.
 *
 *     await using client = connectRpc({ url: "grpc://127.0.0.1:8080" });
 *     const answer = await client.unary(Health.method.check, {}, { timeoutMs: 1000 });
 */
export function connectRpc(options: RpcClientOptions): RpcClient {
  return new Http2RpcClient(options);
}

/** The overloads above are the types; from here on a method and its messages are opaque. */
type AnyCallable = AnyMethod | DescMethod;

class Http2RpcClient implements RpcClient {
  readonly #connection: ClientConnection;
  readonly #metadata: Metadata | undefined;
  readonly #limits: RpcClientLimits;
  readonly #methods = new WeakMap<DescMethod, AnyMethod>();

  constructor(options: RpcClientOptions) {
    const { tls } = options;
    if (options.url === undefined && !URL.canParse(`http://${hostAndPort(options.host, options.port)}`)) {
      throw new P8eError("input.invalid", "a peer's host or port is not one");
    }
    const address: PeerAddress =
      options.url === undefined
        ? { host: options.host, port: options.port, tls: tls !== undefined && tls !== false }
        : parsePeerUrl(options.url);
    this.#limits = clientLimits(options.limits);
    this.#connection = new ClientConnection(
      address,
      typeof tls === "boolean" ? {} : (tls ?? {}),
      this.#limits,
      options.refusesAddress,
    );
    this.#metadata = options.metadata === undefined ? undefined : new Metadata(options.metadata);
  }

  get target(): string {
    return this.#connection.target;
  }

  async connect(options: Pick<CallOptions, "signal" | "timeoutMs"> = {}): Promise<void> {
    const opening = this.#connection.session();
    const signals = options.signal === undefined ? [] : [options.signal];
    if (options.timeoutMs !== undefined) signals.push(AbortSignal.timeout(options.timeoutMs));
    const signal = AbortSignal.any(signals);
    const stopped = new Promise<never>((_resolve, reject) => {
      const stop = (): void => {
        const late = signal.reason instanceof Error && signal.reason.name === "TimeoutError";
        reject(new P8eError(late ? "rpc.deadline" : "rpc.cancelled", `gave up connecting to ${this.target}`));
      };
      if (signal.aborted) stop();
      else signal.addEventListener("abort", stop, { once: true });
    });
    await Promise.race([stopped, opening]);
  }

  unary(method: AnyCallable, request: unknown, options: CallOptions = {}): Promise<never> {
    const described = this.#describe(method);
    return this.#forOne(described, options, () => ({ message: encodeWith(described.request, request) }));
  }

  clientStream(method: AnyCallable, messages: Requests<unknown>, options: CallOptions = {}): Promise<never> {
    return this.#forOne(this.#describe(method), options, () => ({ messages }));
  }

  serverStream(method: AnyCallable, request: unknown, options: CallOptions = {}): AsyncIterableIterator<never> {
    const described = this.#describe(method);
    return this.#forMany(described, options, () => ({ message: encodeWith(described.request, request) }));
  }

  bidiStream(
    method: AnyCallable,
    messages: Requests<unknown>,
    options: CallOptions = {},
  ): AsyncIterableIterator<never> {
    return this.#forMany(this.#describe(method), options, () => ({ messages }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection.dispose();
  }

  #describe(method: AnyCallable): AnyMethod {
    if (method.kind !== "rpc") return method;
    let described = this.#methods.get(method);
    if (described === undefined) {
      described = rpcMethod(method) as AnyMethod;
      this.#methods.set(method, described);
    }
    return described;
  }

  #call(method: AnyMethod, options: CallOptions, sink: CallSink): ClientCall {
    const setup = {
      connection: this.#connection,
      method,
      metadata: this.#metadata,
      options,
      messageBytesMax: this.#limits.messageBytes,
    };
    return new ClientCall(setup, sink);
  }

  #forOne(method: AnyMethod, options: CallOptions, outgoing: () => Outgoing): Promise<never> {
    return new Promise((resolve, reject) => {
      let response: Uint8Array | undefined;
      const call = this.#call(method, options, {
        onOpen: () => {},
        onMessage: (bytes) => {
          if (response !== undefined) throw new P8eError("rpc.protocol", "the server sent more than one response");
          response = bytes;
        },
        onEnd: (error) => {
          if (error !== undefined) return reject(error);
          if (response === undefined) return reject(new P8eError("rpc.protocol", "the server sent no response"));
          try {
            resolve(decodeWith(method.response, response) as never);
          } catch (failure) {
            reject(failure);
          }
        },
      });
      call.start(outgoing());
    });
  }

  #forMany(method: AnyMethod, options: CallOptions, outgoing: () => Outgoing): AsyncIterableIterator<never> {
    return new Responses(method, (sink) => this.#call(method, options, sink), outgoing);
  }
}

/** The responses of a call that is opened when the first of them is asked for. */
class Responses implements AsyncIterableIterator<never> {
  readonly #inbound: InboundMessages<never>;
  readonly #call: ClientCall;
  readonly #outgoing: () => Outgoing;
  #stream: { pause(): unknown; resume(): unknown } | undefined;
  #state: "new" | "started" = "new";

  constructor(method: AnyMethod, open: (sink: CallSink) => ClientCall, outgoing: () => Outgoing) {
    const source = { pause: () => this.#stream?.pause(), resume: () => this.#stream?.resume() };
    const leave = (): void => this.#call.fail(new P8eError("rpc.cancelled", "the reader left"));
    this.#inbound = new InboundMessages(source, method.response as never, leave);
    this.#outgoing = outgoing;
    this.#call = open({
      onOpen: (stream) => {
        this.#stream = stream;
      },
      onMessage: (bytes) => this.#inbound.push(bytes),
      onEnd: (error, immediately) => (immediately ? this.#inbound.abort(error) : this.#inbound.end(error)),
    });
  }

  async next(): Promise<IteratorResult<never, undefined>> {
    if (this.#state === "new") {
      this.#state = "started";
      this.#call.start(this.#outgoing());
    }
    return this.#inbound.next();
  }

  return(): Promise<IteratorResult<never, undefined>> {
    this.#state = "started";
    return this.#inbound.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
