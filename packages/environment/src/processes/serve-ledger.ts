import { type Network, networks, P8eError } from "@p8e/core";
import type { Served } from "@p8e/machine";
import { readServerTls } from "@p8e/rpc";

const BLOCK_INTERVAL_MS = 200;

/** Certificate, key and, where clients must show one, the authorities of their certificates: PEM files. */
export interface LedgerTlsFiles {
  readonly cert: string;
  readonly key: string;
  readonly clientAuthorities?: string;
}

/** An embedded ledger as a server. */
export interface LedgerServing {
  /** Where it keeps its journal; made when it is absent. */
  readonly dataDir: string;
  /** Whose chain it pretends to be; no main network's. */
  readonly network: Pick<Network, "chainId" | "accountPrefix" | "mainNet">;
  readonly listen: { readonly host: string; readonly port: number };
  /** Whether whoever reaches the port can get test money. */
  readonly faucet: boolean;
  /** PEM files; without them plaintext. */
  readonly tls?: LedgerTlsFiles | undefined;
  /** Told in words of what goes wrong while it serves. */
  readonly say?: ((text: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** @throws `configuration.invalid` for a main network, `environment.in_use`, `ledger.journal_corrupt` */
export async function serveLedger(options: LedgerServing): Promise<Served> {
  const { dataDir, network, listen } = options;
  if (network.mainNet) {
    throw new P8eError("configuration.invalid", "a main network is not played by an embedded ledger", {
      facts: { field: "network", chainId: network.chainId },
      hint: "Use the network local, or one of your own.",
    });
  }
  // What is wrong with certificate and key is said before a ledger is made.
  if (options.tls !== undefined) await readServerTls(options.tls);
  const ledgers = await import("@p8e/ledger");
  await using stack = new AsyncDisposableStack();
  const ledger = stack.use(
    await ledgers.openLedger({
      dataDir,
      chainId: network.chainId,
      accountPrefix: network.accountPrefix,
      clock: { now: Date.now },
      blockIntervalMs: BLOCK_INTERVAL_MS,
      signal: options.signal,
    }),
  );
  const faucet = options.faucet ? new ledgers.Faucet(ledger, await faucetKey(stack)) : undefined;
  const server = stack.use(
    await ledgers.serveLedger(ledger, {
      ...listen,
      ...(faucet === undefined ? {} : { faucet }),
      tlsFiles: options.tls,
      onTlsProblem: (error) => options.say?.(`a new certificate cannot be used: ${P8eError.from(error).message}`),
    }),
  );
  const owned = stack.move();
  return { port: server.port, url: server.address, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/**
 * The embedded ledger as environment variables describe it: `P8E_LEDGER_DATA` (folder), `P8E_LEDGER_PORT`,
 * `P8E_LEDGER_CHAIN_ID`, on 127.0.0.1.
 * @throws `configuration.invalid`
 */
export function serveLedgerProcess(env: Readonly<Record<string, string | undefined>>): Promise<Served> {
  const dataDir = env.P8E_LEDGER_DATA;
  const port = Number(env.P8E_LEDGER_PORT ?? "9090");
  if (dataDir === undefined || !Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new P8eError("configuration.invalid", "P8E_LEDGER_DATA must name a folder, P8E_LEDGER_PORT a port");
  }
  const { chainId, ...rest } = networks.local;
  return serveLedger({
    dataDir,
    network: { ...rest, chainId: env.P8E_LEDGER_CHAIN_ID ?? chainId },
    listen: { host: "127.0.0.1", port },
    faucet: false,
  });
}

/**
 * An account of the genesis that no development party uses: the validator's words, on the path of the main network's coin.
 * Its key is as public as theirs.
 */
async function faucetKey(stack: AsyncDisposableStack) {
  const [{ localKey, privateKeyFromMnemonic }, { developmentParty }] = await Promise.all([
    import("@p8e/crypto"),
    import("@p8e/party"),
  ]);
  const words = developmentParty("validator")!.mnemonic;
  return localKey(stack.use(privateKeyFromMnemonic(words, networks.mainnet.derivationPath)));
}
