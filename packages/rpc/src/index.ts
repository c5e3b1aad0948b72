export type { CallRecord } from "./call-host.ts";
export { connectRpc, type Requests, type RpcClient, type RpcClientOptions, type RpcTarget } from "./client.ts";
export type { CallOptions } from "./client-call.ts";
export type { AddressRule } from "./client-session.ts";
export type { EncodedMessage } from "./frames.ts";
export type { RpcClientLimits, RpcLimits, RpcServerLimits } from "./limits.ts";
export { Metadata, type MetadataInit, type MetadataValue } from "./metadata.ts";
export {
  type AnyCodec,
  type Codec,
  type DecodedBy,
  type EncodableBy,
  type MessageCodec,
  messageCodec,
  type RpcKind,
  type RpcMethod,
  rpcMethod,
} from "./method.ts";
export { type RpcLogEntry, type RpcServer, type RpcServerOptions, startRpcServer } from "./server.ts";
export type { RpcSession } from "./server-session.ts";
export {
  type Handler,
  type Handlers,
  handle,
  type KindHandler,
  type Route,
  type RpcContext,
  type ServiceOptions,
  service,
} from "./service.ts";
export { type KindCall, type MethodCall, type ServiceClient, serviceClient } from "./service-client.ts";
export { type CallStatus, RpcStatusError } from "./status.ts";
export type { ClientTls, ClientTlsSource, ServerTls } from "./tls.ts";
export {
  type ClientTlsFiles,
  clientTlsFromFiles,
  followTlsFiles,
  readServerTls,
  type ServerTlsFiles,
  type TlsFollower,
} from "./tls-files.ts";
export { hostAndPort, type PeerAddress, parsePeerUrl } from "./url.ts";
