import { type CallOptions, type Client, createClient, type Interceptor } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { P8eError, type RandomBytes } from "@p8e/core";
import { cosmos, fees, metadata } from "@p8e/proto";
import type { Clock } from "./clock.ts";
import { jittered } from "./jitter.ts";
import { nodeError } from "./node-error.ts";

/**
 * One connection to a node's gRPC endpoint, with the services this package calls.
 *
 * Reads are repeated when the connection fails under them; `tell` never repeats, since a broadcast whose answer was
 * lost may have been admitted and only its sender knows what that means.
 */

export interface EndpointOptions {
  /** `grpc://host[:9090]` for plaintext HTTP/2, `grpcs://host[:443]` for TLS. */
  readonly url: string;
  /** Sent with every call: hosted nodes want tokens. Never logged. */
  readonly headers?: Readonly<Record<string, string>>;
  /** PEM of an authority to trust instead of the system's, for `grpcs`. */
  readonly certificateAuthority?: string;
  /** Of one call. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly random: RandomBytes;
}

export interface AskOptions {
  readonly signal?: AbortSignal;
  /** A past block to answer from, where the node still has it. */
  readonly height?: bigint;
}

/** The node's own receive limit is 10 MiB; blocks and pages of records may be larger than that. */
const REPLY_BYTES_MAX = 64 * 1024 * 1024;
const READ_ATTEMPTS = 3;

export class NodeEndpoint implements AsyncDisposable {
  readonly transactions: Client<typeof cosmos.tx.Service>;
  readonly blocks: Client<typeof cosmos.tendermint.Service>;
  readonly auth: Client<typeof cosmos.auth.Query>;
  readonly bank: Client<typeof cosmos.bank.Query>;
  readonly authz: Client<typeof cosmos.authz.Query>;
  readonly feegrant: Client<typeof cosmos.feegrant.Query>;
  readonly flatFees: Client<typeof fees.flat.Query>;
  readonly metadata: Client<typeof metadata.Query>;
  readonly #connection: Http2SessionManager;
  readonly #closed = new AbortController();
  readonly #timeoutMs: number;
  readonly #clock: Clock;
  readonly #random: RandomBytes;

  /** @throws `configuration.invalid` */
  constructor(options: EndpointOptions) {
    const baseUrl = parseNodeUrl(options.url);
    this.#timeoutMs = options.timeoutMs;
    this.#clock = options.clock;
    this.#random = options.random;
    this.#connection = new Http2SessionManager(
      baseUrl,
      { pingIntervalMs: 30_000, pingTimeoutMs: 10_000 },
      options.certificateAuthority === undefined ? {} : { ca: options.certificateAuthority },
    );
    const transport = createGrpcTransport({
      baseUrl,
      sessionManager: this.#connection,
      readMaxBytes: REPLY_BYTES_MAX,
      acceptCompression: [],
      interceptors: [withHeaders(options.headers ?? {})],
    });
    this.transactions = createClient(cosmos.tx.Service, transport);
    this.blocks = createClient(cosmos.tendermint.Service, transport);
    this.auth = createClient(cosmos.auth.Query, transport);
    this.bank = createClient(cosmos.bank.Query, transport);
    this.authz = createClient(cosmos.authz.Query, transport);
    this.feegrant = createClient(cosmos.feegrant.Query, transport);
    this.flatFees = createClient(fees.flat.Query, transport);
    this.metadata = createClient(metadata.Query, transport);
  }

  /** A read; repeated up to twice when the node cannot be reached. Fails with a P8eError. */
  async ask<T>(call: (options: CallOptions) => Promise<T>, options: AskOptions = {}): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.tell(call, options);
      } catch (error) {
        if (!(error instanceof P8eError && error.code === "ledger.unavailable") || attempt === READ_ATTEMPTS)
          throw error;
        await this.pause(50 * 4 ** attempt, options.signal);
      }
    }
  }

  /** One call, once. Fails with a P8eError. */
  async tell<T>(call: (options: CallOptions) => Promise<T>, options: AskOptions = {}): Promise<T> {
    const signals = options.signal ? [this.#closed.signal, options.signal] : [this.#closed.signal];
    const signal = AbortSignal.any(signals);
    const headers: Record<string, string> = {};
    if (options.height !== undefined) headers["x-cosmos-block-height"] = options.height.toString();
    try {
      return await call({ signal, timeoutMs: this.#timeoutMs, headers });
    } catch (error) {
      throw nodeError(error, signal);
    }
  }

  /** Waits for about `milliseconds`. @throws `rpc.cancelled` */
  async pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
    const signals = signal ? [this.#closed.signal, signal] : [this.#closed.signal];
    const ended = AbortSignal.any(signals);
    try {
      await this.#clock.sleep(jittered(milliseconds, this.#random), ended);
    } catch (error) {
      throw nodeError(error, ended);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort();
    this.#connection.abort();
  }
}

/** The URL that the transport wants. @throws `configuration.invalid` */
export function parseNodeUrl(text: string): string {
  const match = /^(grpcs?):\/\/(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?\/?$/.exec(text);
  const port = match?.[3] === undefined ? undefined : Number(match[3]);
  if (!match || port === 0 || (port ?? 1) > 65_535) {
    throw new P8eError("configuration.invalid", "a node's URL is grpc://host:port or grpcs://host:port", {
      facts: { given: text.replace(/\/\/[^@/]*@/, "//").slice(0, 120) },
    });
  }
  const secure = match[1] === "grpcs";
  return `${secure ? "https" : "http"}://${match[2]}:${port ?? (secure ? 443 : 9090)}`;
}

function withHeaders(headers: Readonly<Record<string, string>>): Interceptor {
  const entries = Object.entries(headers);
  return (next) => (request) => {
    for (const [name, value] of entries) request.header.set(name, value);
    return next(request);
  };
}
