import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { P8eError } from "@p8e/core";
import { type Log, reasonOf } from "../log.ts";

/** What the listener tells. */
export interface AdminAnswers {
  /** As Prometheus reads it. */
  readonly metrics: () => Promise<string>;
  readonly health: () => Readonly<Record<"database" | "storage" | "schema" | "draining", boolean>>;
}

/** A listener that answers. */
export interface AdminListener extends AsyncDisposable {
  readonly port: number;
}

const CONNECTIONS_MAX = 32;
const PATIENCE_MS = 5000;
const HEADER_BYTES_MAX = 8192;

/**
 * What an operator's programs ask of a store, apart from its clients: `GET /metrics`, `GET /livez` (the process answers) and
 * `GET /readyz` (it can serve: 200, or 503 while database, storage or schema are missing or it is on its way out). Plain
 * HTTP without credentials: it changes nothing and names no object.
 * @throws `rpc.unavailable` when the address cannot be listened on
 */
export async function openAdminListener(
  listen: { readonly host: string; readonly port: number },
  answers: AdminAnswers,
  log: Log,
): Promise<AdminListener> {
  const sockets = new Set<Socket>();
  const limits = { headersTimeout: PATIENCE_MS, requestTimeout: PATIENCE_MS, keepAliveTimeout: 60_000 };
  const server = createServer({ ...limits, maxHeaderSize: HEADER_BYTES_MAX }, (request, response) => {
    answer(request, response, answers).catch((error: unknown) => {
      log("warn", "the admin listener could not answer", { path: request.url?.slice(0, 100), reason: reasonOf(error) });
      if (response.headersSent) response.destroy();
      else send(response, 500, "text/plain", "the store could not answer\n");
    });
  });
  server.maxConnections = CONNECTIONS_MAX;
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => {
      const address = `${listen.host}:${listen.port}`;
      const hint = "P8E_STORE_ADMIN says where; another program may listen there.";
      reject(
        new P8eError("rpc.unavailable", "cannot listen for metrics and health", { cause, facts: { address }, hint }),
      );
    });
    server.listen(listen, resolve);
  });
  server.removeAllListeners("error");
  server.on("error", (error) => log("warn", "the admin listener failed", { reason: reasonOf(error) }));
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, answers: AdminAnswers): Promise<void> {
  request.resume();
  // Only browsers send these: no web page has business here, wherever it thinks it is.
  if (request.headers.origin !== undefined || request.headers["sec-fetch-site"] !== undefined) {
    return send(response, 403, "text/plain", "not for browsers\n");
  }
  if (request.method !== "GET" && request.method !== "HEAD") {
    return send(response, 405, "text/plain", "only GET\n");
  }
  switch (request.url) {
    case "/livez":
      return send(response, 200, "text/plain", "alive\n");
    case "/readyz": {
      const { draining, ...parts } = answers.health();
      const ready = !draining && Object.values(parts).every((works) => works);
      return send(
        response,
        ready ? 200 : 503,
        "application/json",
        `${JSON.stringify({ ready, ...parts, draining })}\n`,
      );
    }
    case "/metrics":
      return send(response, 200, "text/plain; version=0.0.4; charset=utf-8", await answers.metrics());
    default:
      return send(response, 404, "text/plain", "there is /metrics, /livez and /readyz\n");
  }
}

function send(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, { "content-type": type, "cache-control": "no-store" });
  response.end(response.req.method === "HEAD" ? undefined : text);
}
