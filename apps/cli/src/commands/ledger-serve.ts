import { join, resolve } from "node:path";
import { networks, P8eError } from "@p8e/core";
import type { LedgerKind } from "@p8e/environment";
import { type CommandDefinition, group, ledgerKind, listenAddress } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { serveUntilStopped } from "../support/serve-until-stopped.ts";
import { type TlsOptions, tlsFilesOf, tlsOptions } from "../support/tls-options.ts";

interface Options extends TlsOptions {
  readonly ledger: LedgerKind;
  readonly listen?: { readonly host: string; readonly port: number };
  readonly rpcListen?: { readonly host: string; readonly port: number };
  readonly network?: string;
  readonly faucet: boolean;
}

const LISTEN = { host: "127.0.0.1", port: 9090 };

/** `p8e ledger serve`. */
export const ledgerServe: CommandDefinition = {
  register(program, action) {
    const command = group(program, "ledger")
      .command("serve")
      .description("serve a ledger for tests: of one's profile's network, or as P8E_LEDGER_PORT and others say")
      .option(
        "--listen <address:port>",
        "where to listen; 127.0.0.1:9090 unless P8E_LEDGER_PORT says otherwise",
        listenAddress,
      )
      .option(
        "--ledger <kind>",
        "embedded; or provenanced: a real node with a chain of its own, whose program P8E_PROVENANCED names",
        ledgerKind,
        "embedded",
      )
      .option("--rpc-listen <address:port>", "where a real node listens for CometBFT's RPC", listenAddress)
      .option("--network <network>", "whose chain it plays: local, testnet, or the file of another")
      .option("--faucet", "give test money to whoever asks (p8e account fund)", false);
    tlsOptions(command).action(action(run));
  },
};

async function run(context: CommandContext, options: Options): Promise<void> {
  const { variables, signal, dataDir } = context;
  const [{ readEnvironmentFile, serveLedger, serveLedgerProcess }, { chooseNetwork }, source] = await Promise.all([
    import("@p8e/environment"),
    import("../support/choose-network.ts"),
    context.source(),
  ]);
  // A folder of an earlier p8e is refused before anything is written into it.
  if (source?.kind !== "profile") await readEnvironmentFile(resolve(dataDir));
  const tls = tlsFilesOf(options);
  if (options.ledger === "provenanced") return serveRealNode(context, options);
  const byVariables = ["P8E_LEDGER_DATA", "P8E_LEDGER_PORT", "P8E_LEDGER_CHAIN_ID"].some((name) => variables[name]);
  if (
    byVariables &&
    options.listen === undefined &&
    options.network === undefined &&
    !options.faucet &&
    tls === undefined
  ) {
    const P8E_LEDGER_DATA = resolve(dataDir, "ledger");
    return serveUntilStopped(context, "ledger", () => serveLedgerProcess({ P8E_LEDGER_DATA, ...variables }));
  }
  const own = source?.kind === "profile" ? await context.profile(undefined, "--profile") : undefined;
  const network =
    options.network === undefined && own !== undefined
      ? own.profile.network
      : (await chooseNetwork(options.network)).network;
  const folder = own === undefined ? resolve(dataDir) : own.dataDir;
  await serveUntilStopped(context, `a ledger of ${network.chainId}`, () =>
    serveLedger({
      dataDir: variables.P8E_LEDGER_DATA || join(folder, "ledger"),
      network,
      listen: options.listen ?? LISTEN,
      faucet: options.faucet,
      tls,
      say: (text) => context.screen.warn(text),
      signal,
    }),
  );
}

/** Its network is the local one: a real node makes no chain that pretends to be another. */
async function serveRealNode(context: CommandContext, options: Options): Promise<void> {
  const { variables, signal, dataDir, screen } = context;
  if (options.network !== undefined || options.faucet || tlsFilesOf(options) !== undefined) {
    throw new P8eError("input.invalid", "a real node takes neither --network nor --faucet nor --tls-…", {
      hint: "Its accounts have money from the start; put a proxy before it for TLS.",
    });
  }
  const { serveNodeByItself } = await import("@p8e/environment");
  const { chainId } = networks.local;
  await serveUntilStopped(context, `a node of ${chainId}`, () =>
    serveNodeByItself({
      ...{ variables, chainId, signal, rpcListen: options.rpcListen },
      home: resolve(dataDir, "provenanced"),
      listen: options.listen ?? LISTEN,
      onDeath: () => {
        const died = new P8eError("process.failed", "the Provenance node has ended", {
          facts: { process: "provenanced" },
        });
        process.exit(screen.error(died));
      },
    }),
  );
}
