import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { hasCode } from "@p8e/core";
import * as mailbox from "@p8e/proto/mailbox";
import { connectRpc } from "@p8e/rpc";
import { eventually, expectStatus, newHash, newParties, type TestParty, TestStore } from "@p8e/testkit";
import { LocalHarness } from "./support/harness.ts";
import { watchedMailSuite } from "./support/watched-mail-suite.ts";

const { watch } = mailbox.Mailbox.method;

const harness = new LocalHarness();

watchedMailSuite("ours", harness, "store");

describe("Mailbox/Watch", () => {
  let store: TestStore;
  before(async () => {
    store = await TestStore.open(harness);
  });
  after(async () => {
    await store[Symbol.asyncDispose]();
  });

  /** Counts wakes until it is stopped; how the stream ended is the promise's answer. */
  function counting(at: TestStore, party: TestParty, metadata: Record<string, string> = {}) {
    const stop = new AbortController();
    const state = { wakes: 0 };
    const ended = (async () => {
      const options = { signal: stop.signal, metadata };
      for await (const _ of at.client.rpc.serverStream(watch, { publicKey: party.raw }, options)) state.wakes += 1;
    })();
    ended.catch(() => {}); // looked at where it matters
    return { state, ended, stop: () => stop.abort() };
  }

  const send = (at: TestStore, from: TestParty, to: TestParty) =>
    at.client.put({ audience: [from, to], metadata: { "P8EAPI::TYPE": "FRAGMENT_REQUEST" } }, { hash: newHash() });

  const reach = (watching: { readonly state: { readonly wakes: number } }, wakes: number) =>
    eventually(
      "wakes",
      async () => watching.state.wakes,
      (count) => count >= wakes,
    );

  it("wakes at once, and for mail of the key, not for objects or others' mail", async () => {
    const [sender, reader, other] = newParties(3) as [TestParty, TestParty, TestParty];
    const watching = counting(store, reader);
    const others = counting(store, other);
    await reach(watching, 1);
    await reach(others, 1);
    await store.client.put({ audience: [sender, reader] }, { hash: newHash() });
    await send(store, sender, reader);
    await reach(watching, 2);
    await send(store, sender, other);
    await reach(others, 2);
    assert.deepEqual([watching.state.wakes, others.state.wakes], [2, 2]);
    assert.equal((await store.client.mail(reader)).length, 1);
    watching.stop();
    others.stop();
    await assert.rejects(watching.ended, { code: "rpc.cancelled" });
  });

  it("wakes over another process of the same store", async () => {
    await using second = await TestStore.open(harness, {}, { database: store.databaseSettings, folder: store.folder });
    const [sender, reader] = newParties(2) as [TestParty, TestParty];
    const watching = counting(second, reader);
    await reach(watching, 1);
    for (const count of [2, 3]) {
      await send(store, sender, reader);
      await reach(watching, count);
    }
    watching.stop();
  });

  it("wakes at the addressee's own store when the mail has been passed on", async () => {
    await using theirs = await TestStore.open(harness);
    const [sender, reader] = newParties(2) as [TestParty, TestParty];
    await store.client.addKey(reader, { url: theirs.url });
    await theirs.client.addKey(reader);
    const watching = counting(theirs, reader);
    await reach(watching, 1);
    await send(store, sender, reader);
    await reach(watching, 2);
    watching.stop();
  });

  it("refuses a key that is none, and with authentication whoever may not read the mail", async () => {
    const rpc = store.client.rpc;
    await expectStatus(rpc.serverStream(watch, { publicKey: new Uint8Array(33) }).next(), "INVALID_ARGUMENT");
    await using guarded = await TestStore.open(harness, { USER_AUTH_ENABLED: "true" });
    const [reader, stranger] = newParties(2) as [TestParty, TestParty];
    await guarded.client.addKey(reader, { header: "x-key", value: "v" });
    for (const party of [reader, stranger]) {
      await expectStatus(counting(guarded, party).ended, "PERMISSION_DENIED");
    }
    const watching = counting(guarded, reader, { "x-key": "v" });
    await reach(watching, 1);
    watching.stop();
  });

  it("lets sixteen watch a key, and another one as soon as one of them leaves or its connection is lost", async () => {
    const [sender, reader] = newParties(2) as [TestParty, TestParty];
    const all = Array.from({ length: 15 }, () => counting(store, reader));
    const alone = connectRpc({ host: store.store.host, port: store.store.port });
    const last = alone.serverStream(watch, { publicKey: reader.raw });
    await last.next();
    for (const each of all) await reach(each, 1);
    await expectStatus(counting(store, reader).ended, "RESOURCE_EXHAUSTED");
    const refused = (error: unknown) => hasCode(error, "rpc.exhausted");
    const enter = () =>
      eventually(
        "a place",
        async () => {
          const stream = store.client.rpc.serverStream(watch, { publicKey: reader.raw });
          await stream.next();
          return stream;
        },
        () => true,
        { isLater: refused },
      );
    all[0]!.stop();
    const first = await enter();
    const closing = assert.rejects(last.next());
    await alone[Symbol.asyncDispose]();
    await closing;
    const second = await enter();
    await send(store, sender, reader);
    for (const each of all.slice(1)) await reach(each, 2);
    for (const stream of [first, second]) {
      assert.equal((await stream.next()).done, false);
      await stream.return?.();
    }
    for (const each of all) each.stop();
  });

  it("ends with UNAVAILABLE when the store stops, which does not wait for who watches", async () => {
    const own = await TestStore.open(harness);
    const [reader] = newParties(1) as [TestParty];
    const watching = counting(own, reader);
    await reach(watching, 1);
    const stopping = own.store[Symbol.asyncDispose]();
    await expectStatus(watching.ended, "UNAVAILABLE");
    await stopping;
    await own[Symbol.asyncDispose]();
  });
});
