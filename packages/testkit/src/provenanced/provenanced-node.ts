import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AccountPrefix, hasCode, networks } from "@p8e/core";
import { type PrivateKey, privateKeyFromMnemonic } from "@p8e/crypto";
import {
  freeNodePorts,
  type HomeOptions,
  type MessagePrice,
  makeFollowerHome,
  makeValidatorHome,
  type NodePorts,
  NodeProcess,
} from "@p8e/provenanced";
import type { Provenanced } from "./find-provenanced.ts";

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

/** A chain of one validator: 250 ms blocks and a transaction index unless told otherwise. About 5 s to the first block. */
export async function startProvenanced(
  found: Provenanced,
  options: Partial<HomeOptions> = {},
): Promise<ProvenancedNode> {
  const settings = { chainId: networks.local.chainId, blockTimeMs: 250, indexed: true, ...options };
  const prices = JSON.parse(await readFile(found.priceList, "utf8")) as MessagePrice[];
  return openNode(found, settings, (home) => makeValidatorHome(found.program, home, { ...settings, prices }));
}

async function openNode(
  found: Provenanced,
  settings: HomeOptions,
  make: (home: string) => Promise<void>,
): Promise<ProvenancedNode> {
  const home = await mkdtemp(join(tmpdir(), "p8e-provenanced-"));
  try {
    await make(home);
    for (let tries = 1; ; tries++) {
      const node = new RunningNode(found, home, settings, await freeNodePorts());
      try {
        await node.start();
        return node;
      } catch (error) {
        if (tries === 5 || !isPortTaken(error)) throw error;
      }
    }
  } catch (error) {
    await rm(home, { recursive: true, force: true });
    throw error;
  }
}

/** Another program was faster: a node takes numbers only, and they were free a moment ago. */
function isPortTaken(error: unknown): boolean {
  return hasCode(error, "process.failed") && error.message.includes("address already in use");
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
  readonly #ports: NodePorts;
  #running: NodeProcess | undefined;

  constructor(found: Provenanced, home: string, settings: HomeOptions, ports: NodePorts) {
    this.url = `grpc://127.0.0.1:${ports.grpc}`;
    this.rpcUrl = `http://127.0.0.1:${ports.rpc}`;
    this.chainId = settings.chainId;
    this.#found = found;
    this.#home = home;
    this.#settings = settings;
    this.#ports = ports;
  }

  pause(): void {
    this.#running?.pause();
  }

  resume(): void {
    this.#running?.resume();
  }

  async start(): Promise<void> {
    this.#running = await NodeProcess.start({ program: this.#found.program, home: this.#home, ports: this.#ports });
  }

  async stop(how: "tidily" | "kill" = "tidily"): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    await running?.stop(how);
  }

  async follower(options: Partial<Pick<HomeOptions, "indexed">> = {}): Promise<ProvenancedNode> {
    const settings = { ...this.#settings, ...options };
    const first = { home: this.#home, peerPort: this.#ports.peer };
    return openNode(this.#found, settings, (home) => makeFollowerHome(this.#found.program, home, settings, first));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop("kill");
    await rm(this.#home, { recursive: true, force: true });
  }
}
