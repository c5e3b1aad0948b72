import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { generatePrivateKey, localKey, systemRandom } from "@p8e/crypto";
import { freePort } from "@p8e/machine";
import { ObjectClient } from "@p8e/object-client";
import { eventually, type StoreHarness, TestStore } from "@p8e/testkit";

/**
 * Mail reaches who watches for it, over a restart of the store too; `by` says how: by the store's word, or by looking
 * where the store has none.
 */
export function watchedMailSuite(name: string, harness: StoreHarness, by: "store" | "time"): void {
  describe(`mail that is watched for: ${name}`, () => {
    it("is brought to many readers, some of whom leave, and over a restart to the rest", async () => {
      const environment = { OS_PORT: String(await freePort()) };
      const first = await TestStore.open(harness, environment);
      const given = { database: first.databaseSettings, folder: first.folder };
      await using client = new ObjectClient({ url: `grpc://127.0.0.1:${environment.OS_PORT}`, patienceMs: 20_000 });
      const newKey = () => localKey(generatePrivateKey(systemRandom));
      const sender = newKey();
      const readers = Array.from({ length: 10 }, () => {
        const key = newKey();
        const stop = new AbortController();
        const [seen, wakes]: [Set<string>, string[]] = [new Set(), []];
        const watching = async () => {
          const pace = { soonestMs: 20, latestMs: 200 };
          for await (const wake of client.watchMail(key.publicKey, { signal: stop.signal, pace })) {
            const letters = await client.mail(key);
            if (letters.length > 0) {
              wake.found();
              wakes.push(wake.by);
            }
            for (const { uuid } of letters) {
              await client.acknowledge(uuid, key.publicKey);
              seen.add(uuid);
            }
          }
        };
        return { key, stop, seen, wakes, ended: watching() };
      });
      const writeAll = async (text: string) => {
        for (const { key } of readers) {
          const audience = [key.publicKey];
          const options = { owner: sender.publicKey, signer: sender, audience, mailType: "FRAGMENT_REQUEST" } as const;
          await client.put(Buffer.from(text), options);
        }
      };
      const reach = (count: number, those: typeof readers) =>
        eventually(
          "letters",
          async () => those.map(({ seen }) => seen.size),
          (sizes) => sizes.every((size) => size >= count),
        );
      await writeAll("first");
      await reach(1, readers);
      const [left, staying] = [readers.slice(0, 5), readers.slice(5)];
      for (const { stop } of left) stop.abort();
      await Promise.all(left.map(({ ended }) => ended));
      await first[Symbol.asyncDispose]();
      await using _again = await TestStore.open(harness, environment, given);
      await writeAll("second");
      await reach(2, staying);
      for (const { stop } of staying) stop.abort();
      await Promise.all(staying.map(({ ended }) => ended));
      assert.deepEqual(
        readers.map(({ seen }) => seen.size),
        [...left.map(() => 1), ...staying.map(() => 2)],
      );
      const wakes = readers.flatMap((reader) => reader.wakes);
      if (by === "time") assert.deepEqual(new Set(wakes), new Set([by]));
      else assert.ok(wakes.includes(by), `${wakes}: none by the store's word`);
    });
  });
}
