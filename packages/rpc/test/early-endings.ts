// Calls that end before their time, client and server in a process each, watched from here: a process that stands still
// is a failed run and not a run without end.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

export type Stack = "p8e" | "grpc-js";

export interface EarlyEndings {
  readonly client: Stack;
  readonly server: Stack;
  readonly seed: number;
  readonly calls: number;
}

export interface EarlyEndingsResult {
  readonly calls: number;
  /** Calls that ended otherwise than they were to, in words. */
  readonly strange: readonly string[];
  /** Uploads, all of them cut off, that the server took for whole ones. */
  readonly wholes: number;
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
    client = fork(program, ["client", run.client, String(port), String(run.seed), String(run.calls)]);
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

// As a command: `node packages/rpc/test/early-endings.ts CLIENT SERVER CALLS [SEED]`, each side p8e or grpc-js.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [client = "p8e", server = "p8e", calls = "500", seed = String(Date.now() % 2 ** 31)] = process.argv.slice(2);
  console.log(`${client} with ${server}, ${calls} calls, seed ${seed}`);
  const run = { client: client as Stack, server: server as Stack, calls: Number(calls), seed: Number(seed) };
  const result = await runEarlyEndings(run).catch((error: Error) => error.message);
  console.log(result);
}
