import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { base64Encode, type ContentHash } from "@p8e/core";
import { freePort } from "@p8e/machine";
import {
  inspectObject,
  openStoreReader,
  pauseReplication,
  type ReplicationState,
  replicationOverview,
  resumeReplication,
  retryReplication,
  whyNotReplicated,
} from "@p8e/object-store";
import {
  eventually,
  newHash,
  newParties,
  patternBytes,
  SIGNATURE,
  SIGNATURE_PUBLIC_KEY,
  type TestParty,
  TestStore,
} from "@p8e/testkit";
import { FakePeer } from "./support/fake-peer.ts";
import { LocalHarness } from "./support/harness.ts";
import { ProcessHarness } from "./support/process-harness.ts";
import { serverDatabase } from "./support/server-database.ts";

const harness = new LocalHarness();

type Two = readonly [TestParty, TestParty];
const two = () => newParties(2) as unknown as Two;

async function why(store: TestStore, hash: Uint8Array, party: TestParty): Promise<ReplicationState> {
  await using reader = await openStoreReader(serverDatabase(store.databaseSettings));
  const states = await whyNotReplicated(reader, base64Encode(hash) as ContentHash);
  return states.find(({ key }) => key === party.text)!;
}

const untilStatus = (store: TestStore, hash: Uint8Array, party: TestParty, status: ReplicationState["status"]) =>
  eventually(
    `status ${status}`,
    () => why(store, hash, party),
    (state) => state.status === status,
  );

const untilSent = (store: TestStore, party: TestParty, open = 0) =>
  eventually(
    "open rows",
    () => store.database.openReplications(party),
    (count) => count === open,
  );

describe("replication", () => {
  it("sends the backlog of a key whose store becomes known later", async () => {
    await using target = await TestStore.open(harness);
    await using source = await TestStore.open(harness);
    const [owner, reader] = two();
    const hash = newHash();
    await source.client.put({ audience: [owner, reader] }, { hash });
    const before = await why(source, hash, reader);
    assert.equal(before.status, "no_destination");
    await source.client.addKey(reader, { url: target.url });
    await untilSent(source, reader);
    assert.equal((await why(source, hash, reader)).status, "replicated");
    assert.deepEqual((await target.client.get(hash, reader)).data, (await source.client.get(hash, reader)).data);
  });

  it("waits for a peer that is away, says so, and goes on by itself when it is there", async () => {
    await using source = await TestStore.open(harness);
    const [owner, reader] = two();
    const port = await freePort();
    await source.client.addKey(reader, { url: `grpc://127.0.0.1:${port}` });
    const hash = newHash();
    await source.client.put({ audience: [owner, reader] }, { hash });
    const state = await untilStatus(source, hash, reader, "peer_unreachable");
    assert.equal(state.attempts, 0);
    assert.match(state.reason, /cannot be reached/);
    await using _target = await TestStore.open(harness, { OS_PORT: String(port) });
    await untilSent(source, reader);
    assert.equal((await why(source, hash, reader)).status, "replicated");
  });

  it("does not count a peer's maintenance against the object", async () => {
    await using target = await TestStore.open(harness, { MAINTENANCE_STATE: "true" });
    await using source = await TestStore.open(harness);
    const [owner, reader] = two();
    await source.client.addKey(reader, { url: target.url });
    const hash = newHash();
    await source.client.put({ audience: [owner, reader] }, { hash });
    const state = await untilStatus(source, hash, reader, "peer_unreachable");
    assert.equal(state.attempts, 0);
    assert.match(state.reason, /maintenance/);
    await target.client.setMaintenance(false);
    await untilSent(source, reader);
  });

  it("sets an object aside that its peer keeps refusing, says why, and sends the others meanwhile", async () => {
    await using target = await TestStore.open(harness);
    await using source = await TestStore.open(harness);
    const [owner, reader] = two();
    const [bad, good] = [newHash(), newHash()];
    const refused = await source.client.put({ audience: [owner, reader] }, { hash: bad });
    await source.database.rows("UPDATE object SET properties = '{}' WHERE uuid = $1", [refused.uuid!.value]);
    await source.client.addKey(reader, { url: target.url });
    await source.client.put({ audience: [owner, reader] }, { hash: good });
    await untilStatus(source, good, reader, "replicated");
    const state = await untilStatus(source, bad, reader, "set_aside");
    assert.equal(state.attempts, 3);
    assert.equal(state.reason, 'refused 3 times and set aside: INVALID_ARGUMENT: Properties must contain "HASH"');
    assert.equal(await source.database.openReplications(reader), 1);
  });

  it("sets nothing aside for a peer that takes nothing, says so, and sends all of it once it does", async () => {
    await using peer = await FakePeer.open();
    peer.answer = "deny";
    await using source = await TestStore.open(harness);
    const [owner, reader] = two();
    await source.client.addKey(reader, { url: peer.url });
    const hashes = Array.from({ length: 4 }, newHash);
    for (const hash of hashes) await source.client.put({ audience: [owner, reader] }, { hash });
    const state = await untilStatus(source, hashes[0]!, reader, "peer_refusing");
    assert.equal(state.attempts, 0);
    assert.equal(state.reason, "the reader's store takes nothing from here: PERMISSION_DENIED: not from you");
    const begun = peer.begun;
    await eventually(
      "it is asked again",
      async () => peer.begun,
      (now) => now > begun + 1,
    );
    peer.answer = "accept";
    // As a person does who has put things right there and will not wait.
    assert.ok((await retryReplication(serverDatabase(source.databaseSettings), {})) > 0);
    await untilSent(source, reader);
    assert.deepEqual(peer.received.map(({ hash }) => hash).sort(), hashes.map(base64Encode).sort());
  });

  it("goes on with the others when a peer denies one object alone", async () => {
    await using peer = await FakePeer.open();
    await using source = await TestStore.open(harness);
    const [owner, reader] = two();
    const denied = newHash();
    peer.denied.add(base64Encode(denied));
    await source.client.put({ audience: [owner, reader] }, { hash: denied });
    for (let index = 0; index < 5; index++) await source.client.put({ audience: [owner, reader] }, { hash: newHash() });
    await source.client.addKey(reader, { url: peer.url });
    await untilSent(source, reader, 1);
    const state = await untilStatus(source, denied, reader, "refused");
    assert.match(state.reason, /^the reader's store refused it, and it will be tried again: PERMISSION_DENIED/);
    assert.equal(peer.received.length, 5);
  });

  it("is listed, paused and resumed, and what was set aside is tried again when somebody says so", async () => {
    await using peer = await FakePeer.open();
    await using source = await TestStore.open(harness);
    const database = serverDatabase(source.databaseSettings);
    const overview = async () => {
      await using reader = await openStoreReader(database);
      return await replicationOverview(reader, { limit: 10 });
    };
    const [owner, reader] = two();
    await source.client.addKey(reader, { url: peer.url });
    await pauseReplication(database, peer.url);
    await assert.rejects(pauseReplication(database, "grpc://nobody:1"), { code: "input.invalid" });
    const hash = newHash();
    const { uuid } = await source.client.put({ audience: [owner, reader] }, { hash });
    assert.equal((await why(source, hash, reader)).status, "paused");
    const [paused] = (await overview()).peers;
    assert.deepEqual([paused?.state, paused?.waiting, paused?.keys], ["paused", 1, 1]);
    peer.answer = "refuse";
    await resumeReplication(database, peer.url);
    await assert.rejects(resumeReplication(database, peer.url), { code: "input.invalid" });
    await untilStatus(source, hash, reader, "set_aside");
    const { peers, refused } = await overview();
    assert.deepEqual([peers[0]?.waiting, peers[0]?.setAside], [0, 1]);
    assert.deepEqual(
      refused.map(({ objectUuid, hash, attempts, setAside, reason }) => ({
        objectUuid,
        hash,
        attempts,
        setAside,
        reason,
      })),
      [
        {
          objectUuid: uuid!.value,
          hash: base64Encode(hash),
          attempts: 3,
          setAside: true,
          reason: "INVALID_ARGUMENT: not this one",
        },
      ],
    );
    assert.equal(peer.received.length, 0);
    peer.answer = "accept";
    assert.equal(await retryReplication(database, { hash: base64Encode(newHash()) }), 0);
    assert.equal(await retryReplication(database, { hash: base64Encode(hash), url: peer.url }), 1);
    await untilSent(source, reader);
    assert.deepEqual((await overview()).refused, []);
    assert.equal((await overview()).peers[0]?.state, "working");
  });

  it("tells an object that cannot be read here from a peer that refuses it", async () => {
    await using target = await TestStore.open(harness);
    await using source = await TestStore.open(harness);
    const [owner, reader] = two();
    const hash = newHash();
    const answer = await source.client.put({ audience: [owner, reader], payload: patternBytes(9000) }, { hash });
    const row = await source.database.object(answer.uuid!.value);
    rmSync(join(source.folder, row!.directory, row!.name));
    await source.client.addKey(reader, { url: target.url });
    const state = await untilStatus(source, hash, reader, "refused");
    assert.match(state.reason, /cannot be read here: the object's file is missing/);
    // A repeated upload brings the bytes back, and the next attempt delivers them.
    await source.client.put({ audience: [owner, reader], payload: patternBytes(9000) }, { hash });
    await untilSent(source, reader);
  });

  it("sends an object once to a peer that serves several of its readers", async () => {
    await using peer = await FakePeer.open();
    await using source = await TestStore.open(harness);
    const [owner, ...readers] = newParties(4);
    for (const reader of readers) await source.client.addKey(reader, { url: peer.url });
    await source.client.put({ audience: [owner!, ...readers] }, { hash: newHash() });
    for (const reader of readers) await untilSent(source, reader);
    assert.equal(peer.begun, 1);
  });

  it("begins what it sends in the order in which it was put", async () => {
    await using peer = await FakePeer.open();
    await using source = await TestStore.open(harness);
    const [owner, reader] = two();
    const hashes = Array.from({ length: 25 }, newHash);
    for (const hash of hashes) await source.client.put({ audience: [owner, reader] }, { hash });
    await source.client.addKey(reader, { url: peer.url });
    await untilSent(source, reader);
    assert.deepEqual(
      peer.received.map(({ hash }) => hash),
      hashes.map(base64Encode),
    );
  });

  it("to one peer goes on while another one hangs", async () => {
    await using hanging = await FakePeer.open();
    await using working = await FakePeer.open();
    hanging.answer = "hang";
    await using source = await TestStore.open(harness);
    const [owner, slow, quick] = newParties(3) as unknown as readonly [TestParty, TestParty, TestParty];
    await source.client.addKey(slow, { url: hanging.url });
    await source.client.addKey(quick, { url: working.url });
    for (let index = 0; index < 30; index++) {
      await source.client.put({ audience: [owner, slow, quick] }, { hash: newHash() });
    }
    await untilSent(source, quick);
    assert.equal(working.received.length, 30);
    assert.equal(await source.database.openReplications(slow), 30);
    assert.ok(hanging.begun <= 8, "more than the window were begun");
  });

  it("rebuilds the properties of rows that have none, from the row and the container", async () => {
    await using peer = await FakePeer.open();
    await using source = await TestStore.open(harness);
    const [owner, reader] = two();
    const hash = newHash();
    await source.client.put({ audience: [owner, reader], payload: patternBytes(3_000_000) }, { hash, chunkBytes: 1e6 });
    await source.database.rows("UPDATE object SET properties = NULL");
    await source.client.addKey(reader, { url: peer.url });
    await untilSent(source, reader);
    const [received] = peer.received;
    assert.deepEqual(
      [...received!.properties].map(([name, value]) => [name, Buffer.from(value).toString("base64")]),
      [
        ["HASH", base64Encode(hash)],
        ["SIGNATURE", base64Encode(SIGNATURE)],
        ["SIGNATURE_PUBLIC_KEY", base64Encode(SIGNATURE_PUBLIC_KEY)],
        ["SOURCE::TYPE", Buffer.from("REPLICATION").toString("base64")],
      ],
    );
    assert.deepEqual(received!.data, (await source.client.get(hash, owner)).data);
  });

  it("sends what the reference server queued in between, and drops what it has sent", async () => {
    await using peer = await FakePeer.open();
    const source = await TestStore.open(harness);
    const [owner, reader] = two();
    const [queued, sent] = [newHash(), newHash()];
    await source.client.put({ audience: [owner, reader] }, { hash: queued });
    await source.client.put({ audience: [owner, reader] }, { hash: sent });
    await source.database.rows(
      `DELETE FROM p8e_replication_queue q USING object o WHERE o.uuid = q.object_uuid AND o.hash = $1`,
      [base64Encode(queued)],
    );
    await source.database.rows(
      `UPDATE object_replication r SET replicated_at = now() FROM object o WHERE o.uuid = r.object_uuid AND o.hash = $1`,
      [base64Encode(sent)],
    );
    await source[Symbol.asyncDispose]();
    await using again = await TestStore.open(harness, {}, { database: source.databaseSettings, folder: source.folder });
    await again.client.addKey(reader, { url: peer.url });
    await untilSent(again, reader);
    assert.deepEqual(
      peer.received.map(({ hash }) => hash),
      [base64Encode(queued)],
    );
    const rows = async () => again.database.rows("SELECT FROM p8e_replication_queue");
    await eventually("queue", rows, (left) => left.length === 0);
  });

  it("closes the rows of a key that turns out to be local", async () => {
    await using source = await TestStore.open(harness, {
      REPLICATION_REAP_UNKNOWN_KEYS_FIXED_DELAY_SECONDS: "1",
    });
    const [owner, reader] = two();
    for (let index = 0; index < 3; index++) await source.client.put({ audience: [owner, reader] }, { hash: newHash() });
    assert.equal(await source.database.openReplications(reader), 3);
    await source.client.addKey(reader);
    await untilSent(source, reader);
    assert.deepEqual(await source.database.rows("SELECT FROM p8e_replication_queue"), []);
  });

  it("follows a key to another store", async () => {
    await using first = await FakePeer.open();
    await using second = await FakePeer.open();
    await using source = await TestStore.open(harness);
    const [owner, reader] = two();
    await source.client.addKey(reader, { url: first.url });
    await source.client.put({ audience: [owner, reader] }, { hash: newHash() });
    await untilSent(source, reader);
    await source.client.addKey(reader, { url: second.url });
    await source.client.put({ audience: [owner, reader] }, { hash: newHash() });
    await untilSent(source, reader);
    assert.deepEqual([first.received.length, second.received.length], [1, 1]);
  });

  it("says of a URL that names no host that it cannot be used", async () => {
    await using source = await TestStore.open(harness);
    const [owner, reader] = two();
    await source.client.addKey(reader, { url: "host:8080" });
    const hash = newHash();
    await source.client.put({ audience: [owner, reader] }, { hash });
    const state = await untilStatus(source, hash, reader, "peer_unreachable");
    assert.match(state.reason, /the registered URL cannot be used/);
  });

  it("works with one connection to the database", async () => {
    await using target = await TestStore.open(harness, { DB_CONNECTION_POOL_SIZE: "1" });
    await using source = await TestStore.open(harness, { DB_CONNECTION_POOL_SIZE: "1" });
    const [owner, reader] = two();
    await source.client.addKey(reader, { url: target.url });
    const puts = Array.from({ length: 60 }, (_, index) =>
      source.client.put(
        { audience: [owner, reader], payload: patternBytes(index * 300) },
        { hash: newHash(), chunkBytes: 9000 },
      ),
    );
    await Promise.all(puts);
    await untilSent(source, reader);
    assert.equal(await target.database.objects(), 60);
  });
});

describe("replication by several processes of one store", () => {
  const processes = new ProcessHarness();

  it("sends every object once, and goes on when the one that sent is killed", async () => {
    await using peer = await FakePeer.open();
    const first = await TestStore.open(processes);
    const given = { database: first.databaseSettings, folder: first.folder };
    await using second = await TestStore.open(processes, {}, given);
    const [owner, reader] = two();
    await first.client.addKey(reader, { url: peer.url });
    for (let index = 0; index < 10; index++) {
      const store = index % 2 ? first : second;
      await store.client.put({ audience: [owner, reader] }, { hash: newHash() });
    }
    await untilSent(second, reader);
    assert.equal(peer.begun, 10);
    await first.store.kill();
    await first.client[Symbol.asyncDispose]();
    await first.database[Symbol.asyncDispose]();
    for (let index = 0; index < 10; index++) {
      await second.client.put({ audience: [owner, reader] }, { hash: newHash() });
    }
    await untilSent(second, reader);
    assert.equal(new Set(peer.received.map(({ hash }) => hash)).size, 20);
  });
});

describe("inspecting an object", () => {
  it("tells where it lies, who can read it, its mail and its way to each reader", async () => {
    await using target = await TestStore.open(harness);
    await using source = await TestStore.open(harness);
    const [owner, remote, unknown] = newParties(3) as unknown as readonly [TestParty, TestParty, TestParty];
    await source.client.addKey(owner);
    await source.client.addKey(remote, { url: target.url });
    const hash = newHash();
    const answer = await source.client.put(
      { audience: [owner, remote, unknown], metadata: { "P8EAPI::TYPE": "FRAGMENT_REQUEST" } },
      { hash },
    );
    await untilStatus(source, hash, remote, "replicated");
    await using reader = await openStoreReader(serverDatabase(source.databaseSettings));
    const [object] = await inspectObject(reader, base64Encode(hash) as ContentHash);
    assert.equal(object?.uuid, answer.uuid?.value);
    assert.deepEqual(object?.place, { kind: "database" });
    assert.equal(object?.storedLength, answer.metadata?.length);
    assert.equal(object?.checked, true);
    assert.equal(object?.replica, false);
    assert.deepEqual(object?.propertyNames, ["HASH", "SIGNATURE", "SIGNATURE_PUBLIC_KEY"]);
    const of = (party: TestParty) => object!.readers.find(({ key }) => key === party.text);
    assert.equal(object?.readers.length, 3);
    assert.equal(of(owner)?.replication.status, "local");
    assert.equal(of(owner)?.mail, undefined);
    assert.equal(of(remote)?.replication.status, "replicated");
    assert.equal(of(remote)?.mail?.type, "FRAGMENT_REQUEST");
    assert.equal(of(unknown)?.replication.status, "no_destination");

    await using there = await openStoreReader(serverDatabase(target.databaseSettings));
    const [replica] = await inspectObject(there, base64Encode(hash) as ContentHash);
    assert.equal(replica?.replica, true);
    assert.equal(replica?.readers[0]?.replication.status, "not_sent");
  });

  it("is refused on a database that is no store's, and writes to none", async () => {
    const settings = await harness.createDatabase();
    await assert.rejects(openStoreReader(serverDatabase(settings)), { code: "store.schema" });
    await using store = await TestStore.open(harness);
    await using reader = await openStoreReader(serverDatabase(store.databaseSettings));
    await assert.rejects(reader.database.query({ text: "DELETE FROM object" }), { code: "store.database" });
  });
});
