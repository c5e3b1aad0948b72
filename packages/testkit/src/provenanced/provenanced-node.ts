import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { type AccountPrefix, networks } from "@p8e/core";
import { type PrivateKey, privateKeyFromMnemonic } from "@p8e/crypto";
import { cosmos } from "@p8e/proto";
import { LedgerEndpoint } from "../ledger-conformance/endpoint.ts";
import type { Provenanced } from "./find-provenanced.ts";
import {
  type HomeOptions,
  makeFollowerHome,
  makeValidatorHome,
  programArguments,
  programEnvironment,
} from "./node-home.ts";

/** A real Provenance node on this machine, for tests: started on a fresh chain, stopped, killed, held and continued. */
export interface ProvenancedNode extends AsyncDisposable {
  /** gRPC, `grpc://127.0.0.1:PORT`. */
  readonly url: string;
  /** CometBFT's RPC, `http://127.0.0.1:PORT`. */
  readonly rpcUrl: string;
  readonly chainId: string;
  readonly accountPrefix: AccountPrefix;
  /** Of the genesis' first account, which holds 12.5e18 nhash. */
  readonly faucet: PrivateKey;
  /** Stands still until `resume`: connections stay open and nobody answers (SIGSTOP). */
  pause(): void;
  resume(): void;
  /** Ends it; `kill` (SIGKILL) leaves it no time to tidy. Its ports stay its own. */
  stop(how?: "tidily" | "kill"): Promise<void>;
  /** Again on its home and ports after `stop`; resolves when it makes or receives blocks. */
  start(): Promise<void>;
  /** A second node that follows this one's chain and signs no blocks. */
  follower(options?: Partial<Pick<HomeOptions, "indexed">>): Promise<ProvenancedNode>;
}

const FAUCET_WORDS =
  "stable payment cliff fault abuse clinic bus belt film then forward world goose bring picnic rich special brush basic lamp window coral worry change";

const READY_MS = 120_000;
const STOP_MS = 20_000;

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

/** A chain of one validator: 250 ms blocks and a transaction index unless told otherwise. About 5 s to the first block. */
export async function startProvenanced(
  found: Provenanced,
  options: Partial<HomeOptions> = {},
): Promise<ProvenancedNode> {
  const settings = { chainId: networks.local.chainId, blockTimeMs: 250, indexed: true, ...options };
  return openNode(found, settings, (home) => makeValidatorHome(found, home, settings));
}

async function openNode(
  found: Provenanced,
  settings: HomeOptions,
  make: (home: string) => Promise<void>,
): Promise<ProvenancedNode> {
  const home = await mkdtemp(join(tmpdir(), "p8e-provenanced-"));
  try {
    await make(home);
    const node = new RunningNode(found, home, settings, await freePorts());
    await node.start();
    return node;
  } catch (error) {
    await rm(home, { recursive: true, force: true });
    throw error;
  }
}

interface Ports {
  readonly grpc: number;
  readonly rpc: number;
  readonly peer: number;
}

class RunningNode implements ProvenancedNode {
  readonly url: string;
  readonly rpcUrl: string;
  readonly chainId: string;
  readonly accountPrefix = networks.local.accountPrefix;
  readonly faucet = privateKeyFromMnemonic(FAUCET_WORDS, networks.local.derivationPath);
  readonly #found: Provenanced;
  readonly #home: string;
  readonly #settings: HomeOptions;
  readonly #ports: Ports;
  #running: { readonly supervisor: ChildProcess; readonly pid: number } | undefined;

  constructor(found: Provenanced, home: string, settings: HomeOptions, ports: Ports) {
    this.url = `grpc://127.0.0.1:${ports.grpc}`;
    this.rpcUrl = `http://127.0.0.1:${ports.rpc}`;
    this.chainId = settings.chainId;
    this.#found = found;
    this.#home = home;
    this.#settings = settings;
    this.#ports = ports;
  }

  get #log(): string {
    return join(this.#home, "node.log");
  }

  pause(): void {
    if (this.#running) process.kill(this.#running.pid, "SIGSTOP");
  }

  resume(): void {
    if (this.#running) process.kill(this.#running.pid, "SIGCONT");
  }

  async start(): Promise<void> {
    const { grpc, rpc, peer } = this.#ports;
    const flags = ["--grpc.address", `127.0.0.1:${grpc}`, "--rpc.laddr", `tcp://127.0.0.1:${rpc}`];
    flags.push("--p2p.laddr", `tcp://127.0.0.1:${peer}`, "--api.enable=false", "--log_level", "warn");
    const args = programArguments(this.#home, ["start", ...flags]);
    const supervisor = spawn("sh", ["-c", SUPERVISOR, "sh", this.#found.program, ...args], {
      env: { ...programEnvironment(this.#found), LOG: this.#log },
      stdio: ["pipe", "pipe", "ignore"],
    });
    const [line] = (await once(supervisor.stdout!, "data")) as [Buffer];
    this.#running = { supervisor, pid: Number(line.toString().trim()) };
    try {
      await this.#ready();
    } catch (error) {
      await this.stop("kill");
      throw error;
    }
  }

  /** @throws Error with the end of its log when it has ended or shows no new block in time */
  async #ready(): Promise<void> {
    let first: bigint | undefined;
    for (const end = Date.now() + READY_MS; Date.now() < end; await delay(100)) {
      if (!this.#isAlive()) break;
      const height = await this.#askHeight();
      first ??= height;
      if (first !== undefined && height !== undefined && height > first) return;
    }
    const log = await readFile(this.#log, "utf8");
    throw new Error(`provenanced does not make blocks; its log ends with\n${log.slice(-3000)}`);
  }

  async #askHeight(): Promise<bigint | undefined> {
    using endpoint = new LedgerEndpoint(this.url);
    try {
      const { block } = await endpoint.ask(cosmos.tendermint.Service.method.getLatestBlock, {});
      return block?.header?.height;
    } catch {
      return undefined;
    }
  }

  #isAlive(): boolean {
    const supervisor = this.#running?.supervisor;
    return supervisor !== undefined && supervisor.exitCode === null && supervisor.signalCode === null;
  }

  async stop(how: "tidily" | "kill" = "tidily"): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    this.#running = undefined;
    const { supervisor, pid } = running;
    if (supervisor.exitCode === null && supervisor.signalCode === null) {
      const ended = once(supervisor, "exit");
      if (how === "tidily") {
        process.kill(pid, "SIGTERM");
        process.kill(pid, "SIGCONT");
        await Promise.race([ended, delay(STOP_MS, undefined, { ref: false })]);
      }
      // What is still there is killed by its supervisor now.
      supervisor.stdin!.end();
      await ended;
    }
    supervisor.stdin!.destroy();
  }

  async follower(options: Partial<Pick<HomeOptions, "indexed">> = {}): Promise<ProvenancedNode> {
    const settings = { ...this.#settings, ...options };
    const first = { home: this.#home, peerPort: this.#ports.peer };
    return openNode(this.#found, settings, (home) => makeFollowerHome(this.#found, home, settings, first));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop("kill");
    await rm(this.#home, { recursive: true, force: true });
  }
}

/** Free a moment ago: a node takes numbers only, so another program may be faster. */
async function freePorts(): Promise<Ports> {
  const servers = [createServer(), createServer(), createServer()];
  const ports = await Promise.all(
    servers.map(async (server) => {
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      return (server.address() as AddressInfo).port;
    }),
  );
  for (const server of servers) server.close();
  return { grpc: ports[0]!, rpc: ports[1]!, peer: ports[2]! };
}
