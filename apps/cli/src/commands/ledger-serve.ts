import { join, resolve } from "node:path";
import { type CommandDefinition, group, listenAddress } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { serveUntilStopped } from "../support/serve-until-stopped.ts";
import { type TlsOptions, tlsFilesOf, tlsOptions } from "../support/tls-options.ts";

interface Options extends TlsOptions {
  readonly listen?: { readonly host: string; readonly port: number };
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
