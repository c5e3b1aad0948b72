// Our gRPC layer beside @grpc/grpc-js, in the same run: small calls, and 64 MB in messages of 2 MB each way.
// The server runs in a process of its own. Both layers use the same codec (protobuf-es; large messages are encoded
// beforehand, so that the layers are measured and not the encoder). Rounds of the four pairs take turns.
import { type ChildProcess, fork } from "node:child_process";
import { cpus } from "node:os";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import * as grpc from "@grpc/grpc-js";
import { type Codec, connectRpc, handle, messageCodec, rpcMethod, startRpcServer } from "@p8e/rpc";
import {
  DownloadRequestSchema,
  Echo,
  type Message,
  MessageSchema,
  UploadSummarySchema,
} from "../packages/rpc/test/proto/src/gen/echo_pb.ts";

const ROUNDS = 5;
const CALLS_PER_ROUND = 3000;
const CALLS_AT_ONCE = 64;
const MESSAGE_BYTES = 2_000_000;
const MESSAGES = 32;
const KINDS = ["p8e", "grpc-js"] as const;
type Kind = (typeof KINDS)[number];

const large = toBinary(MessageSchema, create(MessageSchema, { data: new Uint8Array(MESSAGE_BYTES).fill(7) }));
/** Decodes as usual; what is sent is bytes already. */
const prepared: Codec<Message, Uint8Array> = { decode: messageCodec(MessageSchema).decode, encode: (bytes) => bytes };
const upload = rpcMethod(Echo.method.upload, { request: prepared });
const download = rpcMethod(Echo.method.download, { response: prepared });

async function servePlain(): Promise<number> {
  const server = await startRpcServer({
    port: 0,
    services: [
      handle(rpcMethod(Echo.method.unary), (request) => request),
      handle(upload, async (requests) => {
        let messages = 0;
        for await (const _ of requests) messages++;
        return { messages };
      }),
      handle(download, async function* (request) {
        for (let count = 0; count < request.count; count++) yield large;
      }),
    ],
  });
  return server.port;
}

async function serveGrpcJs(): Promise<number> {
  const method = (path: string, streams: { requestStream: boolean; responseStream: boolean }) => ({
    path: `/rpctest.Echo/${path}`,
    ...streams,
    requestSerialize: identity,
    responseSerialize: identity,
    requestDeserialize: identity,
    responseDeserialize: identity,
  });
  const server = new grpc.Server({ "grpc.max_receive_message_length": -1 });
  server.addService(
    {
      unary: method("Unary", { requestStream: false, responseStream: false }),
      upload: method("Upload", { requestStream: true, responseStream: false }),
      download: method("Download", { requestStream: false, responseStream: true }),
    },
    {
      unary: (call: grpc.ServerUnaryCall<Buffer, Buffer>, done: grpc.sendUnaryData<Buffer>) =>
        done(null, encodeMessage(fromBinary(MessageSchema, call.request))),
      upload: (call: grpc.ServerReadableStream<Buffer, Buffer>, done: grpc.sendUnaryData<Buffer>) => {
        let messages = 0;
        call.on("data", (bytes: Buffer) => {
          fromBinary(MessageSchema, bytes);
          messages++;
        });
        call.on("end", () =>
          done(null, Buffer.from(toBinary(UploadSummarySchema, create(UploadSummarySchema, { messages })))),
        );
      },
      download: async (call: grpc.ServerWritableStream<Buffer, Buffer>) => {
        const { count } = fromBinary(DownloadRequestSchema, call.request);
        for (let sent = 0; sent < count; sent++) {
          if (!call.write(largeBuffer)) await new Promise((resolve) => call.once("drain", resolve));
        }
        call.end();
      },
    },
  );
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) =>
      error === null ? resolve(port) : reject(error),
    );
  });
}

const identity = (bytes: Buffer): Buffer => bytes;
const largeBuffer = Buffer.from(large.buffer, large.byteOffset, large.byteLength);
const encodeMessage = (message: Message): Buffer => Buffer.from(toBinary(MessageSchema, message));

interface Client extends AsyncDisposable {
  echo(): Promise<unknown>;
  put(): Promise<number>;
  get(): Promise<number>;
}

const small = create(MessageSchema, { text: "0123456789abcdef", number: 5n });

function plainClient(port: number): Client {
  const client = connectRpc({ host: "127.0.0.1", port });
  const echo = rpcMethod(Echo.method.unary);
  return {
    echo: () => client.unary(echo, small),
    put: async () => {
      const requests = Array.from({ length: MESSAGES }, () => large);
      return (await client.clientStream(upload, requests)).messages;
    },
    get: async () => {
      let messages = 0;
      for await (const _ of client.serverStream(download, { count: MESSAGES })) messages++;
      return messages;
    },
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}

function grpcJsClient(port: number): Client {
  const client = new grpc.Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  const decode = (bytes: Buffer) => fromBinary(MessageSchema, bytes);
  return {
    echo: () =>
      new Promise((resolve, reject) => {
        client.makeUnaryRequest("/rpctest.Echo/Unary", encodeMessage, decode, small, (error, value) =>
          error === null ? resolve(value) : reject(error),
        );
      }),
    put: () =>
      new Promise((resolve, reject) => {
        const summary = (bytes: Buffer) => fromBinary(UploadSummarySchema, bytes).messages;
        const call = client.makeClientStreamRequest("/rpctest.Echo/Upload", identity, summary, (error, value) =>
          error === null ? resolve(value ?? 0) : reject(error),
        );
        const send = async () => {
          for (let sent = 0; sent < MESSAGES; sent++) {
            if (!call.write(largeBuffer)) await new Promise((drained) => call.once("drain", drained));
          }
          call.end();
        };
        void send();
      }),
    get: () =>
      new Promise((resolve, reject) => {
        const request = toBinary(DownloadRequestSchema, create(DownloadRequestSchema, { count: MESSAGES }));
        const call = client.makeServerStreamRequest("/rpctest.Echo/Download", identity, decode, Buffer.from(request));
        let messages = 0;
        call.on("data", () => messages++);
        call.on("error", reject);
        call.on("end", () => resolve(messages));
      }),
    [Symbol.asyncDispose]: async () => client.close(),
  };
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

async function echoes(client: Client): Promise<void> {
  let left = CALLS_PER_ROUND;
  const caller = async () => {
    while (left-- > 0) await client.echo();
  };
  await Promise.all(Array.from({ length: CALLS_AT_ONCE }, caller));
}

async function whole(transfer: () => Promise<number>): Promise<void> {
  const messages = await transfer();
  if (messages !== MESSAGES) throw new Error(`${messages} of ${MESSAGES} messages arrived`);
}

async function startServer(kind: Kind): Promise<{ child: ChildProcess; port: number }> {
  const child = fork(fileURLToPath(import.meta.url), [kind]);
  const port = await new Promise<number>((resolve, reject) => {
    child.once("message", (message) => resolve(Number(message)));
    child.once("exit", () => reject(new Error("the server process ended")));
  });
  return { child, port };
}

async function measure(): Promise<void> {
  const megabytes = (MESSAGES * MESSAGE_BYTES) / 1e6;
  const servers = { p8e: await startServer("p8e"), "grpc-js": await startServer("grpc-js") };
  const pairs = KINDS.flatMap((server) =>
    KINDS.map((client) => {
      const { port } = servers[server];
      const opened = client === "p8e" ? plainClient(port) : grpcJsClient(port);
      return { server, client, opened, echo: [] as number[], put: [] as number[], get: [] as number[] };
    }),
  );
  for (let round = -1; round < ROUNDS; round++) {
    for (const pair of pairs) {
      const echo = CALLS_PER_ROUND / (await secondsOf(() => echoes(pair.opened)));
      const put = megabytes / (await secondsOf(() => whole(() => pair.opened.put())));
      const get = megabytes / (await secondsOf(() => whole(() => pair.opened.get())));
      if (round < 0) continue;
      pair.echo.push(echo);
      pair.put.push(put);
      pair.get.push(get);
    }
  }
  console.log(
    `${cpus().length} x ${cpus()[0]?.model.trim() ?? "?"}, Node ${process.version}; server in its own process`,
  );
  console.log(`median of ${ROUNDS} rounds (least to most); ${CALLS_AT_ONCE} echoes at once on one connection\n`);
  console.log(
    `${"server".padEnd(9)}${"client".padEnd(9)}${["echo/s", "put MB/s", "get MB/s"].map((title) => title.padStart(25)).join("")}`,
  );
  for (const { server, client, echo, put, get } of pairs) {
    console.log(
      server.padEnd(9) + client.padEnd(9) + [echo, put, get].map((samples) => shown(samples).padStart(25)).join(""),
    );
  }
  const [ours, theirs] = [pairs[0]!, pairs[3]!];
  const ratio = (what: "echo" | "put" | "get") => `${what} ${(median(ours[what]) / median(theirs[what])).toFixed(2)}`;
  console.log(`\np8e with p8e over grpc-js with grpc-js: ${ratio("echo")}, ${ratio("put")}, ${ratio("get")}`);
  for (const pair of pairs) await pair.opened[Symbol.asyncDispose]();
  for (const { child } of Object.values(servers)) child.kill();
}

function median(samples: readonly number[]): number {
  return samples.toSorted((a, b) => a - b)[samples.length >> 1] as number;
}

function shown(samples: readonly number[]): string {
  return `${median(samples).toFixed(0)} (${Math.min(...samples).toFixed(0)} to ${Math.max(...samples).toFixed(0)})`;
}

const role = process.argv[2];
if (role === undefined) await measure();
else process.send?.(role === "p8e" ? await servePlain() : await serveGrpcJs());
