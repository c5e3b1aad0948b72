import { P8eError } from "@p8e/core";

/** Where a peer listens. `tls` false is plaintext HTTP/2 with prior knowledge. */
export interface PeerAddress {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
}

/**
 * Reads a peer's URL as object stores register it: `https` and `grpcs` are TLS, every other scheme (`http`, `grpc`,
 * `tcp`…) is plaintext; without a port it is 443 or 80. Path, query and user information are ignored.
 * Throws input.invalid for what is no absolute URL with a host.
 */
export function parsePeerUrl(text: string): PeerAddress {
  const url = URL.parse(text);
  // A host under a scheme that URL does not know is left as it is; read as http's it gets its one normal form.
  const hostname = url === null || url.hostname === "" ? undefined : URL.parse(`http://${url.hostname}`)?.hostname;
  const host = (hostname ?? "").replace(/^\[(.*)\]$/, "$1");
  // The text itself is kept out of the message: a URL may carry credentials.
  if (url === null || host === "") throw new P8eError("input.invalid", "a peer's URL needs a scheme and a host");
  const tls = url.protocol === "https:" || url.protocol === "grpcs:";
  return { host, port: url.port === "" ? (tls ? 443 : 80) : Number(url.port), tls };
}

/** `host:port`, with brackets around an IPv6 address. */
export function hostAndPort(host: string, port: number): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}
