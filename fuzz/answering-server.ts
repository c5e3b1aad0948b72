import { createServer, type ServerHttp2Session } from "node:http2";
import type { AddressInfo } from "node:net";

/** What a server answers every call with. */
export interface Answer {
  /** As it stands behind the headers: messages of gRPC, each behind five bytes, or anything else. */
  readonly body: Uint8Array;
  readonly status: number;
  /** In the header of p8e's own code, and as the status' message. */
  readonly says: string;
}

/** A server for gRPC's clients that answers with whatever it is given. */
export class AnsweringServer implements AsyncDisposable {
  readonly #server = createServer();
  readonly #sessions = new Set<ServerHttp2Session>();
  answer: Answer = { body: new Uint8Array(), status: 0, says: "" };

  constructor() {
    this.#server.on("session", (session) => {
      this.#sessions.add(session);
      session.on("error", () => undefined).on("close", () => this.#sessions.delete(session));
    });
    this.#server.on("stream", (stream) => {
      stream.on("error", () => undefined).resume();
      const { body, status, says } = this.answer;
      stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
      stream.on("wantTrailers", () =>
        stream.sendTrailers({ "grpc-status": String(status), "grpc-message": says, "p8e-code": says }),
      );
      stream.end(body);
    });
  }

  /** Its port. */
  listen(): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<number>();
    this.#server.listen(0, "127.0.0.1", () => resolve((this.#server.address() as AddressInfo).port));
    return promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const session of this.#sessions) session.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
