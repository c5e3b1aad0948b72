import { type Environment, type LedgerKind, startEnvironment } from "@p8e/environment";
import type { CommandContext } from "../command-context.ts";
import { environmentFileView } from "../screens/show-environment.ts";

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

/** What `up` says under `--json`: no database and no password. */
export function environmentView({ file, dataDir }: Environment) {
  return { dataDir, ...environmentFileView(file) };
}
