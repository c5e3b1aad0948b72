import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { base64Encode, type ContentHash } from "@p8e/core";
import { freePort } from "@p8e/machine";
import { forgetRemoteKeys, openStoreReader, whyNotReplicated } from "@p8e/object-store";
import { eventually, newHash, newParties, type TestParty, TestStore } from "@p8e/testkit";
import { LocalHarness } from "./support/harness.ts";
import { serverDatabase } from "./support/server-database.ts";

const harness = new LocalHarness();
const three = () => newParties(3) as unknown as readonly [TestParty, TestParty, TestParty];

const registered = async (store: TestStore) =>
  (await store.database.rows("SELECT public_key FROM public_key")).map(
    (row) => (row as { public_key: string }).public_key,
  );

async function statusOf(store: TestStore, hash: Uint8Array, party: TestParty) {
  await using reader = await openStoreReader(serverDatabase(store.databaseSettings));
  const states = await whyNotReplicated(reader, base64Encode(hash) as ContentHash);
  return states.find(({ key }) => key === party.text)?.status;
}

describe("keys of another store that are taken out of this one", () => {
  it("get nothing any more, neither what waited for them nor what comes; others and own keys stay as they are", async () => {
    const port = await freePort();
    await using source = await TestStore.open(harness);
    const [owner, gone, stays] = three();
    await source.client.addKey(owner, { url: "" });
    for (const party of [gone, stays]) await source.client.addKey(party, { url: `grpc://127.0.0.1:${port}` });
    const hash = newHash();
    await source.client.put({ audience: [owner, gone, stays] }, { hash });
    assert.equal(await source.database.openReplications(gone), 1);

    const forgotten = await forgetRemoteKeys(serverDatabase(source.databaseSettings), [gone.text, owner.text]);
    assert.deepEqual(forgotten, { keys: 1, deliveries: 1 });
    assert.deepEqual((await registered(source)).toSorted(), [owner.text, stays.text].toSorted());
    assert.equal(await source.database.openReplications(gone), 0);
    assert.equal(await source.database.openReplications(stays), 1);

    // The running store has heard of it: what is put now finds no way to that key, and its peer gets the others'.
    const later = newHash();
    await eventually(
      "the store knows no destination",
      async () => {
        await source.client.put({ audience: [owner, gone] }, { hash: later });
        return statusOf(source, later, gone);
      },
      (status) => status === "no_destination",
    );
    await using target = await TestStore.open(harness, { OS_PORT: String(port) });
    await eventually(
      "what waited for the other is there",
      () => source.database.openReplications(stays),
      (open) => open === 0,
    );
    await assert.rejects(target.client.get(later, gone), { code: "object.not_found" });
  });

  it("may be unknown, or forgotten twice", async () => {
    await using source = await TestStore.open(harness);
    const [party] = three();
    await source.client.addKey(party, { url: "grpc://127.0.0.1:1" });
    const database = serverDatabase(source.databaseSettings);
    assert.deepEqual(await forgetRemoteKeys(database, [party.text]), { keys: 1, deliveries: 0 });
    assert.deepEqual(await forgetRemoteKeys(database, [party.text]), { keys: 0, deliveries: 0 });
    assert.deepEqual(await forgetRemoteKeys(database, []), { keys: 0, deliveries: 0 });
  });
});
