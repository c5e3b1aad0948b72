import { networks, P8eError } from "@p8e/core";
import type { Served } from "@p8e/machine";

const BLOCK_INTERVAL_MS = 200;

/**
 * The embedded ledger as environment variables describe it: `P8E_LEDGER_DATA` (folder), `P8E_LEDGER_PORT`,
 * `P8E_LEDGER_CHAIN_ID`.
 * @throws `configuration.invalid`
 */
export async function serveLedgerProcess(env: Readonly<Record<string, string | undefined>>): Promise<Served> {
  const dataDir = env.P8E_LEDGER_DATA;
  const port = Number(env.P8E_LEDGER_PORT ?? "9090");
  const chainId = env.P8E_LEDGER_CHAIN_ID ?? networks.local.chainId;
  if (dataDir === undefined || !Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new P8eError("configuration.invalid", "P8E_LEDGER_DATA must name a folder, P8E_LEDGER_PORT a port");
  }
  const { openLedger, serveLedger } = await import("@p8e/ledger");
  const stack = new AsyncDisposableStack();
  try {
    const ledger = stack.use(
      await openLedger({
        dataDir,
        chainId,
        accountPrefix: networks.local.accountPrefix,
        clock: { now: Date.now },
        blockIntervalMs: BLOCK_INTERVAL_MS,
      }),
    );
    const server = stack.use(await serveLedger(ledger, { host: "127.0.0.1", port }));
    const owned = stack.move();
    return { port: server.port, [Symbol.asyncDispose]: () => owned.disposeAsync() };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}
