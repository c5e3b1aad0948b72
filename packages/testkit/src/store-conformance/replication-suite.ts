import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { utf8Encode } from "@p8e/core";
import { eventually } from "../eventually.ts";
import { newHash, newParties, patternBytes, type TestParty } from "./fixtures.ts";
import type { StoreHarness } from "./store-under-test.ts";
import { sharedStore, TestStore } from "./test-store.ts";

type Three = readonly [TestParty, TestParty, TestParty];
const three = () => newParties(3) as unknown as Three;

/** Replication, seen from outside: rows that are opened and closed, and objects that appear at the peer. */
export function replicationSuite(harness: StoreHarness): void {
  describe("replication rows", () => {
    const store = sharedStore(harness);
    const rowsOf = async (parties: readonly TestParty[]) => {
      const counts: number[] = [];
      for (const party of parties) counts.push(await store().database.replications(party));
      return counts;
    };

    it("are written for every unknown reader but the owner, whatever another source is named", async () => {
      const parties = three();
      const properties = [["SOURCE::TYPE", utf8Encode("SOMETHING")]] as const;
      await store().client.put({ audience: parties }, { hash: newHash(), properties });
      assert.deepEqual(await rowsOf(parties), [0, 1, 1]);
    });

    it("are not written for a local reader, nor for an owner who is remote", async () => {
      const [local, owner, unknown] = three();
      await store().client.addKey(local);
      await store().client.addKey(owner, { url: "tcp://127.0.0.1:1" });
      await store().client.put({ audience: [owner, local, unknown] }, { hash: newHash() });
      assert.deepEqual(await rowsOf([local, owner, unknown]), [0, 0, 1]);
    });

    it("are not written for what is a replica itself", async () => {
      const parties = three();
      const properties = [["SOURCE::TYPE", utf8Encode("REPLICATION")]] as const;
      await store().client.put({ audience: parties }, { hash: newHash(), properties });
      assert.deepEqual(await rowsOf(parties), [0, 0, 0]);
    });

    it("are not written again for a repeated put", async () => {
      const parties = three();
      const hash = newHash();
      await store().client.put({ audience: parties }, { hash });
      await store().client.put({ audience: parties }, { hash });
      assert.deepEqual(await rowsOf(parties), [0, 1, 1]);
    });

    it("are not written at all when replication is off", async () => {
      await using own = await TestStore.open(harness, { REPLICATION_ENABLED: "false" });
      const parties = three();
      for (let index = 0; index < 3; index++) await own.client.put({ audience: parties }, { hash: newHash() });
      for (const party of parties) assert.equal(await own.database.replications(party), 0);
    });
  });

  describe("replication", () => {
    it("brings every object to the store of its reader, closes its rows, and leaves those of unknown readers", async () => {
      await using target = await TestStore.open(harness);
      await using source = await TestStore.open(harness);
      const parties = three();
      await source.client.addKey(parties[1], { url: target.url });
      await target.client.addKey(parties[1]);
      const hashes = [newHash(), newHash(), newHash()];
      for (const [index, hash] of hashes.entries()) {
        const payload = patternBytes(index === 2 ? 4_100_000 : 5000 * index, index + 1);
        await source.client.put({ audience: parties, payload }, { hash, chunkBytes: 1_000_000 });
      }
      await eventually(
        "open rows",
        () => source.database.openReplications(parties[1]),
        (count) => count === 0,
      );
      assert.equal(await source.database.openReplications(parties[0]), 0);
      assert.equal(await source.database.openReplications(parties[2]), 3);
      assert.equal(await target.database.objects(), 3);
      for (const party of parties) assert.equal(await target.database.openReplications(party), 0);
      for (const hash of hashes) {
        const here = await source.client.get(hash, parties[1]);
        const there = await target.client.get(hash, parties[1]);
        assert.deepEqual(there.messages, here.messages);
      }
    });

    it("keeps the properties' order and adds the mark of a replica at the end", async () => {
      await using target = await TestStore.open(harness);
      await using source = await TestStore.open(harness);
      const [owner, reader] = three();
      await source.client.addKey(reader, { url: target.url });
      const hash = newHash();
      const properties = [
        ["SOURCE::TYPE", utf8Encode("X")],
        ["last", Uint8Array.of(9)],
      ] as const;
      const put = await source.client.put({ audience: [owner, reader] }, { hash, properties });
      await eventually(
        "objects at the target",
        () => target.database.objects(),
        (count) => count === 1,
      );
      const [sent] = await source.database.rows<{ properties: string }>("SELECT properties FROM object");
      const [received] = await target.database.rows<{ properties: string; content_length: string }>(
        "SELECT properties, content_length FROM object",
      );
      const mark = `"SOURCE::TYPE":[${utf8Encode("REPLICATION").join(",")}]`;
      const kept = sent!.properties.replace(/"SOURCE::TYPE":\[\d+\],/, "").slice(0, -1);
      assert.equal(received!.properties, `${kept},${mark}}`);
      assert.equal(received!.content_length, String(put.metadata?.contentLength));
    });

    it("delivers mail to the reader at the other store", async () => {
      await using target = await TestStore.open(harness);
      await using source = await TestStore.open(harness);
      const [owner, reader] = three();
      await source.client.addKey(reader, { url: target.url });
      await source.client.put(
        { audience: [owner, reader], metadata: { "P8EAPI::TYPE": "FRAGMENT_REQUEST" } },
        { hash: newHash() },
      );
      const mails = await eventually(
        "mail",
        () => target.client.mail(reader),
        (found) => found.length === 1,
      );
      assert.deepEqual(mails[0]!.data, (await source.client.mail(reader))[0]!.data);
    });
  });
}
