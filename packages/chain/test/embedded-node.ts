import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { networks } from "@p8e/core";
import { localKey, privateKeyFromMnemonic } from "@p8e/crypto";
import { openLedger, serveLedger } from "@p8e/ledger";
import { freePort } from "@p8e/machine";
import type { ServerTls } from "@p8e/rpc";
import { type ChainOptions, connectChain } from "../src/index.ts";
import { type LedgerSigner, ledgerSigner } from "../src/transactions/signer.ts";

export const CHAIN_ID = "chain-local";

/** A real ledger in this process, on a data folder of its own, that can be stopped and started again. */
export interface EmbeddedNode extends AsyncDisposable {
  readonly url: string;
  /** Other certificates for new connections. */
  replaceTls(tls: ServerTls): void;
  /** Moves the ledger's clock; blocks fall due as if the time had passed. */
  skip(milliseconds: number): void;
  /** Stops serving and forgets everything that is not in a block. */
  restart(): Promise<void>;
}

export async function startNode(blockIntervalMs = 30, tls?: ServerTls): Promise<EmbeddedNode> {
  const dataDir = await mkdtemp(join(tmpdir(), "p8e-chain-"));
  let shift = 0;
  const clock = { now: () => Date.now() + shift };
  const open = () =>
    openLedger({ dataDir, chainId: CHAIN_ID, accountPrefix: networks.local.accountPrefix, clock, blockIntervalMs });
  let ledger = await open();
  const serve = (port: number) =>
    serveLedger(ledger, { host: "127.0.0.1", port, ...(tls === undefined ? {} : { tls }) });
  // It is left and taken again: among the ports that connections get, somebody's could have it meanwhile.
  let served = await serve(await freePort());
  return {
    url: served.address,
    replaceTls: (next) => served.replaceTls(next),
    skip: (milliseconds) => {
      shift += milliseconds;
    },
    restart: async () => {
      await served.close();
      await ledger[Symbol.asyncDispose]();
      ledger = await open();
      served = await serve(served.port);
    },
    [Symbol.asyncDispose]: async () => {
      await served.close();
      await ledger[Symbol.asyncDispose]();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

export function connectTo(url: string, options: Partial<ChainOptions> = {}) {
  return connectChain({ url, chainId: CHAIN_ID, accountPrefix: networks.local.accountPrefix, ...options });
}

/** The public accounts of the local network's genesis. */
export const mnemonics = [
  "stable payment cliff fault abuse clinic bus belt film then forward world goose bring picnic rich special brush basic lamp window coral worry change",
  "present pulse retreat vault snap buyer purse lift casual horse canal silent quick arrest wedding win slide cool bicycle pride display unhappy assume inside",
  "genuine kitten liar plunge swim host way stove space room boring interest rose artist into marine mushroom minimum tip unfair nose plunge nest glory",
];
export const [alice, bob, carol] = mnemonics.map((words) =>
  ledgerSigner(localKey(privateKeyFromMnemonic(words, networks.local.derivationPath)), networks.local.accountPrefix),
) as [LedgerSigner, LedgerSigner, LedgerSigner];

/** No accounts in the genesis: this one comes to be when somebody sends it something, that one never. */
export const [stranger, nobody] = ["m/44'/1'/0'/0/77", "m/44'/1'/0'/0/78"].map((path) =>
  ledgerSigner(localKey(privateKeyFromMnemonic(mnemonics[0]!, path)), networks.local.accountPrefix),
) as [LedgerSigner, LedgerSigner];
