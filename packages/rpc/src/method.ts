import {
  create,
  type DescMessage,
  type DescMethod,
  type DescMethodBiDiStreaming,
  type DescMethodClientStreaming,
  type DescMethodServerStreaming,
  type DescMethodUnary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { isP8eError, P8eError } from "@p8e/core";
import { decodeMessage, messageBudget } from "@p8e/decoding";
import type { EncodedMessage } from "./frames.ts";

/**
 * How a message becomes bytes and back. `decode` may keep views into the bytes; `encode` may return the message in
 * parts, which are then written without being joined, and which must not change until they are.
 */
export interface Codec<Decoded, Encodable = Decoded> {
  decode(bytes: Uint8Array): Decoded;
  encode(message: Encodable): EncodedMessage;
}

/** A codec whose messages are nobody's business here. */
export type AnyCodec = Codec<unknown, never>;
/** What a codec makes of received bytes. */
export type DecodedBy<C extends AnyCodec> = ReturnType<C["decode"]>;
/** What a codec can make bytes of. */
export type EncodableBy<C extends AnyCodec> = Parameters<C["encode"]>[0];

/** unary, server_streaming, client_streaming or bidi_streaming. */
export type RpcKind = DescMethod["methodKind"];

/** A method as this layer sees it: where it is, what kind, and how its messages are read and written. */
export interface RpcMethod<K extends RpcKind, I extends AnyCodec, O extends AnyCodec> {
  readonly kind: K;
  /** `/package.Service/Method` */
  readonly path: string;
  readonly request: I;
  readonly response: O;
}

/** A method whose messages are nobody's business here. */
export type AnyMethod = RpcMethod<RpcKind, AnyCodec, AnyCodec>;

/** How many bytes a message may have is for the connection's limit to say: `RpcLimits.messageBytes`. */
const budget = { ...messageBudget, bytes: Number.POSITIVE_INFINITY };

/** A codec for the messages of one schema. */
export type MessageCodec<D extends DescMessage> = Codec<MessageShape<D>, MessageInitShape<D>>;

/**
 * protobuf-es for one message. Unknown fields are skipped, `bytes` fields are views; a message that would cost more than
 * `messageBudget` when it is decoded is refused before it is, as input.too_large, and so is what servers in Go and Rust
 * refuse: a known field under another wire type, a text that is not UTF-8.
 */
export function messageCodec<D extends DescMessage>(schema: D): MessageCodec<D> {
  const context = { what: `the message ${schema.typeName}`, code: "rpc.protocol" } as const;
  return {
    decode: (bytes) => decodeMessage(schema, bytes, context, { budget, keepUnknown: false }),
    encode: (message) => toBinary(schema, create(schema, message)),
  };
}

/** The method of a generated service with a codec of one's own for one or both of its messages. */
export function rpcMethod<
  M extends DescMethod,
  I extends AnyCodec = MessageCodec<M["input"]>,
  O extends AnyCodec = MessageCodec<M["output"]>,
>(method: M, codecs: { readonly request?: I; readonly response?: O } = {}): RpcMethod<M["methodKind"], I, O> {
  return {
    kind: method.methodKind,
    path: pathOf(method),
    // Without a codec given, I and O are their defaults.
    request: codecs.request ?? (messageCodec(method.input) as AnyCodec as I),
    response: codecs.response ?? (messageCodec(method.output) as AnyCodec as O),
  };
}

/** The path that a method is called by: `/package.Service/Method`. */
export function pathOf(method: DescMethod): string {
  return `/${method.parent.typeName}/${method.name}`;
}

/** Decodes, turning what the decoder throws into rpc.protocol; the bytes stay out of the message. */
export function decodeWith<T>(codec: Codec<T, never>, bytes: Uint8Array): T {
  try {
    return codec.decode(bytes);
  } catch (cause) {
    if (isP8eError(cause)) throw cause;
    throw new P8eError("rpc.protocol", "the message could not be decoded", { cause });
  }
}

/** Encodes, turning what the encoder throws into input.invalid. */
export function encodeWith(codec: AnyCodec, message: unknown): EncodedMessage {
  try {
    return (codec as Codec<unknown>).encode(message);
  } catch (cause) {
    if (isP8eError(cause)) throw cause;
    throw new P8eError("input.invalid", "the message could not be encoded", { cause });
  }
}

/** The description of a method by its kind, as generated code has it: one request, one response. */
export type UnaryDesc<I extends DescMessage, O extends DescMessage> = DescMethodUnary<I, O>;
/** One request, a stream of responses. */
export type ServerStreamDesc<I extends DescMessage, O extends DescMessage> = DescMethodServerStreaming<I, O>;
/** A stream of requests, one response. */
export type ClientStreamDesc<I extends DescMessage, O extends DescMessage> = DescMethodClientStreaming<I, O>;
/** A stream in both directions. */
export type BidiStreamDesc<I extends DescMessage, O extends DescMessage> = DescMethodBiDiStreaming<I, O>;
