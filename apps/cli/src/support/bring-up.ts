import { type Environment, type EnvironmentFile, type LedgerKind, startEnvironment } from "@p8e/environment";
import { partyView } from "@p8e/party/views";
import type { CommandContext } from "../command-context.ts";
import type { Screen } from "../terminal/screen.ts";

/** Starts an environment in front of the person's eyes. */
export async function bringUp(
  { screen, dataDir, variables, signal }: CommandContext,
  parties: readonly string[],
  ledger: LedgerKind | undefined,
): Promise<Environment> {
  const said: string[] = [];
  let started = false;
  const environment = await screen.step(
    `starting a ledger, and a store for ${parties.join(", ")}`,
    () =>
      startEnvironment({
        dataDir,
        parties,
        ledger,
        variables,
        signal,
        say: (text) => (started ? screen.warn(text) : said.push(text)),
      }),
    (up) => `a ledger and ${up.file.parties.length} stores are up, each party with its own database and keys`,
  );
  started = true;
  for (const text of said) screen.note(`  ${text}`);
  return environment;
}

/** A table of who runs what where. */
export function showEnvironment(screen: Screen, file: EnvironmentFile): void {
  screen.table(
    ["who", "runs", "at", "account"],
    [
      ...file.parties.map((party) => [party.title, "object store", party.storeUrl, party.address]),
      ["everybody", file.ledger === "embedded" ? "ledger" : "Provenance node", file.ledgerUrl, file.network.chainId],
    ],
  );
}

/** What `up` says under `--json`: no database and no password. */
export function environmentView({ file, dataDir }: Environment) {
  return {
    dataDir,
    ledger: file.ledger,
    ledgerUrl: file.ledgerUrl,
    chainId: file.network.chainId,
    parties: file.parties.map(partyView),
  };
}
