import { hasCode, P8eError } from "@p8e/core";
import {
  followTlsFiles,
  hostAndPort,
  type Route,
  type RpcServer,
  readServerTls,
  type ServerTls,
  type ServerTlsFiles,
  startRpcServer,
} from "@p8e/rpc";
import type { Faucet } from "../node/faucet.ts";
import type { Ledger } from "../node/ledger.ts";
import { developmentService } from "./development-service.ts";
import { nodeServices } from "./node-services.ts";
import { queryServices } from "./query-services.ts";
import { transactionServices } from "./transaction-services.ts";

/** Where a ledger is served, and with what. */
export interface ServeOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Without it plaintext, as a node's own port speaks it. */
  readonly tls?: ServerTls;
  /** Instead of `tls`: PEM files, whose content is followed for as long as the ledger is served. */
  readonly tlsFiles?: ServerTlsFiles | undefined;
  /** Told of new content of these files that cannot be used. */
  readonly onTlsProblem?: ((error: unknown) => void) | undefined;
  /** Gives anybody who can reach the port test money. */
  readonly faucet?: Faucet;
}

/** A ledger that answers on a port. */
export interface ServedLedger extends AsyncDisposable {
  /** `grpc://HOST:PORT`, with TLS `grpcs://HOST:PORT`, for clients. */
  readonly address: string;
  readonly port: number;
  /** Other certificates for new connections. @throws `configuration.invalid` */
  replaceTls(tls: ServerTls): void;
  close(): Promise<void>;
}

const REQUEST_BYTES_MAX = 10 * 1024 * 1024;

/**
 * Serves a ledger over gRPC. Closing ends open calls; the ledger stays with whoever opened it.
 * @throws `environment.in_use` when the port is taken, `configuration.invalid` for TLS settings that are none
 */
export async function serveLedger(ledger: Ledger, options: ServeOptions): Promise<ServedLedger> {
  const { host, tlsFiles, onTlsProblem } = options;
  const tls = tlsFiles === undefined ? options.tls : await readServerTls(tlsFiles);
  const server = await listen(ledger, { ...options, ...(tls === undefined ? {} : { tls }) });
  const follower =
    tlsFiles &&
    tls &&
    followTlsFiles(server, tlsFiles, { current: tls, ...(onTlsProblem && { onProblem: onTlsProblem }) });
  const close = (): Promise<void> => {
    follower?.[Symbol.dispose]();
    return server.drain(0);
  };
  return {
    address: `${tls === undefined ? "grpc" : "grpcs"}://${hostAndPort(host, server.port)}`,
    port: server.port,
    replaceTls: (tls) => server.replaceTls(tls),
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function listen(ledger: Ledger, { host, port, tls, faucet }: ServeOptions): Promise<RpcServer> {
  try {
    return await startRpcServer({
      host,
      port,
      ...(tls === undefined ? {} : { tls }),
      services: [
        ...[queryServices(ledger), transactionServices(ledger), nodeServices(ledger)].flat().map(supported),
        ...(faucet === undefined ? [] : [developmentService(faucet)]),
      ],
      unknownMethod: (path) => `${path.slice(1, 200)} is not supported by the embedded ledger`,
      limits: { messageBytes: REQUEST_BYTES_MAX },
    });
  } catch (cause) {
    if (hasCode(cause, "configuration.invalid")) throw cause;
    const sentence = `the ledger cannot listen on ${hostAndPort(host, port)}`;
    throw new P8eError("environment.in_use", sentence, {
      cause,
      facts: { host, port },
      hint: P8eError.from(cause).hint,
    });
  }
}

/** Methods that are missing from a service answer like services that are missing. */
function supported(routes: readonly Route[]): readonly Route[] {
  return routes.filter((route) => "handler" in route);
}
