// One side of early-endings.ts, in a process of its own: `server STACK`, or `client STACK PORT SEED CALLS WEATHER`.
// Tells its parent over IPC: the server its port, the client every call that has ended, and at last all outcomes.
import { setTimeout as delay } from "node:timers/promises";
import { isP8eError } from "@p8e/core";
import { RpcStatusError } from "../src/index.ts";
import { connectEcho, Echo, startEcho } from "./echo.ts";
import { type GrpcMessage, grpc, grpcClient, grpcServer } from "./grpc-js.ts";
import { type Random, seeded } from "./seeded.ts";

const SIZE_MIN = 1000;
const SIZE_MAX = 2_000_000;
const logUniform = (random: Random): number => Math.round(SIZE_MIN * (SIZE_MAX / SIZE_MIN) ** random());

/** A call that will end before its time, and how. */
interface Plan {
  readonly ending: keyof typeof endings;
  readonly messageBytes: number;
  /** After so many bytes, in messages that are at least one. */
  readonly endsAtBytes: number;
  readonly timeoutMs: number;
}

const endings = {
  "upload refused": "RESOURCE_EXHAUSTED",
  "upload cancelled": "CANCELLED",
  "upload late": "DEADLINE_EXCEEDED",
  "upload with a broken source": "source",
  "message refused": "FAILED_PRECONDITION",
  "message cancelled": "CANCELLED",
  "download left": "left",
  "download cancelled": "CANCELLED",
  "download late": "DEADLINE_EXCEEDED",
  "download that fails": "ABORTED",
} as const;

function draw(random: Random): Plan {
  const names = Object.keys(endings) as (keyof typeof endings)[];
  return {
    ending: names[Math.floor(random() * names.length)] as keyof typeof endings,
    messageBytes: logUniform(random),
    endsAtBytes: logUniform(random),
    timeoutMs: 1 + Math.floor(random() * 30),
  };
}

/** What both stacks offer; every function resolves to how the call ended. */
interface Client extends AsyncDisposable {
  upload(plan: Plan): Promise<string>;
  message(plan: Plan): Promise<string>;
  download(plan: Plan): Promise<string>;
  /** A call that nothing is to happen to. */
  echo(text: string): Promise<{ readonly text: unknown; readonly number: unknown }>;
}

const countOf = (plan: Plan): number => Math.ceil(plan.endsAtBytes / plan.messageBytes);

/** An upload's messages: the first says when the server is to refuse, the rest are as many as anybody takes. */
async function* uploadOf(plan: Plan, atEnd: () => Promise<void>): AsyncGenerator<{ data: Uint8Array; number: bigint }> {
  const refuse = plan.ending === "upload refused" ? BigInt(plan.endsAtBytes) : 0n;
  for (let sent = 0; ; sent++) {
    if (plan.ending !== "upload refused" && sent === countOf(plan)) await atEnd();
    yield { data: new Uint8Array(plan.messageBytes), number: refuse };
  }
}

/** As many messages as are needed; an odd number fails at its end. */
const downloadOf = (plan: Plan) => ({
  size: plan.messageBytes,
  count: plan.ending === "download that fails" ? 2 * countOf(plan) + 1 : 1_000_000,
});

// ---- our stack

function p8eClient(port: number): Client {
  const client = connectEcho({ port });
  const ended = (error: unknown): string => {
    if (!isP8eError(error)) return error instanceof Error ? error.message : String(error);
    return String(error.facts["grpcStatus"] ?? error.status.grpc);
  };
  return {
    upload: (plan) => {
      const stop = new AbortController();
      const source = uploadOf(plan, async () => {
        if (plan.ending === "upload with a broken source") throw new Error("source");
        if (plan.ending === "upload cancelled") stop.abort();
      });
      const options = plan.ending === "upload late" ? { timeoutMs: plan.timeoutMs } : { signal: stop.signal };
      return client.clientStream(Echo.method.upload, source, options).then(() => "whole", ended);
    },
    message: (plan) => {
      const stop = new AbortController();
      const text = plan.ending === "message refused" ? "refuse" : "wait";
      const request = { text, data: new Uint8Array(plan.messageBytes) };
      const answer = client.unary(Echo.method.unary, request, { signal: stop.signal }).then(() => "whole", ended);
      if (plan.ending === "message cancelled") setTimeout(() => stop.abort(), plan.timeoutMs % 4);
      return answer;
    },
    download: async (plan) => {
      const stop = new AbortController();
      const options = plan.ending === "download late" ? { timeoutMs: plan.timeoutMs } : { signal: stop.signal };
      try {
        let received = 0;
        for await (const _ of client.serverStream(Echo.method.download, downloadOf(plan), options)) {
          if (++received < countOf(plan)) continue;
          if (plan.ending === "download left") return "left";
          if (plan.ending === "download cancelled") stop.abort();
        }
        return "whole";
      } catch (error) {
        return ended(error);
      }
    },
    echo: (text) => client.unary(Echo.method.unary, { text }),
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}

async function p8eServer(): Promise<number> {
  let wholes = 0;
  let running = 0;
  // The limit on resets is not what is looked at here.
  const limits = { resetBurst: 1_000_000, resetsPerSecond: 1_000_000 };
  const handlers = {
    unary: async (request: { text: string }, { signal }: { signal: AbortSignal }) => {
      if (request.text === "refuse") throw new RpcStatusError("FAILED_PRECONDITION", "refused");
      if (request.text === "wait") {
        running++;
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        running--;
      }
      if (request.text === "wholes") return { number: BigInt(wholes) };
      return request.text === "running" ? { number: BigInt(running) } : { text: request.text };
    },
    upload: async (requests: AsyncIterable<{ data: Uint8Array; number: bigint }>) => {
      let bytes = 0;
      running++;
      try {
        for await (const { data, number } of requests) {
          bytes += data.length;
          if (number > 0n && bytes >= number) throw new RpcStatusError("RESOURCE_EXHAUSTED", "refused");
        }
        wholes++;
        return {};
      } finally {
        running--;
      }
    },
    async *download({ count, size }: { count: number; size: number }) {
      running++;
      try {
        for (let sent = 0; sent < count; sent++) yield { data: new Uint8Array(size) };
        if (count % 2 === 1) throw new RpcStatusError("ABORTED", "failed");
      } finally {
        running--;
      }
    },
  };
  return (await startEcho(handlers, { limits })).port;
}

// ---- grpc-js

function grpcJsClient(port: number): Client {
  const client = grpcClient(port);
  const ended = (error: grpc.ServiceError): string => grpc.status[error.code] ?? String(error.code);
  const late = (plan: Plan) => (plan.ending.endsWith("late") ? { deadline: Date.now() + plan.timeoutMs } : {});
  return {
    upload: async (plan) => {
      const { call, answer } = client.upload(late(plan));
      let over = false;
      const end = answer
        .then(() => "whole", ended)
        .finally(() => {
          over = true;
        });
      const send = async () => {
        for await (const message of uploadOf(plan, async () => {
          if (plan.ending !== "upload late") call.cancel();
        })) {
          if (over) break;
          if (!call.write(message)) await Promise.race([new Promise((resolve) => call.once("drain", resolve)), end]);
          else await new Promise((resolve) => setImmediate(resolve));
        }
      };
      void send();
      const outcome = await end;
      return plan.ending === "upload with a broken source" && outcome === "CANCELLED" ? "source" : outcome;
    },
    message: (plan) => {
      const text = plan.ending === "message refused" ? "refuse" : "wait";
      const onCall = (call: grpc.ClientUnaryCall) => {
        if (plan.ending === "message cancelled") setTimeout(() => call.cancel(), plan.timeoutMs % 4);
      };
      return client.unary({ text, data: new Uint8Array(plan.messageBytes) }, { onCall }).then(() => "whole", ended);
    },
    download: (plan) =>
      new Promise((resolve) => {
        const call = client.download(downloadOf(plan), late(plan));
        let received = 0;
        call.on("data", () => {
          if (++received === countOf(plan) && /left|cancelled/.test(plan.ending)) call.cancel();
        });
        call.on("error", (error: grpc.ServiceError) =>
          resolve(plan.ending === "download left" ? "left" : ended(error)),
        );
        call.on("end", () => {});
      }),
    echo: async (text) => (await client.unary({ text })).message as unknown as { text: unknown; number: unknown },
    [Symbol.asyncDispose]: async () => client[Symbol.dispose](),
  };
}

async function grpcJsServer(): Promise<number> {
  const refused = (code: grpc.status) => ({ code, details: "refused" });
  type Unary = grpc.ServerUnaryCall<GrpcMessage, object>;
  const server = await grpcServer({
    unary: (call: Unary, done: grpc.sendUnaryData<object>) => {
      if (call.request["text"] === "refuse") return done(refused(grpc.status.FAILED_PRECONDITION));
      if (call.request["text"] !== "wait")
        done(null, /wholes|running/.test(String(call.request["text"])) ? {} : call.request);
    },
    upload: (call: grpc.ServerReadableStream<GrpcMessage, object>, done: grpc.sendUnaryData<object>) => {
      let bytes = 0;
      let open = true;
      const end = (error: object | null): void => {
        if (!open) return;
        open = false;
        done(error, {});
      };
      call.on("data", (message: GrpcMessage) => {
        bytes += message.data.length;
        const limit = Number(message["number"]);
        if (limit > 0 && bytes >= limit) end(refused(grpc.status.RESOURCE_EXHAUSTED));
      });
      call.on("end", () => end(null));
    },
    download: async (call: grpc.ServerWritableStream<{ count: number; size: number }, object>) => {
      const { count, size } = call.request;
      for (let sent = 0; sent < count && !call.cancelled; sent++) {
        if (call.write({ data: new Uint8Array(size) })) continue;
        await new Promise<void>((resolve) => {
          call.once("drain", resolve);
          call.once("cancelled", resolve);
        });
        call.removeAllListeners("drain").removeAllListeners("cancelled");
      }
      if (count % 2 === 1) call.emit("error", refused(grpc.status.ABORTED));
      else call.end();
    },
    chat: () => {},
    missing: () => {},
  });
  return server.port;
}

// ---- the calls

async function callAll(client: Client, random: Random, calls: number, weather: boolean): Promise<void> {
  let left = calls;
  const strange: string[] = [];
  const echo = async (text: string): ReturnType<Client["echo"]> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await client.echo(text);
      } catch (error) {
        if (!weather || attempt === 20) throw error;
      }
    }
  };
  const lane = async () => {
    while (left-- > 0) {
      const plan = draw(random);
      const kind = plan.ending.split(" ")[0] as "upload" | "message" | "download";
      const outcome = await client[kind](plan);
      const echoed = (await echo(plan.ending)).text;
      const lost = weather && outcome === "UNAVAILABLE";
      if (outcome !== endings[plan.ending] && !lost) strange.push(`${JSON.stringify(plan)} ended with ${outcome}`);
      if (echoed !== plan.ending) strange.push(`the echo after it was ${String(echoed)}`);
      process.send?.({ ended: plan.ending });
    }
  };
  await Promise.all([lane(), lane(), lane()]);
  const count = async (text: string) => Number((await echo(text)).number ?? 0);
  const wholes = await count("wholes");
  // Every reset has reached the server when none of its handlers waits any more.
  let running = await count("running");
  for (let attempt = 0; running > 0 && attempt < 500; attempt++) {
    await delay(20);
    running = await count("running");
  }
  process.send?.({ strange, wholes, running });
}

const [role, stack, port, seed, calls, weather] = process.argv.slice(2);
if (role === "server") process.send?.({ port: await (stack === "p8e" ? p8eServer() : grpcJsServer()) });
else {
  const client = stack === "p8e" ? p8eClient(Number(port)) : grpcJsClient(Number(port));
  await callAll(client, seeded(Number(seed)), Number(calls), weather === "weather");
  await Promise.race([client[Symbol.asyncDispose](), delay(1000)]);
  process.disconnect?.();
}
