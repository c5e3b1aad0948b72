import { access, constants, statfs } from "node:fs/promises";
import { arch, platform } from "node:os";
import { dirname, resolve } from "node:path";
import process from "node:process";
import { connectChain } from "@p8e/chain";
import { P8eError } from "@p8e/core";
import { defaultBackend } from "@p8e/crypto";
import {
  type Environment,
  type EnvironmentFile,
  readEnvironmentFile,
  runningProcess,
  type Served,
  serveLedgerProcess,
  serveStore,
  startEnvironment,
} from "@p8e/environment";
import { health } from "@p8e/proto";
import { connectRpc } from "@p8e/rpc";
import type { CommandContext } from "../command-context.ts";
import { formatSize } from "../terminal/format.ts";
import type { Screen } from "../terminal/screen.ts";

/** `p8e up`: starts and stays until it is interrupted. */
export async function up(context: CommandContext, options: { readonly party: readonly string[] }): Promise<void> {
  const { screen, signal } = context;
  if (options.party.length === 0) throw new P8eError("input.invalid", "--party names nobody");
  await using environment = await bringUp(context, options.party);
  showEnvironmentFile(screen, environment.file);
  screen.note(`Everything lies in ${environment.dataDir}; logs in ${environment.dataDir}/logs.`);
  screen.result(publicView(environment));
  await stay(screen, signal);
}

/** Also the story's beginning. */
export async function bringUp(
  { screen, dataDir, signal }: CommandContext,
  parties: readonly string[],
): Promise<Environment> {
  const said: string[] = [];
  let started = false;
  const environment = await screen.step(
    `starting a ledger, and a store for ${parties.join(", ")}`,
    () =>
      startEnvironment({
        dataDir,
        parties,
        signal,
        say: (text) => (started ? screen.warn(text) : said.push(text)),
      }),
    (up) => `a ledger and ${up.file.parties.length} stores are up, each party with its own database and keys`,
  );
  started = true;
  for (const text of said) screen.note(`  ${text}`);
  return environment;
}

export function showEnvironmentFile(screen: Screen, file: EnvironmentFile): void {
  screen.table(
    ["who", "runs", "at", "account"],
    [
      ...file.parties.map((party) => [party.title, "object store", party.storeUrl, party.address]),
      ["everybody", "ledger", file.ledgerUrl, file.chainId],
    ],
  );
}

export async function stay(screen: Screen, signal: AbortSignal): Promise<void> {
  screen.say("\nIt stays up. Ctrl-C stops it; what is stored stays.");
  if (!signal.aborted) {
    await new Promise<void>((done) => {
      // A pending promise alone does not keep a process alive.
      const alive = setInterval(() => undefined, 60_000);
      signal.addEventListener(
        "abort",
        () => {
          clearInterval(alive);
          done();
        },
        { once: true },
      );
    });
  }
  screen.say("\nStopping ...");
}

function publicView(environment: Environment) {
  const { file, dataDir } = environment;
  return {
    dataDir,
    ledgerUrl: file.ledgerUrl,
    chainId: file.chainId,
    parties: file.parties.map(({ name, title, address, storeUrl, signingKey, encryptionKey }) => ({
      ...{ name, title, address, storeUrl, signingKey, encryptionKey },
    })),
  };
}

interface Check {
  readonly what: string;
  readonly ok: boolean;
  readonly says: string;
}

const DISK_MIN_BYTES = 1_000_000_000;
const NODE_MAJOR_MIN = 24;

export async function doctor({ screen, dataDir, signal }: CommandContext): Promise<number> {
  const checks: Check[] = [];
  const check = async (what: string, work: () => Promise<string> | string) => {
    try {
      checks.push({ what, ok: true, says: await work() });
    } catch (thrown) {
      const error = P8eError.from(thrown);
      checks.push({ what, ok: false, says: `${error.message}${error.hint ? ` ${error.hint}` : ""}` });
    }
  };
  await check("Node.js", () => {
    if (Number(process.versions.node.split(".")[0]) < NODE_MAJOR_MIN) throw new Error(`${process.version} is too old`);
    return `${process.version} on ${platform()} ${arch()}`;
  });
  await check("elliptic curves", () => `${defaultBackend().name} back end`);
  const folder = resolve(dataDir);
  await check("data folder", async () => {
    const existing = await access(folder).then(
      () => folder,
      () => dirname(folder),
    );
    await access(existing, constants.W_OK);
    const { bavail, bsize } = await statfs(existing);
    if (bavail * bsize < DISK_MIN_BYTES) throw new Error(`only ${formatSize(bavail * bsize)} free in ${existing}`);
    return `${folder}, ${formatSize(bavail * bsize)} free`;
  });
  const file = await readEnvironmentFile(folder);
  if (file === undefined) checks.push({ what: "environment", ok: true, says: "none here yet; npm start makes one" });
  else {
    await check("environment", async () => {
      const pid = await runningProcess(folder);
      if (pid === undefined) throw new Error("it exists but does not run; npm start or npx p8e up starts it");
      return `runs as process ${pid}`;
    });
    await check("ledger", async () => {
      await using chain = await connectChain({
        url: file.ledgerUrl,
        chainId: file.chainId,
        accountPrefix: file.accountPrefix,
        timeoutMs: 3000,
        signal: AbortSignal.any([signal, AbortSignal.timeout(5000)]),
      });
      return `${file.ledgerUrl}, ${file.chainId}, block ${await chain.height()}`;
    });
    for (const party of file.parties) {
      await check(`store of ${party.title}`, async () => {
        await using client = connectRpc({ url: party.storeUrl });
        const { status } = await client.unary(health.Health.method.check, {}, { timeoutMs: 3000, signal });
        if (status !== health.HealthCheckResponse_ServingStatus.SERVING)
          throw new Error("it answers, but does not serve");
        return `${party.storeUrl} serves`;
      });
    }
  }
  for (const { what, ok, says } of checks) {
    screen.say(`${ok ? screen.style("green", "✔") : screen.style("red", "✖")} ${what}: ${says}`);
  }
  screen.result({ ok: checks.every((each) => each.ok), checks });
  return checks.every((each) => each.ok) ? 0 : 1;
}

export async function serveStoreCommand({ screen, dataDir, signal }: CommandContext): Promise<void> {
  await serveUntilStopped(screen, "object store", signal, () => serveStore({ P8E_DATA: dataDir, ...process.env }));
}

export async function serveLedgerCommand({ screen, dataDir, signal }: CommandContext): Promise<void> {
  await serveUntilStopped(screen, "ledger", signal, () =>
    serveLedgerProcess({ P8E_LEDGER_DATA: resolve(dataDir, "ledger"), ...process.env }),
  );
}

async function serveUntilStopped(screen: Screen, what: string, signal: AbortSignal, open: () => Promise<Served>) {
  await using served = await open();
  screen.say(`${what} serves on port ${served.port}`);
  screen.result({ port: served.port });
  await stay(screen, signal);
}
