import { type ClientHttp2Stream, constants, type IncomingHttpHeaders } from "node:http2";
import { type CallOptions as CommonCallOptions, isP8eError, P8eError } from "@p8e/core";
import type { ClientConnection, OpenSession } from "./client-session.ts";
import { type EncodedMessage, FrameParser } from "./frames.ts";
import { Metadata, type MetadataInit } from "./metadata.ts";
import { type AnyCodec, encodeWith, type RpcKind, type RpcMethod } from "./method.ts";
import { Outbound, pump, Stop } from "./outbound.ts";
import { type CallPlace, errorOf, hasStatus, statusOfHttp, unansweredError } from "./status.ts";
import { formatTimeout, TIMER_MS_MAX } from "./timeout.ts";

/** The signal ends the server's handler too. The timeout covers connecting, and the server is told of it. */
export interface CallOptions extends CommonCallOptions {
  readonly metadata?: MetadataInit | undefined;
  /** Called once, before the first message. Not called when the server answers with nothing but a status. */
  readonly onHeader?: (header: Metadata) => void;
  /** Called once at the end, with the metadata beside the status, whether the call succeeded or not. */
  readonly onTrailer?: (trailer: Metadata) => void;
}

/** Where a call's messages and its end go. `onEnd` is called exactly once and last. */
export interface CallSink {
  onOpen(stream: ClientHttp2Stream): void;
  onMessage(bytes: Uint8Array): void;
  /** `immediately`: drop what has not been read yet, the reader has no use for it. */
  onEnd(error: unknown, immediately: boolean): void;
}

/** What one call is made of: its connection, its method, and what the client and the caller say of it. */
export interface CallSetup {
  readonly connection: ClientConnection;
  readonly method: RpcMethod<RpcKind, AnyCodec, AnyCodec>;
  readonly metadata: Metadata | undefined;
  readonly options: CallOptions;
  readonly messageBytesMax: number;
}

/** What is sent: one message that is encoded already, or a stream of messages to encode. */
export type Outgoing =
  | { readonly message: EncodedMessage }
  | { readonly messages: AsyncIterable<unknown> | Iterable<unknown> };

/**
 * One call on the client, from before there is a connection until its status is known.
 *
 * It ends once, by the first of: the server's status, the caller's signal, the deadline, a failure of the request's own
 * source, a message that cannot be taken, the loss of the stream or connection. All but the first reset the stream. A
 * single request that the server refused without looking at it (REFUSED_STREAM: it is going away, or has too many
 * calls) is sent once more.
 */
export class ClientCall {
  readonly #setup: CallSetup;
  readonly #sink: CallSink;
  readonly #place: CallPlace;
  readonly #stop = new Stop();
  readonly #deadlineAt: number | undefined;
  readonly #onAbort = (): void => this.#cancel();
  #stream: ClientHttp2Stream | undefined;
  #outbound: Outbound | undefined;
  #ended = false;
  #timer: NodeJS.Timeout | undefined;
  #status: IncomingHttpHeaders | undefined;
  #rawStatus: readonly string[] = [];
  #httpStatus = 0;
  #parser: FrameParser | undefined;
  readonly #early: Uint8Array[] = [];
  #cause: unknown;
  /** Sends the request once more, where that is possible: a stream of requests is gone once it was read. */
  #again: (() => void) | undefined;
  #refused = false;

  constructor(setup: CallSetup, sink: CallSink) {
    this.#setup = setup;
    this.#sink = sink;
    this.#place = { method: setup.method.path, peer: setup.connection.target };
    const { timeoutMs } = setup.options;
    this.#deadlineAt = timeoutMs === undefined ? undefined : performance.now() + timeoutMs;
  }

  start(outgoing: Outgoing): void {
    const { signal, timeoutMs } = this.#setup.options;
    if (signal?.aborted) {
      this.#cancel();
      return;
    }
    signal?.addEventListener("abort", this.#onAbort, { once: true });
    if (timeoutMs !== undefined && timeoutMs <= TIMER_MS_MAX) {
      this.#timer = setTimeout(
        () => this.fail(this.#error("rpc.deadline", "no answer within the deadline")),
        timeoutMs,
      );
    }
    this.#begin(outgoing);
  }

  #begin(outgoing: Outgoing): void {
    try {
      const session = this.#setup.connection.session();
      if (session instanceof Promise) {
        session.then((ready) => this.#open(ready, outgoing)).catch((error: unknown) => this.fail(error));
      } else this.#open(session, outgoing);
    } catch (error) {
      this.fail(error);
    }
  }

  /** Ends the call with an error of this side and tells the server that nobody waits any more. */
  fail(error: unknown, resetCode: number = constants.NGHTTP2_CANCEL): void {
    if (this.#ended) return;
    this.#end(error, true);
    this.#outbound?.cut(resetCode);
  }

  #cancel(): void {
    const reason: unknown = this.#setup.options.signal?.reason;
    const late = (reason instanceof Error && reason.name === "TimeoutError") || isDeadline(reason);
    if (late) this.fail(this.#error("rpc.deadline", "no answer within the deadline", reason));
    else this.fail(this.#error("rpc.cancelled", "the call was cancelled", reason));
  }

  #open(session: OpenSession, outgoing: Outgoing): void {
    if (this.#ended) return;
    const stream = session.http2.request(this.#headers(), { endStream: false });
    const outbound = new Outbound(stream);
    this.#stream = stream;
    this.#outbound = outbound;
    session.calls.add(this);
    this.#listen(stream, session, outbound);
    this.#sink.onOpen(stream);
    if ("message" in outgoing) {
      outbound.write(outgoing.message);
      outbound.end();
      this.#again = () => this.#begin(outgoing);
    } else void this.#send(outgoing.messages, outbound);
  }

  async #send(messages: AsyncIterable<unknown> | Iterable<unknown>, outbound: Outbound): Promise<void> {
    const encode = (message: unknown): EncodedMessage => encodeWith(this.#setup.method.request, message);
    try {
      if (await pump(messages, outbound, encode, this.#stop)) outbound.end();
    } catch (error) {
      // The source's own error, as it is. Not CANCEL: there are servers (tonic) that take it for a normal end of the
      // requests, and what they have is not the whole.
      this.fail(error, constants.NGHTTP2_INTERNAL_ERROR);
    }
  }

  #headers(): string[] {
    const headers = [":method", "POST", ":path", this.#place.method, "te", "trailers"];
    headers.push("content-type", "application/grpc", "user-agent", "grpc-node-http2/1");
    const remaining = this.#deadlineAt === undefined ? undefined : this.#deadlineAt - performance.now();
    if (remaining !== undefined) headers.push("grpc-timeout", formatTimeout(remaining));
    const { metadata, options } = this.#setup;
    if (metadata !== undefined) for (const [name, value] of metadata.toHeaders()) headers.push(name, value);
    if (options.metadata !== undefined) {
      for (const [name, value] of new Metadata(options.metadata).toHeaders()) headers.push(name, value);
    }
    return headers;
  }

  // ---- the response

  #listen(stream: ClientHttp2Stream, session: OpenSession, outbound: Outbound): void {
    stream.on("response", (headers, _flags, raw) => this.#guard(() => this.#onResponse(headers, raw)));
    // From the start: a stream that nobody reads is never closed, and one that is reset has no response to wait for.
    stream.on("data", (chunk: Uint8Array) => {
      if (!this.#ended) this.#guard(() => this.#onData(chunk));
    });
    stream.on("trailers", (trailers, _flags, raw) => {
      this.#status = trailers;
      this.#rawStatus = raw;
    });
    stream.on("end", () => {
      if (this.#status !== undefined) this.#conclude(this.#status);
      else setImmediate(() => this.#broken(stream, session));
    });
    stream.on("error", (error) => {
      this.#cause = error;
    });
    stream.on("close", () => {
      session.closed(this, outbound.handedBytes);
      if (this.#status === undefined || stream.rstCode !== constants.NGHTTP2_NO_ERROR) this.#lost(stream, session);
      else this.#conclude(this.#status);
    });
  }

  #onResponse(headers: IncomingHttpHeaders, raw: readonly string[]): void {
    this.#httpStatus = Number(headers[":status"]);
    if (hasStatus(headers)) {
      this.#status = headers;
      this.#rawStatus = raw;
      return;
    }
    const type = headers["content-type"] ?? "";
    if (this.#httpStatus !== 200 || !/^application\/grpc(\+proto)?(;|$)/i.test(type)) {
      const what = this.#httpStatus === 200 ? "content of another type" : `HTTP status ${this.#httpStatus}`;
      const status = statusOfHttp(this.#httpStatus);
      throw unansweredError(status, `the peer answered with ${what} instead of gRPC`, this.#place);
    }
    this.#setup.options.onHeader?.(Metadata.fromRawHeaders(raw));
    this.#parser = new FrameParser(this.#setup.messageBytesMax, String(headers["grpc-encoding"] ?? "identity"));
    for (const chunk of this.#early.splice(0)) this.#onData(chunk);
  }

  /** node tells of a response a tick after it has read it, and may read its first data before. */
  #onData(chunk: Uint8Array): void {
    if (this.#parser === undefined) this.#early.push(chunk);
    else this.#parser.push(chunk, this.#onMessage);
  }

  readonly #onMessage = (bytes: Uint8Array): void => {
    if (!this.#ended) this.#sink.onMessage(bytes);
  };

  #guard(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.fail(isP8eError(error) ? this.#located(error) : error);
    }
  }

  /** The server has said how the call ended. */
  #conclude(status: IncomingHttpHeaders): void {
    if (this.#ended) return;
    const stream = this.#stream as ClientHttp2Stream;
    let error: unknown = errorOf(status, this.#place);
    try {
      this.#setup.options.onTrailer?.(Metadata.fromRawHeaders(this.#rawStatus));
    } catch (failure) {
      error ??= failure;
    }
    if (error === undefined && !hasStatus(status)) error = this.#error("rpc.protocol", "the answer has no grpc-status");
    if (error === undefined && this.#parser?.atBoundary === false) {
      error = this.#error("rpc.protocol", "the response ended within a message");
    }
    this.#end(error, false);
    // The server may answer before it has read everything; then the rest is not wanted.
    if (!stream.writableFinished) this.#outbound?.cut();
  }

  /**
   * The response is over without a status. A stream that was lost has been closed by now; one that the peer ended, or
   * reset with NO_ERROR, is closed by node when everything is written, and may wait for that for ever.
   */
  #broken(stream: ClientHttp2Stream, session: OpenSession): void {
    this.#lost(stream, session);
    if (!stream.destroyed) this.#outbound?.cut();
  }

  /** The stream is over without a status. */
  #lost(stream: ClientHttp2Stream, session: OpenSession): void {
    if (this.#ended) return;
    const again = this.#again;
    if (stream.rstCode === constants.NGHTTP2_REFUSED_STREAM && again !== undefined && !this.#refused) {
      this.#refused = true;
      again();
      return;
    }
    const cause = session.failure ?? this.#cause;
    const details = cause === undefined ? {} : { cause };
    if (session.http2.destroyed) {
      const sentence = `the connection to ${this.#place.peer} was lost`;
      this.#end(unansweredError("UNAVAILABLE", sentence, this.#place, details), true);
      return;
    }
    const [status, sentence] = resetStatus(stream.rstCode);
    this.#end(unansweredError(status, sentence, this.#place, details), true);
  }

  #end(error: unknown, immediately: boolean): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#setup.options.signal?.removeEventListener("abort", this.#onAbort);
    this.#stop.stop();
    this.#sink.onEnd(error, immediately);
    // What is still unread is thrown away, so that the stream can close.
    this.#stream?.resume();
  }

  #error(code: "rpc.deadline" | "rpc.cancelled" | "rpc.protocol", message: string, cause?: unknown): P8eError {
    return new P8eError(code, message, { facts: { ...this.#place }, ...(cause === undefined ? {} : { cause }) });
  }

  #located(error: P8eError): P8eError {
    if (error.facts["method"] !== undefined) return error;
    return new P8eError(error.code, error.message, { facts: { ...error.facts, ...this.#place }, cause: error });
  }
}

function isDeadline(reason: unknown): boolean {
  return isP8eError(reason) && reason.code === "rpc.deadline";
}

/** gRPC's table from HTTP/2 error codes. */
function resetStatus(code: number) {
  if (code === constants.NGHTTP2_REFUSED_STREAM) return ["UNAVAILABLE", "the peer took no new call"] as const;
  if (code === constants.NGHTTP2_CANCEL) return ["CANCELLED", "the peer cancelled the call"] as const;
  if (code === constants.NGHTTP2_ENHANCE_YOUR_CALM) {
    return ["RESOURCE_EXHAUSTED", "the peer ended the call: too much of something"] as const;
  }
  if (code === constants.NGHTTP2_INADEQUATE_SECURITY) {
    return ["PERMISSION_DENIED", "the peer wants a safer connection"] as const;
  }
  return ["INTERNAL", `the peer ended the call without a status (HTTP/2 code ${code})`] as const;
}
