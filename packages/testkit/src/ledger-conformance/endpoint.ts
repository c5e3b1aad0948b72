import {
  create,
  type DescMessage,
  type DescMethodUnary,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { Client, credentials, Metadata, type ServiceError } from "@grpc/grpc-js";

/** A reply of the node. */
export interface Answer<O extends DescMessage> {
  readonly message: MessageShape<O>;
  /** The response's initial metadata, first values only. */
  readonly headers: ReadonlyMap<string, string>;
}

/** A gRPC call that ended with a status other than OK. */
export class CallRefused extends Error {
  override readonly name = "CallRefused";
  readonly status: number;
  /** The text that came with it. */
  readonly details: string;

  constructor(status: number, details: string) {
    super(`gRPC status ${status}: ${details}`);
    this.status = status;
    this.details = details;
  }
}

const DEADLINE_MS = 30_000;

/**
 * A node under test, called as any foreign program would call it: through grpc-js, with nothing but the published
 * message types in common with it.
 */
export class LedgerEndpoint implements Disposable {
  readonly #client: Client;

  /** `grpc://HOST:PORT` for plain HTTP/2, `grpcs://HOST:PORT` for TLS. */
  constructor(url: string) {
    const { protocol, host } = new URL(url);
    const security = protocol === "grpcs:" ? credentials.createSsl() : credentials.createInsecure();
    this.#client = new Client(host, security);
  }

  async call<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    request: MessageInitShape<I>,
    options: {
      readonly height?: bigint;
      /** Changes a reply before it is decoded. */
      readonly mend?: (reply: Uint8Array) => Uint8Array;
    } = {},
  ): Promise<Answer<O>> {
    const metadata = new Metadata();
    if (options.height !== undefined) metadata.set("x-cosmos-block-height", options.height.toString());
    return new Promise((resolve, reject) => {
      const headers = new Map<string, string>();
      const path = `/${method.parent.typeName}/${method.name}`;
      const call = this.#client.makeUnaryRequest(
        path,
        (message: MessageShape<I>) => Buffer.from(toBinary(method.input, message)),
        (bytes: Buffer) => fromBinary(method.output, options.mend?.(bytes) ?? bytes),
        create(method.input, request),
        metadata,
        { deadline: Date.now() + DEADLINE_MS },
        (error: ServiceError | null, message?: MessageShape<O>) => {
          if (error !== null || message === undefined) {
            reject(new CallRefused(error?.code ?? -1, error?.details ?? "no message"));
          } else {
            resolve({ message, headers });
          }
        },
      );
      call.on("metadata", (received: Metadata) => {
        for (const [name, value] of Object.entries(received.getMap())) headers.set(name, value.toString());
      });
    });
  }

  /** The response alone. */
  async ask<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    request: MessageInitShape<I>,
  ): Promise<MessageShape<O>> {
    return (await this.call(method, request)).message;
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }
}
