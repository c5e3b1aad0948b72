import { createPrivateKey, X509Certificate } from "node:crypto";
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { P8eError } from "@p8e/core";
import type { RpcServer } from "./server.ts";
import type { ClientTls, ServerTls } from "./tls.ts";

/** The files of a server's TLS settings; see ServerTls. */
export interface ServerTlsFiles {
  readonly cert: string;
  readonly key: string;
  readonly clientAuthorities?: string;
}

/** The files of a client's TLS settings; see ClientTls. */
export interface ClientTlsFiles {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** Not a file: the name to expect in the server's certificate. */
  readonly servername?: string;
}

const FILE_BYTES_MAX = 1024 * 1024;
/** Opening a pipe would wait for its writer, in a call that nothing can interrupt. */
const WITHOUT_WAITING = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);
const LOOK_EVERY_MS = 60_000;

/**
 * Reads a server's settings. Throws configuration.invalid, which names the file, where one cannot be read, is no PEM of its
 * kind, or where the key is another certificate's.
 */
export async function readServerTls(files: ServerTlsFiles): Promise<ServerTls> {
  const { cert, key, clientAuthorities } = files;
  const found = {
    cert: await readPem("certificate", cert),
    key: await readPem("key", key),
    ...(clientAuthorities === undefined
      ? {}
      : { clientAuthorities: await readPem("authority of clients", clientAuthorities) }),
  };
  const certificate = parsed("certificate", cert, () => new X509Certificate(found.cert));
  const privateKey = parsed("key", key, () => createPrivateKey(found.key));
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new P8eError("configuration.invalid", "the key for TLS is not the certificate's", {
      facts: { certificate: cert, key },
    });
  }
  if (clientAuthorities !== undefined) {
    parsed("authority of clients", clientAuthorities, () => new X509Certificate(found.clientAuthorities ?? ""));
  }
  return found;
}

/** What OpenSSL says of a file that it does not understand tells nobody anything, and could quote it. */
function parsed<T>(what: string, path: string, parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    throw new P8eError("configuration.invalid", `the ${what} file for TLS is not one in PEM`, {
      facts: { file: path },
      ...(what === "key" ? { hint: "A key must be without a passphrase." } : {}),
      cause,
    });
  }
}

/**
 * Reads a client's settings anew for each connection, for RpcClientOptions.tls. A file that cannot be read is
 * configuration.invalid of the call that needed the connection.
 */
export function clientTlsFromFiles(files: ClientTlsFiles): () => Promise<ClientTls> {
  const { ca, cert, key, servername } = files;
  return async () => ({
    ...(ca === undefined ? {} : { ca: await readPem("authority", ca) }),
    ...(cert === undefined ? {} : { cert: await readPem("certificate", cert) }),
    ...(key === undefined ? {} : { key: await readPem("key", key) }),
    ...(servername === undefined ? {} : { servername }),
  });
}

/** Follows a server's files; disposing it ends that. */
export interface TlsFollower extends Disposable {
  /**
   * Looks now, and resolves to whether the server got new settings. Throws configuration.invalid for files that cannot
   * be read or used; the server keeps what it has.
   */
  look(): Promise<boolean>;
}

/**
 * Gives the server the files' new content whenever it changes: looked at every minute, since not every file system
 * tells of changes. Files that cannot be used are told to `onProblem` and tried again at the next look, so a
 * certificate and key that are replaced one after the other are taken when both are there.
 */
export function followTlsFiles(
  server: Pick<RpcServer, "replaceTls">,
  files: ServerTlsFiles,
  options: {
    /** What the server has now, so that the first look replaces nothing that is the same. */
    readonly current?: ServerTls;
    readonly everyMs?: number;
    readonly onProblem?: (error: unknown) => void;
  } = {},
): TlsFollower {
  let current = options.current;
  const look = async (): Promise<boolean> => {
    const found = await readServerTls(files);
    if (current !== undefined && sameTls(current, found)) return false;
    server.replaceTls(found);
    current = found;
    return true;
  };
  const timer = setInterval(
    () => look().catch((error) => options.onProblem?.(error)),
    options.everyMs ?? LOOK_EVERY_MS,
  );
  timer.unref();
  return { look, [Symbol.dispose]: () => clearInterval(timer) };
}

function sameTls(one: ServerTls, other: ServerTls): boolean {
  return one.cert === other.cert && one.key === other.key && one.clientAuthorities === other.clientAuthorities;
}

async function readPem(what: string, path: string): Promise<string> {
  try {
    await using file = await open(path, WITHOUT_WAITING);
    const found = await file.stat();
    if (!found.isFile()) throw new Error("it is no regular file");
    const { size } = found;
    if (size > FILE_BYTES_MAX) throw new Error(`it is larger than ${FILE_BYTES_MAX} bytes`);
    return await file.readFile("utf8");
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new P8eError("configuration.invalid", `the ${what} file for TLS cannot be read: ${reason}`, {
      facts: { file: path },
      cause,
    });
  }
}
