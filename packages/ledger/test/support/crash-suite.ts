import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { it } from "node:test";
import { fileURLToPath } from "node:url";
import { networks } from "@p8e/core";
import * as cosmos from "@p8e/proto/cosmos";
import { World } from "@p8e/testkit";
import { faucetKey } from "../fixtures.ts";

const child = fileURLToPath(new URL("../crash-child.ts", import.meta.url));

interface Running extends AsyncDisposable {
  readonly url: string;
}

/** Disposing kills it with SIGKILL and waits until it is gone. */
async function start(folder: string): Promise<Running> {
  const started = spawn(process.execPath, [child, folder], { stdio: ["ignore", "pipe", "inherit"] });
  const gone = new Promise<void>((resolve) => started.once("exit", () => resolve()));
  const kill = async (): Promise<void> => {
    started.kill("SIGKILL");
    await gone;
  };
  for await (const url of createInterface({ input: started.stdout })) return { url, [Symbol.asyncDispose]: kill };
  throw new Error("the ledger did not start");
}

/** Small and seeded: the moment of each kill. */
function* randomNumbers(seed: number): Generator<number, never> {
  for (let value = seed >>> 0; ; ) {
    value = (Math.imul(value, 1_664_525) + 1_013_904_223) >>> 0;
    yield value / 2 ** 32;
  }
}

/** Sends until the ledger is gone, noting every transaction that GetTx has acknowledged, with its height. */
async function sendUntilGone(world: World, onAcknowledged: (hash: string, height: bigint) => void): Promise<void> {
  const { sequence = 0n } = (await world.account(world.faucet.address)) ?? {};
  try {
    for (let next = sequence; ; next++) {
      const message = world.send(world.faucet, world.stranger(), 1n);
      const bytes = await world.build([world.faucet], [message], { sequences: [next] });
      const { hash, code, log } = await world.broadcast(bytes);
      assert.equal(code, "ok", log);
      const response = await world.included(hash);
      assert.equal(response.code, 0, response.rawLog);
      onAcknowledged(hash, response.height);
    }
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error;
  }
}

async function requireAll(world: World, acknowledged: ReadonlyMap<string, bigint>): Promise<void> {
  for (const [hash, height] of acknowledged) {
    const { txResponse } = await world.endpoint.ask(cosmos.tx.Service.method.getTx, { hash });
    assert.equal(txResponse?.height, height);
    assert.equal(txResponse?.code, 0);
  }
}

const ROUNDS = 2;

/** Kill -9 while transactions come in, at moments that a seed determines, again and again on one folder. */
export function crashSuite(seeds: readonly number[]): void {
  for (const seed of seeds) {
    it(`loses nothing that was acknowledged (seed ${seed})`, async () => {
      const folder = await mkdtemp(join(tmpdir(), "p8e-crash-"));
      const random = randomNumbers(seed);
      const acknowledged = new Map<string, bigint>();
      for (let round = 0; round <= ROUNDS; round++) {
        await using running = await start(folder);
        const network = { ...networks.local, url: running.url } as const;
        using world = new World({ ...network, faucet: faucetKey(), seed: `${seed} ${round}` });
        await requireAll(world, acknowledged);
        const account = await world.account(world.faucet.address);
        assert.ok((account?.sequence ?? 0n) >= BigInt(acknowledged.size));
        if (round === ROUNDS) break;
        // Killed some acknowledgements later, while the next transactions are under way.
        const enough = acknowledged.size + 1 + Math.trunc(12 * random.next().value);
        const reached = Promise.withResolvers<void>();
        const sending = sendUntilGone(world, (hash, height) => {
          acknowledged.set(hash, height);
          if (acknowledged.size >= enough) reached.resolve();
        });
        await Promise.race([reached.promise, sending]);
        await new Promise((resolve) => setTimeout(resolve, 8 * random.next().value));
        await running[Symbol.asyncDispose]();
        await sending;
      }
      assert.ok(acknowledged.size > 0);
      await rm(folder, { recursive: true });
    });
  }
}
