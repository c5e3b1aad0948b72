import type { OutgoingHttpHeaders } from "node:http2";

const HEADER = "grpc-message";

/**
 * The text of a status travels percent-encoded. The server library escapes far more characters than gRPC's
 * specification does, and some clients undo only what is needed: written again here as a Go node writes it, with
 * printable ASCII as it is.
 */
export function plainStatusText(headers: OutgoingHttpHeaders): OutgoingHttpHeaders {
  const text = headers[HEADER];
  if (typeof text !== "string") return headers;
  return { ...headers, [HEADER]: encodeStatusText(decodeURIComponent(text)) };
}

export function encodeStatusText(text: string): string {
  return text.replace(/[^\x20-\x24\x26-\x7e]+/gu, (characters) => encodeURIComponent(characters));
}
