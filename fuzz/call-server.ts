import { type ClientHttp2Session, connect } from "node:http2";

/** How long a server may take for an answer, or for letting go of the call. */
const ANSWER_MS = 20_000;

/** Calls methods of a server with bytes that no client of ours would send. */
export class RawClient implements Disposable {
  readonly #url: string;
  #session: ClientHttp2Session | undefined;

  constructor(url: string) {
    this.#url = url;
  }

  /** The `p8e-code` or status of the answer. @throws Error if there is none in time, or it is an unexpected one */
  async call(path: string, messages: readonly Uint8Array[]): Promise<string> {
    const stream = this.#connected().request({
      ":method": "POST",
      ":path": path,
      "content-type": "application/grpc",
      te: "trailers",
    });
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    let answer = "";
    const note = (headers: Readonly<Record<string, unknown>>): void => {
      const status = headers["grpc-status"];
      if (status !== undefined) answer = `${String(status)} ${String(headers["p8e-code"] ?? "")}`.trim();
    };
    stream
      .on("response", note)
      .on("trailers", note)
      .on("error", () => undefined)
      .resume();
    stream.on("close", () => resolve(answer === "" ? `reset ${stream.rstCode}` : answer));
    const timer = setTimeout(() => reject(new Error(`no answer to ${path}`)), ANSWER_MS);
    for (const message of messages) stream.write(framed(message));
    stream.end();
    try {
      const given = await promise;
      if (given.includes("internal.unexpected")) throw new Error(`${path} was answered ${given}`);
      return given;
    } finally {
      clearTimeout(timer);
      stream.destroy();
    }
  }

  [Symbol.dispose](): void {
    this.#session?.destroy();
  }

  #connected(): ClientHttp2Session {
    if (this.#session === undefined || this.#session.closed || this.#session.destroyed) {
      this.#session = connect(this.#url);
      this.#session.on("error", () => undefined);
    }
    return this.#session;
  }
}

function framed(message: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}
