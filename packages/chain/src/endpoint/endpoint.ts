import type { DescService } from "@bufbuild/protobuf";
import { type Clock, hasCode, jittered, P8eError, type RandomBytes, retry } from "@p8e/core";
import * as cosmos from "@p8e/proto/cosmos";
import * as fees from "@p8e/proto/fees";
import * as metadata from "@p8e/proto/metadata";
import {
  type CallOptions,
  type ClientTlsSource,
  connectRpc,
  type PeerAddress,
  type RpcClient,
  type ServiceClient,
  serviceClient,
} from "@p8e/rpc";
import { nodeError } from "./node-error.ts";

/**
 * One connection to a node's gRPC endpoint, with the services this package calls.
 *
 * Reads are repeated when the connection fails under them; `tell` never repeats, since a broadcast whose answer was
 * lost may have been admitted and only its sender knows what that means.
 */

/** Where the node is, how it is reached, and how long one call may take. */
export interface EndpointOptions {
  /** `grpc://host[:9090]` for plaintext HTTP/2, `grpcs://host[:443]` for TLS. */
  readonly url: string;
  /** Sent with every call: hosted nodes want tokens. Never logged. */
  readonly headers?: Readonly<Record<string, string>>;
  /** PEM of an authority to trust instead of the system's, for `grpcs`. */
  readonly certificateAuthority?: string | undefined;
  /** See ChainOptions. */
  readonly tls?: ClientTlsSource | undefined;
  /** Of one call. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly random: RandomBytes;
}

/** How one question is asked. */
export interface AskOptions {
  readonly signal?: AbortSignal | undefined;
  /** A past block to answer from, where the node still has it. */
  readonly height?: bigint;
  /**
   * The answer must have seen this block: a node shows a block before its application has committed it, and behind one
   * address there may be a node that lags. Fails with `ledger.unavailable` when the node still has not after some tries.
   */
  readonly notBefore?: bigint;
}

/** The node's own receive limit is 10 MiB; blocks and pages of records may be larger than that. */
const REPLY_BYTES_MAX = 64 * 1024 * 1024;
const READ_PACE = { attempts: 3, firstMs: 200, mostMs: 800, growth: 4 } as const;

/** Names the block that a query is answered from, and in the answer the block that it was. */
const HEIGHT_HEADER = "x-cosmos-block-height";

/** The connection to one node. Opened by the first call, and again after a loss; disposing ends what is under way. */
export class NodeEndpoint implements AsyncDisposable {
  readonly transactions: ServiceClient<typeof cosmos.tx.Service>;
  readonly blocks: ServiceClient<typeof cosmos.tendermint.Service>;
  readonly auth: ServiceClient<typeof cosmos.auth.Query>;
  readonly bank: ServiceClient<typeof cosmos.bank.Query>;
  readonly authz: ServiceClient<typeof cosmos.authz.Query>;
  readonly feegrant: ServiceClient<typeof cosmos.feegrant.Query>;
  readonly flatFees: ServiceClient<typeof fees.flat.Query>;
  readonly metadata: ServiceClient<typeof metadata.Query>;
  readonly #connection: RpcClient;
  readonly #closed = new AbortController();
  readonly #timeoutMs: number;
  readonly #clock: Clock;
  readonly #random: RandomBytes;

  /** @throws `configuration.invalid` */
  constructor(options: EndpointOptions) {
    const { host, port, tls } = parseNodeUrl(options.url);
    this.#timeoutMs = options.timeoutMs;
    this.#clock = options.clock;
    this.#random = options.random;
    const { certificateAuthority: ca, headers = {} } = options;
    const settings = options.tls ?? (ca === undefined ? {} : { ca });
    this.#connection = connectRpc({
      host,
      port,
      tls: tls && settings,
      metadata: headers,
      limits: { messageBytes: REPLY_BYTES_MAX, keepAliveMs: 30_000, keepAliveTimeoutMs: 10_000 },
    });
    this.transactions = serviceClient(cosmos.tx.Service, this.#connection);
    this.blocks = serviceClient(cosmos.tendermint.Service, this.#connection);
    this.auth = serviceClient(cosmos.auth.Query, this.#connection);
    this.bank = serviceClient(cosmos.bank.Query, this.#connection);
    this.authz = serviceClient(cosmos.authz.Query, this.#connection);
    this.feegrant = serviceClient(cosmos.feegrant.Query, this.#connection);
    this.flatFees = serviceClient(fees.flat.Query, this.#connection);
    this.metadata = serviceClient(metadata.Query, this.#connection);
  }

  /** A service that is asked seldom, over the same connection. */
  service<S extends DescService>(description: S): ServiceClient<S> {
    return serviceClient(description, this.#connection);
  }

  /** A read; repeated up to twice when the node cannot be reached or its answer breaks off. Fails with a P8eError. */
  async ask<T>(call: (options: CallOptions) => Promise<T>, options: AskOptions = {}): Promise<T> {
    return await retry(() => this.tell(call, options), {
      ...READ_PACE,
      random: this.#random,
      clock: this.#clock,
      signal: this.#unlessClosed(options.signal),
      // A half answer counts as none: a proxy whose node dies may end it as if it were whole.
      when: (error) => hasCode(error, "ledger.unavailable", "rpc.protocol"),
    });
  }

  /** One call, once. Fails with a P8eError. */
  async tell<T>(call: (options: CallOptions) => Promise<T>, options: AskOptions = {}): Promise<T> {
    const signal = this.#unlessClosed(options.signal);
    const height = options.height === undefined ? {} : { [HEIGHT_HEADER]: options.height.toString() };
    let answered: string | undefined;
    const onHeader: CallOptions["onHeader"] = (header) => {
      answered = header.get(HEIGHT_HEADER);
    };
    let answer: T;
    try {
      answer = await call({ signal, timeoutMs: this.#timeoutMs, metadata: height, onHeader });
    } catch (error) {
      throw nodeError(error, signal);
    }
    if (options.notBefore !== undefined) requireSeen(options.notBefore, answered);
    return answer;
  }

  /** Waits for about `milliseconds`. @throws `rpc.cancelled` */
  async pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
    try {
      await this.#clock.sleep(jittered(milliseconds, this.#random), this.#unlessClosed(signal));
    } catch (error) {
      throw P8eError.from(error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort();
    await this.#connection[Symbol.asyncDispose]();
  }

  /** Fires with the caller's signal, and when the endpoint is closed. */
  #unlessClosed(signal: AbortSignal | undefined): AbortSignal {
    return AbortSignal.any(signal ? [this.#closed.signal, signal] : [this.#closed.signal]);
  }
}

/** A proxy may have left the header out: then nobody knows. */
function requireSeen(notBefore: bigint, answered: string | undefined): void {
  if (answered === undefined || !/^\d{1,18}$/.test(answered) || BigInt(answered) >= notBefore) return;
  throw new P8eError("ledger.unavailable", "the node has not come to a block yet that was seen before", {
    facts: { height: BigInt(answered), notBefore },
  });
}

/** Where a node's URL points. @throws `configuration.invalid` */
export function parseNodeUrl(text: string): PeerAddress {
  const match = /^(grpcs?):\/\/(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?\/?$/.exec(text);
  const port = match?.[3] === undefined ? undefined : Number(match[3]);
  if (!match || port === 0 || (port ?? 1) > 65_535) {
    throw new P8eError("configuration.invalid", "a node's URL is grpc://host:port or grpcs://host:port", {
      facts: { given: text.replace(/\/\/[^@/]*@/, "//").slice(0, 120) },
    });
  }
  const tls = match[1] === "grpcs";
  return { host: match[2]!.replace(/^\[(.*)\]$/, "$1"), port: port ?? (tls ? 443 : 9090), tls };
}
