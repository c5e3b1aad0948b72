import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { P8eError } from "@p8e/core";
import { freePort } from "@p8e/machine";
import * as cosmos from "@p8e/proto/cosmos";
import { connectRpc } from "@p8e/rpc";
import { programArguments, programEnvironment } from "./program.ts";

/** Where a node listens. */
export interface NodePorts {
  readonly grpc: number;
  /** CometBFT's RPC. */
  readonly rpc: number;
  /** For other nodes. */
  readonly peer: number;
}

/** Which node is to run. */
export interface NodeProcessOptions {
  readonly program: string;
  readonly home: string;
  readonly ports: NodePorts;
  /** The addresses that it listens on for calls and for CometBFT's RPC: 127.0.0.1 unless given. */
  readonly hosts?: { readonly grpc: string; readonly rpc: string };
  readonly signal?: AbortSignal | undefined;
}

const READY_MS = 120_000;
const ASK_MS = 2_000;
const LOOK_MS = 100;
/** Less than its own parent is given to end. */
const STOP_MS = 10_000;
const LOG_BYTES = 3_000;

/**
 * Runs the node, says its pid, and ends with it. When we end, however that happens, the pipe to us breaks, `read` returns
 * and the node is killed.
 */
const SUPERVISOR = `exec 3<&0
"$@" </dev/null >>"$LOG" 2>&1 3<&- &
child=$!
echo $child
(read -r _ <&3; kill -KILL $child) >/dev/null 2>&1 &
wait $child`;

/** A running node. It ends with this process, however that ends. */
export class NodeProcess implements AsyncDisposable {
  readonly #pid: number;
  readonly #supervisor: ChildProcess;
  /** Resolves when the node has ended, asked to or not. */
  readonly ended: Promise<void>;

  private constructor(supervisor: ChildProcess, pid: number) {
    this.#supervisor = supervisor;
    this.#pid = pid;
    this.ended = this.#isAlive ? once(supervisor, "exit").then(() => undefined) : Promise.resolve();
  }

  /**
   * Starts it on its home and resolves when it makes or receives blocks.
   * @throws `process.failed` with the end of its log when it has ended or shows no new block within two minutes
   */
  static async start(options: NodeProcessOptions): Promise<NodeProcess> {
    const { program, home, ports, hosts = { grpc: "127.0.0.1", rpc: "127.0.0.1" } } = options;
    const log = join(home, "node.log");
    const flags = ["--grpc.address", `${hosts.grpc}:${ports.grpc}`, "--rpc.laddr", `tcp://${hosts.rpc}:${ports.rpc}`];
    flags.push("--p2p.laddr", `tcp://127.0.0.1:${ports.peer}`, "--api.enable=false", "--log_level", "warn");
    const args = programArguments(home, ["start", ...flags]);
    const supervisor = spawn("sh", ["-c", SUPERVISOR, "sh", program, ...args], {
      env: { ...programEnvironment(program, home), LOG: log },
      stdio: ["pipe", "pipe", "ignore"],
    });
    const [line] = (await once(supervisor.stdout!, "data")) as [Buffer];
    const node = new NodeProcess(supervisor, Number(line.toString().trim()));
    try {
      await node.#ready(ports.grpc, log, options.signal);
    } catch (error) {
      await node.stop("kill");
      throw error;
    }
    return node;
  }

  /** It stands still until `resume`: connections stay open and nobody answers (SIGSTOP). */
  pause(): void {
    if (this.#isAlive) process.kill(this.#pid, "SIGSTOP");
  }

  resume(): void {
    if (this.#isAlive) process.kill(this.#pid, "SIGCONT");
  }

  /** Ends it; `kill` (SIGKILL) leaves it no time to tidy, and neither does a node that takes ten seconds. */
  async stop(how: "tidily" | "kill" = "tidily"): Promise<void> {
    if (this.#isAlive) {
      if (how === "tidily") {
        process.kill(this.#pid, "SIGTERM");
        process.kill(this.#pid, "SIGCONT");
        await Promise.race([this.ended, delay(STOP_MS, undefined, { ref: false })]);
      }
      // What is still there is killed by its supervisor now.
      this.#supervisor.stdin!.end();
      await this.ended;
    }
    this.#supervisor.stdin!.destroy();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  get #isAlive(): boolean {
    return this.#supervisor.exitCode === null && this.#supervisor.signalCode === null;
  }

  async #ready(port: number, log: string, signal: AbortSignal | undefined): Promise<void> {
    let first: bigint | undefined;
    await using client = connectRpc({ url: `grpc://127.0.0.1:${port}` });
    const height = async () => {
      const answer = await client.unary(cosmos.tendermint.Service.method.getLatestBlock, {}, { timeoutMs: ASK_MS });
      return answer.block?.header?.height;
    };
    for (const end = Date.now() + READY_MS; Date.now() < end && this.#isAlive; await delay(LOOK_MS)) {
      signal?.throwIfAborted();
      const now = await height().catch(() => undefined);
      first ??= now;
      if (first !== undefined && now !== undefined && now > first) return;
    }
    const said = await readFile(log, "utf8").catch(() => "");
    throw new P8eError("process.failed", `the Provenance node makes no blocks: ${said.slice(-LOG_BYTES)}`, {
      facts: { process: "provenanced", log },
    });
  }
}

/**
 * Free a moment ago: a node takes numbers only, so another program may be faster.
 * @param grpc the port to ask it at, where that is given
 */
export async function freeNodePorts(grpc?: number): Promise<NodePorts> {
  const [free, rpc, peer] = await Promise.all([freePort(), freePort(), freePort()]);
  return { grpc: grpc ?? free, rpc, peer };
}
