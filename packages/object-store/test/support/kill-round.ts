import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import {
  eventually,
  newHash,
  newParties,
  patternBytes,
  SIGNATURE,
  SIGNATURE_PUBLIC_KEY,
  storedForm,
  TestStore,
} from "@p8e/testkit";
import type { ProcessHarness } from "./process-harness.ts";

/** The same numbers for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * Puts from eight clients at once until the store is killed, after a number of puts and a moment more that the seed
 * chooses; then it is started again
 * on the same database and files. Everything it acknowledged must be there, byte for byte; nothing may be there in
 * part; and what the crash left behind must be cleared away.
 */
export async function killRound(harness: ProcessHarness, seed: number): Promise<{ acknowledged: number }> {
  const random = seeded(seed);
  const environment = { DB_CONNECTION_POOL_SIZE: "4", P8E_STORE_ORPHAN_GRACE_SECONDS: "1" };
  const first = await TestStore.open(harness, environment);
  const [party] = newParties(1);
  const acknowledged: { hash: Uint8Array; options: { audience: [typeof party & {}]; payload: Uint8Array } }[] = [];
  let killed = false;

  const client = async () => {
    while (!killed) {
      const length = random() < 0.5 ? Math.floor(random() * 4000) : Math.floor(random() * 1_500_000);
      const options = {
        audience: [party!] as [typeof party & {}],
        payload: patternBytes(length, 1 + acknowledged.length),
      };
      const hash = newHash();
      try {
        await first.client.put(options, { hash, chunkBytes: 200_000 });
        acknowledged.push({ hash, options });
      } catch {
        // not acknowledged, so nothing was promised
      }
    }
  };
  const clients = Array.from({ length: 8 }, client);
  const enough = 1 + Math.floor(random() * 40);
  await eventually(
    "acknowledged puts",
    async () => acknowledged.length,
    (count) => count >= enough,
  );
  await delay(random() * 50);
  await first.store.kill();
  killed = true;
  await Promise.all(clients);
  await first.client[Symbol.asyncDispose]();
  await first.database[Symbol.asyncDispose]();

  await using again = await TestStore.open(harness, environment, {
    database: first.databaseSettings,
    folder: first.folder,
  });
  for (const { hash, options } of acknowledged) {
    const { data } = await again.client.get(hash, party!);
    assert.ok(Buffer.from(data).equals(storedForm(options, SIGNATURE, SIGNATURE_PUBLIC_KEY)), `seed ${seed}`);
  }
  const rows = await again.database.rows<{ directory: string; name: string; dime_length: string }>(
    "SELECT directory, name, dime_length FROM object WHERE payload IS NULL",
  );
  for (const { directory, name } of rows) {
    assert.ok(existsSync(join(again.folder, directory, name)), `seed ${seed}: a row without its file`);
  }
  const leftovers = async () => {
    const all = readdirSync(again.folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const known = new Set(rows.map(({ name }) => name));
    return all.map(({ name }) => name).filter((name) => !known.has(name));
  };
  await eventually(`seed ${seed}: leftovers`, leftovers, (names) => names.length === 0);
  return { acknowledged: acknowledged.length };
}
