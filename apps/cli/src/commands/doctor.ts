import { access, constants, statfs } from "node:fs/promises";
import { arch, platform } from "node:os";
import { dirname, resolve } from "node:path";
import process from "node:process";
import { P8eError } from "@p8e/core";
import type { CommandDefinition } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { formatSize } from "../terminal/format.ts";

export const doctor: CommandDefinition = {
  register(program, action) {
    program
      .command("doctor")
      .description("look at this machine and the environment, and say what is wrong")
      .action(action(run));
  },
};

interface Check {
  readonly what: string;
  readonly ok: boolean;
  readonly says: string;
}

const DISK_MIN_BYTES = 1_000_000_000;
const NODE_MAJOR_MIN = 24;

async function run({ screen, dataDir, signal }: CommandContext): Promise<number> {
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
  const { defaultBackend } = await import("@p8e/crypto");
  await check("elliptic curves", () => {
    const { name, constantTime } = defaultBackend();
    if (constantTime) return `${name} back end, in constant time`;
    return `${name} back end, slower and not in constant time: libsecp256k1 has no binary for ${platform()} ${arch()}`;
  });
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
  const { folderHolder } = await import("@p8e/machine");
  const { readEnvironmentFile } = await import("@p8e/environment");
  const file = await readEnvironmentFile(folder);
  if (file === undefined) checks.push({ what: "environment", ok: true, says: "none here yet; npm start makes one" });
  else {
    await check("environment", async () => {
      const pid = folderHolder(folder);
      if (pid === undefined) throw new Error("it exists but does not run; npm start or npx p8e up starts it");
      return `runs as process ${pid}`;
    });
    await check("ledger", async () => {
      const { connectChain } = await import("@p8e/chain");
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
        const [{ connectRpc }, { health }] = await Promise.all([import("@p8e/rpc"), import("@p8e/proto")]);
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
