import type { IncomingMessage } from "node:http";
import { isP8eError, P8eError, utf8Decode } from "@p8e/core";

/** A node's CometBFT RPC endpoint: JSON-RPC 2.0 over HTTP, one request a connection. */
export interface NodeRpcOptions {
  /** `http://host:26657` or `https://host`, with a path where a provider wants one. */
  readonly url: string;
  /** Sent with every call: hosted nodes want tokens. Never logged. */
  readonly headers?: Readonly<Record<string, string>>;
}

interface Transport extends NodeRpcOptions {
  /** PEM of an authority to trust instead of the system's, for `https`. */
  readonly certificateAuthority?: string;
  /** Of one call, its answer included. */
  readonly timeoutMs: number;
}

/** A full block's results are some 20 MB. */
const REPLY_BYTES_MAX = 64 * 1024 * 1024;

/** Calls to a node's CometBFT RPC: JSON over HTTP, one request for each call, nothing repeated. */
export class NodeRpc {
  readonly #url: URL;
  readonly #transport: Transport;

  /** @throws `configuration.invalid` */
  constructor(transport: Transport) {
    this.#url = parseRpcUrl(transport.url);
    this.#transport = transport;
  }

  /**
   * The `result` of one call.
   * @throws `ledger.unavailable`, `rpc.deadline`, `rpc.cancelled`, `rpc.denied`
   * @throws `rpc.failed` when the node answers with an error, `rpc.protocol` when its answer cannot be read or is too large
   */
  async call(method: string, params: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<unknown> {
    const { timeoutMs } = this.#transport;
    const late = AbortSignal.timeout(timeoutMs);
    const ended = signal === undefined ? late : AbortSignal.any([signal, late]);
    let reply: { readonly status: number; readonly body: Uint8Array };
    try {
      reply = await this.#exchange(JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }), ended);
    } catch (cause) {
      if (isP8eError(cause)) throw cause;
      if (signal?.aborted) throw new P8eError("rpc.cancelled", "the call to the node's RPC was cancelled", { cause });
      if (late.aborted) {
        throw new P8eError("rpc.deadline", "the node's RPC did not answer in time", { cause, facts: { timeoutMs } });
      }
      throw new P8eError("ledger.unavailable", "the node's RPC endpoint cannot be reached", { cause });
    }
    return resultOf(reply.status, reply.body);
  }

  async #exchange(body: string, signal: AbortSignal): Promise<{ readonly status: number; readonly body: Uint8Array }> {
    const { headers, certificateAuthority: ca } = this.#transport;
    // Loaded late: with node:http comes all that a browser has for it.
    const { request: send } = await import(this.#url.protocol === "https:" ? "node:https" : "node:http");
    return new Promise((resolve, reject) => {
      const sent = send(
        this.#url,
        {
          method: "POST",
          agent: false,
          signal,
          headers: { ...headers, "content-type": "application/json", "content-length": Buffer.byteLength(body) },
          ...(ca === undefined ? {} : { ca }),
        },
        (response: IncomingMessage) => {
          readBounded(response).then((read) => resolve({ status: response.statusCode ?? 0, body: read }), reject);
        },
      );
      sent.on("error", reject);
      sent.end(body);
    });
  }
}

async function readBounded(response: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > REPLY_BYTES_MAX) {
      throw new P8eError("rpc.protocol", "the node's RPC sent a larger answer than is read here", {
        facts: { bytesMax: REPLY_BYTES_MAX },
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** A node answers its own errors with HTTP status 500 and says what went wrong in the JSON. */
function resultOf(status: number, body: Uint8Array): unknown {
  const reply = parseReply(body);
  if (reply !== undefined && reply.error === undefined && status === 200) return reply.result;
  if (reply?.error !== undefined) {
    throw new P8eError("rpc.failed", `the node's RPC: ${describe(reply.error)}`, { facts: { status } });
  }
  if (status === 401 || status === 403) {
    throw new P8eError("rpc.denied", "the node's RPC endpoint wants other credentials", { facts: { status } });
  }
  if (status === 429 || (status >= 502 && status <= 504)) {
    throw new P8eError("ledger.unavailable", "the node's RPC endpoint is busy or down", { facts: { status } });
  }
  throw new P8eError("rpc.protocol", "what answers at the node's RPC URL is no node", { facts: { status } });
}

function parseReply(body: Uint8Array): { readonly result?: unknown; readonly error?: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(utf8Decode(body));
    return isObject(value) && value["jsonrpc"] === "2.0" ? value : undefined;
  } catch {
    return undefined;
  }
}

function describe(error: unknown): string {
  const { message, data } = isObject(error) ? error : {};
  const texts = [message, data].filter((text) => typeof text === "string" && text !== "");
  return texts.join(": ").slice(0, 500) || "an error without a text";
}

/** A JSON object: neither a list nor null. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @throws `configuration.invalid` */
export function parseRpcUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isHttp = url?.protocol === "http:" || url?.protocol === "https:";
  if (url === undefined || !isHttp || url.username !== "" || url.password !== "" || url.hash !== "") {
    throw new P8eError("configuration.invalid", "a node's RPC URL is http://host:port or https://host:port", {
      facts: { given: text.replace(/\/\/[^@/]*@/, "//").slice(0, 120) },
      hint: "Tokens belong into headers.",
    });
  }
  return url;
}
