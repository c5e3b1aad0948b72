import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import { constants } from "node:http2";
import { P8eError } from "@p8e/core";
import type { CallHost } from "./call-host.ts";
import { FrameParser } from "./frames.ts";
import { InboundMessages } from "./inbound.ts";
import { Metadata } from "./metadata.ts";
import { type Codec, decodeWith } from "./method.ts";
import { Outbound, pump, Stop } from "./outbound.ts";
import type { Route, RpcContext } from "./service.ts";
import { type CallStatus, RpcStatusError, statusHeaders, statusOf } from "./status.ts";
import { parseTimeout, TIMER_MS_MAX } from "./timeout.ts";

const GRPC_CONTENT_TYPE = "application/grpc";

/**
 * One call on the server, from its headers to its close.
 *
 * States: `open` (request and handler at work) → `ending` (status decided, being flushed) → `closed`. The first that
 * decides an end wins: the handler's answer, its error, the deadline, a stall, the server's shutdown, or the client's
 * going away. Whatever the handler does after that is dropped.
 */
export class ServerCall implements RpcContext {
  readonly method: string;
  readonly peer: string;
  annotation: unknown;
  readonly deadline: number | undefined;
  readonly #stream: ServerHttp2Stream;
  readonly #rawHeaders: readonly string[];
  readonly #host: CallHost;
  readonly #outbound: Outbound;
  readonly #stop = new Stop();
  readonly #startedAt = performance.now();
  #state: "open" | "ending" | "closed" = "open";
  #requestComplete = false;
  #inbound: InboundMessages<unknown> | undefined;
  #awaitsRequest = false;
  #endingSince = 0;
  #timer: NodeJS.Timeout | undefined;
  #controller: AbortController | undefined;
  #abortReason: P8eError | undefined;
  #requestMetadata: Metadata | undefined;
  #header: Metadata | undefined;
  #trailer: Metadata | undefined;
  #status: CallStatus | undefined;
  #error: unknown;

  constructor(
    host: CallHost,
    peer: string,
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    rawHeaders: readonly string[],
  ) {
    this.#host = host;
    this.peer = peer;
    this.#stream = stream;
    this.#rawHeaders = rawHeaders;
    this.method = headers[":path"] ?? "";
    this.#outbound = new Outbound(stream);
    const timeout = headers["grpc-timeout"];
    stream.on("aborted", () => this.#gone());
    stream.on("error", () => this.#gone());
    stream.on("close", () => this.#closed());
    try {
      this.deadline = typeof timeout === "string" ? this.#startTimer(parseTimeout(timeout)) : undefined;
    } catch (error) {
      this.deadline = undefined;
      this.fail(error);
    }
  }

  // ---- what the handler sees

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#abortReason !== undefined) this.#controller.abort(this.#abortReason);
    }
    return this.#controller.signal;
  }

  get requestMetadata(): Metadata {
    this.#requestMetadata ??= Metadata.fromRawHeaders(this.#rawHeaders);
    return this.#requestMetadata;
  }

  responseHeader(): Metadata {
    this.#header ??= new Metadata();
    return this.#header;
  }

  responseTrailer(): Metadata {
    this.#trailer ??= new Metadata();
    return this.#trailer;
  }

  sendHeader(): void {
    const stream = this.#stream;
    if (this.#state !== "open" || stream.headersSent || stream.destroyed || stream.closed) return;
    stream.on("wantTrailers", () => this.#sendTrailers());
    const headers: Record<string, string | string[]> = { "content-type": GRPC_CONTENT_TYPE };
    this.#header?.addTo(headers);
    stream.respond(headers, RESPOND_OPTIONS);
  }

  /** What node has of the answers and has not passed on: once the call has ended, it stays on its session's account. */
  get unsentBytes(): number {
    return this.#outbound.handedBytes;
  }

  // ---- the request

  run(route: Route, encoding: string): void {
    if (this.#state !== "open") return;
    if ("unimplemented" in route) {
      this.fail(new RpcStatusError("UNIMPLEMENTED", route.unimplemented));
      return;
    }
    const { kind } = route.method;
    const parser = new FrameParser(this.#host.limits.messageBytes, encoding);
    if (kind === "unary" || kind === "server_streaming") this.#readOne(route, parser);
    else this.#readStream(route, parser);
  }

  #readOne(route: Handled, parser: FrameParser): void {
    const stream = this.#stream;
    let request: Uint8Array | undefined;
    this.#awaitsRequest = true;
    const onMessage = (bytes: Uint8Array): void => {
      if (request !== undefined) throw new P8eError("rpc.protocol", "this method takes one message, not several");
      request = bytes;
    };
    stream.on("data", (chunk: Uint8Array) => {
      if (this.#state === "open") this.#guard(() => parser.push(chunk, onMessage));
    });
    stream.on("end", () => {
      if (!this.#halfClosed()) return;
      this.#awaitsRequest = false;
      this.#guard(() => {
        if (request === undefined || !parser.atBoundary) {
          throw new P8eError("rpc.protocol", "the request ended before its message was complete");
        }
        void this.#handle(route, decodeWith(route.method.request, request));
      });
    });
  }

  #readStream(route: Handled, parser: FrameParser): void {
    const stream = this.#stream;
    const inbound = new InboundMessages(stream, route.method.request, () => stream.pause());
    this.#inbound = inbound;
    const onMessage = (bytes: Uint8Array): void => inbound.push(bytes);
    let readable = true;
    stream.on("data", (chunk: Uint8Array) => {
      if (!readable) return;
      try {
        parser.push(chunk, onMessage);
      } catch (error) {
        // The handler hears of it at its place in the stream and decides what to answer.
        readable = false;
        inbound.end(error);
      }
    });
    stream.on("end", () => {
      if (!this.#halfClosed()) return;
      const whole = parser.atBoundary;
      inbound.end(whole ? undefined : new P8eError("rpc.protocol", "the request ended within a message"));
    });
    void this.#handle(route, inbound);
  }

  /**
   * Whether an "end" of the stream is the client's END_STREAM. node also ends the readable side when the stream was
   * reset or the session died, before any other event says so; only the closed flag tells the two apart.
   */
  #halfClosed(): boolean {
    if (this.#stream.closed || this.#stream.aborted || this.#stream.destroyed) {
      this.#gone();
      return false;
    }
    this.#requestComplete = true;
    return this.#state === "open";
  }

  // ---- the answer

  async #handle(route: Handled, input: unknown): Promise<void> {
    const { kind, response } = route.method;
    const encode = (response as Codec<unknown>).encode;
    this.#host.onHandlerStart(this);
    try {
      if (kind === "unary" || kind === "client_streaming") {
        const answer = encode(await route.handler(input, this));
        if (this.#state !== "open") return;
        this.sendHeader();
        this.#outbound.write(answer);
      } else {
        const answers = (await route.handler(input, this)) as AsyncIterable<unknown>;
        const write = (message: unknown) => {
          const encoded = encode(message);
          this.sendHeader();
          return encoded;
        };
        if (!(await pump(answers, this.#outbound, write, this.#stop))) return;
      }
      this.#finish({ status: "OK", message: "" });
    } catch (error) {
      this.fail(error);
    } finally {
      this.#host.onHandlerDone(this);
    }
  }

  #guard(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.fail(error);
    }
  }

  /** Ends the call with the status of an error. */
  fail(error: unknown): void {
    this.#finish(statusOf(error), error);
  }

  #finish(end: CallStatus, error?: unknown): void {
    if (this.#state !== "open") return;
    const stream = this.#stream;
    const alive = !stream.destroyed && !stream.closed;
    // Metadata that a handler has set goes out with an error as well; without any, the status travels alone.
    if (alive && (end.status === "OK" || this.#header !== undefined)) this.sendHeader();
    this.#state = "ending";
    this.#endingSince = performance.now();
    this.#status = end;
    this.#error = error;
    clearTimeout(this.#timer);
    this.#release(error);
    if (!alive) return;
    if (!stream.headersSent) {
      const headers = { ":status": 200, "content-type": GRPC_CONTENT_TYPE, ...this.#trailers() };
      stream.respond(headers, TRAILERS_ONLY_OPTIONS);
      this.#closeRequest();
    } else {
      this.#outbound.end();
    }
  }

  #sendTrailers(): void {
    const stream = this.#stream;
    if (stream.destroyed || stream.closed) return;
    stream.sendTrailers(this.#trailers());
    // sendTrailers sends in a setImmediate of its own; this one runs after it.
    if (!this.#requestComplete) setImmediate(() => this.#closeRequest());
  }

  #trailers(): Record<string, string | string[]> {
    const trailers: Record<string, string | string[]> = statusHeaders(this.#status ?? CANCELLED);
    this.#trailer?.addTo(trailers);
    return trailers;
  }

  /** Tells a client that is still sending that nobody reads any more. */
  #closeRequest(): void {
    if (!this.#requestComplete && !this.#stream.destroyed) this.#stream.close(constants.NGHTTP2_NO_ERROR);
  }

  // ---- ends that come from outside

  #startTimer(timeoutMs: number): number {
    if (timeoutMs <= TIMER_MS_MAX) {
      const expire = () => this.fail(new P8eError("rpc.deadline", "the deadline of the call has passed"));
      this.#timer = setTimeout(expire, timeoutMs);
    }
    return Date.now() + Math.ceil(timeoutMs);
  }

  /** Called now and then: ends the call when its peer has kept us waiting for too long. */
  checkStalled(now: number): void {
    const { requestMs, stalledStreamMs } = this.#host.limits;
    if (this.#state === "open") {
      const since = this.#inbound?.waitingSince ?? 0;
      const requestLate = this.#awaitsRequest && now - this.#startedAt > requestMs;
      if (requestLate || (since !== 0 && now - since > stalledStreamMs)) {
        this.fail(new P8eError("rpc.deadline", "the request stalled: no message arrived for too long"));
      }
    }
    const writeSince = Math.max(this.#state === "ending" ? this.#endingSince : 0, this.#outbound.fullSince);
    if (writeSince !== 0 && now - writeSince > stalledStreamMs) this.#outbound.cut();
  }

  #gone(): void {
    if (this.#state !== "open") return;
    this.#state = "ending";
    this.#endingSince = performance.now();
    clearTimeout(this.#timer);
    this.#status = CANCELLED;
    this.#error = new P8eError("rpc.cancelled", "the client cancelled the call or is gone");
    this.#release(this.#error);
  }

  #closed(): void {
    this.#gone();
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#host.onEnd(this, () => ({
      method: this.method,
      peer: this.peer,
      status: this.#status?.status ?? "CANCELLED",
      durationMs: performance.now() - this.#startedAt,
      requestMetadata: this.requestMetadata,
      annotation: this.annotation,
      ...(this.#error === undefined ? {} : { error: this.#error }),
    }));
  }

  /** Frees everything that waits on the call: the handler's request stream, its responses, its signal. */
  #release(error: unknown): void {
    this.#stop.stop();
    this.#inbound?.abort(error);
    if (error !== undefined) {
      this.#abortReason = P8eError.from(error);
      this.#controller?.abort(this.#abortReason);
    }
    // What is still unread is thrown away, so that the stream can close.
    this.#stream.resume();
  }
}

type Handled = Extract<Route, { readonly handler: unknown }>;

const CANCELLED: CallStatus = { status: "CANCELLED", message: "" };

// node reads sendDate although its type does not know it; a date says nothing in gRPC.
const RESPOND_OPTIONS = { waitForTrailers: true, sendDate: false };
const TRAILERS_ONLY_OPTIONS = { endStream: true, sendDate: false };
