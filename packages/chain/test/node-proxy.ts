import { once } from "node:events";
import {
  type ClientHttp2Session,
  connect,
  constants,
  createServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { AddressInfo } from "node:net";

/** Between client and node: passes everything on, except for what a test asks it to lose or refuse. */
export interface NodeProxy extends AsyncDisposable {
  readonly url: string;
  /** How often a method was called, by its name without the package. */
  calls(method: string): number;
  /** What the last call of the method carried. */
  header(method: string, name: string): string | undefined;
  /** The next `times` calls of the method meet this fault. */
  fault(method: string, fault: Fault, times?: number): void;
  /** Tears all connections of clients. */
  tear(): void;
  /** Other nodes take over; of several each has every so manieth call. */
  target(...urls: readonly string[]): void;
}

export type Fault =
  /** The node never sees it. */
  | "lose request"
  /** The node does it, the client never hears. */
  | "lose reply"
  | { readonly status: number; readonly message: string }
  /** The node does it, the client hears something else. */
  | { readonly reply: (message: Uint8Array) => Uint8Array };

export async function proxyNode(nodeUrl: string): Promise<NodeProxy> {
  let upstreams = [open(nodeUrl)];
  let turn = 0;
  const sessions = new Set<ServerHttp2Session>();
  const counts = new Map<string, number>();
  const seen = new Map<string, IncomingHttpHeaders>();
  const faults = new Map<string, { readonly fault: Fault; left: number }>();
  const server = createServer();
  server.on("session", (session) => {
    sessions.add(session);
    session.on("error", () => {});
    session.on("close", () => sessions.delete(session));
  });
  server.on("stream", (stream: ServerHttp2Stream, headers) => {
    const method = String(headers[":path"]).split("/").at(-1)!;
    seen.set(method, headers);
    counts.set(method, (counts.get(method) ?? 0) + 1);
    const planned = faults.get(method);
    const fault = planned !== undefined && planned.left > 0 ? planned.fault : undefined;
    if (planned !== undefined) planned.left -= 1;
    stream.on("error", () => {});
    // A client that went away has no use for an answer.
    turn += 1;
    serve(upstreams[turn % upstreams.length]!, stream, headers, fault).catch(() => stream.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `grpc://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: (method) => counts.get(method) ?? 0,
    header: (method, name) => seen.get(method)?.[name]?.toString(),
    fault: (method, fault, times = 1) => {
      faults.set(method, { fault, left: times });
    },
    tear: () => {
      for (const session of sessions) session.destroy();
    },
    target: (...urls) => {
      for (const upstream of upstreams) upstream.destroy();
      upstreams = urls.map(open);
    },
    [Symbol.asyncDispose]: async () => {
      for (const session of sessions) session.destroy();
      for (const upstream of upstreams) upstream.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

function open(url: string): ClientHttp2Session {
  const session = connect(url.replace("grpc://", "http://"));
  session.on("error", () => {});
  return session;
}

async function serve(
  upstream: ClientHttp2Session,
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  fault: Fault | undefined,
): Promise<void> {
  const body: Buffer[] = [];
  for await (const chunk of stream) body.push(chunk as Buffer);
  if (fault === "lose request") return stream.close(constants.NGHTTP2_CANCEL);
  if (typeof fault === "object" && "status" in fault) {
    stream.respond(
      {
        ":status": 200,
        "content-type": "application/grpc",
        "grpc-status": String(fault.status),
        "grpc-message": encodeURIComponent(fault.message),
      },
      { endStream: true },
    );
    return;
  }
  const reply = await forward(upstream, headers, Buffer.concat(body));
  if (reply === undefined || fault === "lose reply") return stream.close(constants.NGHTTP2_CANCEL);
  if (stream.destroyed) return;
  const trailers = reply.trailers;
  stream.respond(reply.headers, trailers === undefined ? { endStream: true } : { waitForTrailers: true });
  if (trailers === undefined) return;
  stream.on("wantTrailers", () => stream.sendTrailers(trailers));
  stream.end(typeof fault === "object" ? framed(fault.reply(reply.body.subarray(FRAME_BYTES))) : reply.body);
}

/** A flag and a length stand before each message. */
const FRAME_BYTES = 5;

function framed(message: Uint8Array): Buffer {
  const head = Buffer.alloc(FRAME_BYTES);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/** Undefined when the node went away meanwhile. */
async function forward(upstream: ClientHttp2Session, headers: IncomingHttpHeaders, body: Buffer) {
  return new Promise<
    { headers: IncomingHttpHeaders; body: Buffer; trailers: IncomingHttpHeaders | undefined } | undefined
  >((resolve) => {
    if (upstream.destroyed) return resolve(undefined);
    const { ":authority": _authority, ":scheme": _scheme, ...rest } = headers;
    const request = upstream.request(rest);
    const chunks: Buffer[] = [];
    let head: IncomingHttpHeaders = {};
    let trailers: IncomingHttpHeaders | undefined;
    request.on("response", (given) => {
      head = given;
    });
    request.on("trailers", (given) => {
      trailers = given;
    });
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("error", () => resolve(undefined));
    request.on("end", () => resolve({ headers: head, body: Buffer.concat(chunks), trailers }));
    request.end(body);
  });
}
