import { createServer, type Http2Server, type ServerHttp2Session } from "node:http2";
import type { AddressInfo } from "node:net";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { P8eError } from "@p8e/core";
import type { Ledger } from "../node/ledger.ts";
import { addNodeServices } from "./node-services.ts";
import { encodeStatusText, plainStatusText } from "./plain-status-text.ts";
import { addQueryServices } from "./query-services.ts";
import { addTransactionServices } from "./transaction-services.ts";

export interface ServeOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
}

export interface ServedLedger extends AsyncDisposable {
  /** `grpc://HOST:PORT`, for clients. */
  readonly address: string;
  readonly port: number;
  close(): Promise<void>;
}

const REQUEST_BYTES_MAX = 10 * 1024 * 1024;

/**
 * Serves a ledger over gRPC on plain HTTP/2, as a node's own port does. Closing ends open calls; the ledger stays
 * with whoever opened it.
 * @throws `environment.in_use` when the port is taken
 */
export async function serveLedger(ledger: Ledger, options: ServeOptions): Promise<ServedLedger> {
  const handler = connectNodeAdapter({
    grpc: true,
    grpcWeb: false,
    connect: false,
    readMaxBytes: REQUEST_BYTES_MAX,
    routes: (router) => {
      addQueryServices(router, ledger);
      addTransactionServices(router, ledger);
      addNodeServices(router, ledger);
    },
    fallback: (request, response) => {
      if (!("stream" in response)) throw new Error("the ledger is served over HTTP/2 only");
      const name = (request.url ?? "").slice(1, 200);
      const headers = {
        ":status": 200,
        "content-type": "application/grpc",
        "grpc-status": "12",
        "grpc-message": encodeStatusText(`${name} is not supported by the embedded ledger`),
      };
      // A status without messages is the headers and the end of the stream in one frame.
      response.stream.respond(headers, { endStream: true });
    },
  });
  const server = createServer((request, response) => {
    const addTrailers = response.addTrailers.bind(response);
    response.addTrailers = (trailers) => addTrailers(plainStatusText(trailers));
    handler(request, response);
  });
  const sessions = new Set<ServerHttp2Session>();
  server.on("session", (session) => {
    sessions.add(session);
    session.on("close", () => sessions.delete(session));
    session.on("error", () => session.destroy());
  });
  const port = await listen(server, options);
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= closeServer(server, sessions);
    return closing;
  };
  const host = options.host.includes(":") ? `[${options.host}]` : options.host;
  return { address: `grpc://${host}:${port}`, port, close, [Symbol.asyncDispose]: close };
}

function listen(server: Http2Server, { host, port }: ServeOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) => {
      reject(
        new P8eError("environment.in_use", `the ledger cannot listen on ${host}:${port}`, {
          cause,
          facts: { host, port },
        }),
      );
    });
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

async function closeServer(server: Http2Server, sessions: ReadonlySet<ServerHttp2Session>): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const session of sessions) session.destroy();
  await closed;
}
