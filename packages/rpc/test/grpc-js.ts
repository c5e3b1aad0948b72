// @grpc/grpc-js as a peer, speaking the test service with protobuf-es messages.
import { create, type DescMethod, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import * as grpc from "@grpc/grpc-js";
import { Echo } from "./proto/src/gen/echo_pb.ts";

export { grpc };

/** The service as grpc-js wants it described. */
export function grpcDefinition(): grpc.ServiceDefinition {
  return Object.fromEntries(Echo.methods.map((method) => [method.localName, definitionOf(method)]));
}

function definitionOf(method: DescMethod): grpc.MethodDefinition<object, object> {
  const serialize = (schema: DescMethod["input"]) => (value: object) =>
    Buffer.from(toBinary(schema, create(schema, value as MessageInitShape<typeof schema>)));
  const deserialize = (schema: DescMethod["input"]) => (bytes: Buffer) => fromBinary(schema, bytes);
  return {
    path: `/${method.parent.typeName}/${method.name}`,
    requestStream: method.methodKind === "client_streaming" || method.methodKind === "bidi_streaming",
    responseStream: method.methodKind === "server_streaming" || method.methodKind === "bidi_streaming",
    requestSerialize: serialize(method.input),
    requestDeserialize: deserialize(method.input),
    responseSerialize: serialize(method.output),
    responseDeserialize: deserialize(method.output),
  };
}

/** What the tests use of a grpc-js client for this service. */
export interface GrpcEcho extends Disposable {
  unary(request: object, options?: UnaryOptions): Promise<GrpcAnswer>;
  upload(options?: grpc.CallOptions): { call: grpc.ClientWritableStream<object>; answer: Promise<GrpcAnswer> };
  download(request: object, options?: grpc.CallOptions): grpc.ClientReadableStream<GrpcMessage>;
  chat(): grpc.ClientDuplexStream<object, GrpcMessage>;
  missing(request: object): Promise<GrpcAnswer>;
}

export type GrpcMessage = Readonly<Record<string, unknown>> & { readonly data: Uint8Array };

export interface UnaryOptions {
  readonly metadata?: grpc.Metadata;
  readonly options?: grpc.CallOptions;
  readonly onCall?: (call: grpc.ClientUnaryCall) => void;
}

export interface GrpcAnswer {
  readonly message: GrpcMessage;
  readonly header: grpc.Metadata | undefined;
  readonly trailer: grpc.Metadata | undefined;
}

export function grpcClient(port: number): GrpcEcho {
  const definition = grpcDefinition();
  const client = new grpc.Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  const of = (name: string) => {
    const method = definition[name] as grpc.MethodDefinition<object, GrpcMessage>;
    return [method.path, method.requestSerialize, method.responseDeserialize] as const;
  };
  const unary = (name: string, request: object, { metadata, options, onCall }: UnaryOptions = {}) =>
    new Promise<GrpcAnswer>((resolve, reject) => {
      let header: grpc.Metadata | undefined;
      let trailer: grpc.Metadata | undefined;
      let message: GrpcMessage | undefined;
      const call = client.makeUnaryRequest(
        ...of(name),
        request,
        metadata ?? new grpc.Metadata(),
        options ?? {},
        (error, value) => {
          if (error) reject(error);
          else message = value;
        },
      );
      call.on("metadata", (received: grpc.Metadata) => {
        header = received;
      });
      call.on("status", (status: grpc.StatusObject) => {
        trailer = status.metadata;
        setImmediate(() => message !== undefined && resolve({ message, header, trailer }));
      });
      onCall?.(call);
    });
  return {
    unary: (request, options) => unary("unary", request, options),
    missing: (request) => unary("missing", request),
    upload: (options = {}) => {
      const { promise, resolve, reject } = Promise.withResolvers<GrpcAnswer>();
      promise.catch(() => {});
      const call = client.makeClientStreamRequest(...of("upload"), options, (error, message) => {
        if (error) reject(error);
        else resolve({ message: message as GrpcMessage, header: undefined, trailer: undefined });
      });
      call.on("error", () => {});
      return { call, answer: promise };
    },
    download: (request, options = {}) => client.makeServerStreamRequest(...of("download"), request, options),
    chat: () => client.makeBidiStreamRequest(...of("chat")),
    [Symbol.dispose]: () => client.close(),
  };
}

/** A grpc-js server on a free port. */
export async function grpcServer(handlers: grpc.UntypedServiceImplementation): Promise<{ port: number } & Disposable> {
  const server = new grpc.Server();
  server.addService(grpcDefinition(), handlers);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { port, [Symbol.dispose]: () => server.forceShutdown() };
}
