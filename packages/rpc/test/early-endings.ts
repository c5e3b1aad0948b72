// Calls that end before their time, client and server in a process each, watched from here: a process that stands still
// is a failed run and not a run without end.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { seeded } from "./seeded.ts";

export type Stack = "p8e" | "grpc-js";

export interface EarlyEndings {
  readonly client: Stack;
  readonly server: Stack;
  readonly seed: number;
  readonly calls: number;
  /** Connections break now and then as well, at moments that nobody chose: a call may then end as UNAVAILABLE. */
  readonly weather?: boolean;
}

export interface EarlyEndingsResult {
  readonly calls: number;
  /** Calls that ended otherwise than they were to, in words. */
  readonly strange: readonly string[];
  /** Uploads, all of them cut off, that the server took for whole ones. */
  readonly wholes: number;
  /** Handlers that the server still runs ten seconds after the last call. */
  readonly running: number;
}

/** Nothing drawn here takes a second; a process that says nothing for this long is stuck. */
const SILENCE_MS = 60_000;

const program = fileURLToPath(new URL("early-endings-process.ts", import.meta.url));

/** Runs the calls that the seed draws. Rejects when one of the processes stands still or ends by itself. */
export async function runEarlyEndings(run: EarlyEndings): Promise<EarlyEndingsResult> {
  const server = fork(program, ["server", run.server]);
  let client: ChildProcess | undefined;
  try {
    const [{ port }] = (await once(server, "message")) as [{ port: number }];
    using weather = run.weather ? await startWeather(port, run.seed) : undefined;
    const words = [run.client, weather?.port ?? port, run.seed, run.calls, weather ? "weather" : "calm"];
    client = fork(program, ["client", ...words.map(String)]);
    return await watch(client, run);
  } finally {
    client?.kill("SIGKILL");
    server.kill("SIGKILL");
  }
}

function watch(client: ChildProcess, run: EarlyEndings): Promise<EarlyEndingsResult> {
  return new Promise((resolve, reject) => {
    let calls = 0;
    let last = "none";
    const fail = (what: string): void => {
      const place = `${run.client} with ${run.server}, seed ${run.seed}`;
      reject(new Error(`the client ${what} after ${calls} calls, the last of them: ${last} (${place})`));
    };
    const silence = setTimeout(() => fail("stood still"), SILENCE_MS);
    client.on("message", (message: { ended: string } | Omit<EarlyEndingsResult, "calls">) => {
      silence.refresh();
      if ("ended" in message) {
        calls++;
        last = message.ended;
        return;
      }
      clearTimeout(silence);
      resolve({ calls, ...message });
    });
    client.on("exit", (code, signal) => {
      clearTimeout(silence);
      fail(`ended with ${signal ?? code}`);
    });
  });
}

/** A TCP proxy each of whose connections ends after some bytes: by FIN, by RST, or by silence and then RST. */
async function startWeather(port: number, seed: number): Promise<{ readonly port: number } & Disposable> {
  const random = seeded(seed);
  const sockets = new Set<Socket>();
  const proxy = createServer((inner) => {
    const outer = connect(port, "127.0.0.1");
    let left = 100_000 * 300 ** random();
    const way = Math.floor(random() * 3);
    const end = (): void => {
      inner.unpipe();
      outer.unpipe();
      const kill = (socket: Socket): unknown => (way === 0 ? socket.end() : socket.resetAndDestroy());
      setTimeout(() => [inner, outer].forEach(kill), way === 2 ? 50 : 0);
    };
    for (const [from, to] of [[inner, outer] as const, [outer, inner] as const]) {
      sockets.add(from);
      from
        .on("error", () => {})
        .on("close", () => {
          sockets.delete(from);
          to.destroy();
        });
      from.on("data", (chunk) => {
        if (left <= 0) return;
        left -= chunk.length;
        if (left <= 0) end();
      });
      from.pipe(to);
    }
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  return {
    port: (proxy.address() as AddressInfo).port,
    [Symbol.dispose]: () => {
      proxy.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

// As a command: `node packages/rpc/test/early-endings.ts CLIENT SERVER CALLS [SEED] [weather]`, each side p8e or grpc-js.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [client = "p8e", server = "p8e", calls = "500", seed = String(Date.now() % 2 ** 31), how] =
    process.argv.slice(2);
  console.log(`${client} with ${server}, ${calls} calls, seed ${seed}`);
  const sides = { client: client as Stack, server: server as Stack };
  const run = { ...sides, calls: Number(calls), seed: Number(seed), weather: how === "weather" };
  const result = await runEarlyEndings(run).catch((error: Error) => error.message);
  console.log(result);
}
