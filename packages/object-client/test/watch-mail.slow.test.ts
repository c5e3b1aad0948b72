import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { P8eError } from "@p8e/core";
import type { KeyReference } from "@p8e/crypto";
import { ObjectClient } from "@p8e/object-client";
import * as mailbox from "@p8e/proto/mailbox";
import * as objectStore from "@p8e/proto/object-store";
import { handle, rpcMethod, startRpcServer } from "@p8e/rpc";
import { eventually } from "@p8e/testkit";
import { newKey, openTestStores, type TestStore, type TestStores } from "./store-fixture.ts";

const quick = { soonestMs: 10, latestMs: 40, refusedMs: 50 };

describe("watching for mail", () => {
  let stores: TestStores;
  let store: TestStore;
  before(async () => {
    stores = await openTestStores();
    store = await stores.open("alpha");
  });
  after(async () => {
    await stores[Symbol.asyncDispose]();
  });

  const letter = (client: ObjectClient, from: KeyReference, to: KeyReference, text: string) =>
    client.put(Buffer.from(text), {
      owner: from.publicKey,
      signer: from,
      audience: [to.publicKey],
      mailType: "FRAGMENT_REQUEST",
    });

  /** Fetches and acknowledges whatever the watch says may be there. */
  function receiving(client: ObjectClient, key: KeyReference) {
    const stop = new AbortController();
    const seen: string[] = [];
    const wakes: string[] = [];
    const ended = (async () => {
      for await (const wake of client.watchMail(key.publicKey, { signal: stop.signal, pace: quick })) {
        wakes.push(wake.by);
        const letters = await client.mail(key).catch(() => []);
        if (letters.length > 0) wake.found();
        for (const { uuid } of letters) {
          await client.acknowledge(uuid, key.publicKey);
          seen.push(uuid);
        }
      }
    })();
    return { seen, wakes, ended, stop: () => stop.abort() };
  }

  const reach = (list: readonly string[], length: number) =>
    eventually(
      "so many",
      async () => list.length,
      (count) => count >= length,
    );

  it("brings every letter to many readers at once, by the store's word alone, until they are told to stop", async () => {
    const sender = newKey();
    const readers = Array.from({ length: 8 }, newKey);
    const receivers = readers.map((key) => receiving(store.client, key));
    for (const { wakes } of receivers) await reach(wakes, 2);
    for (let round = 1; round <= 3; round++) {
      for (const reader of readers) await letter(store.client, sender, reader, `${round}`);
      for (const { seen } of receivers) await reach(seen, round);
    }
    for (const { stop } of receivers) stop();
    for (const { ended, seen, wakes } of receivers) {
      await ended;
      assert.equal(seen.length, 3);
      assert.deepEqual(new Set(wakes.slice(1)), new Set(["store"]));
    }
  });

  it("ends when it is told to, whether or not there is a store", async () => {
    await using away = new ObjectClient({ url: "grpc://127.0.0.1:1", patienceMs: 10 });
    for (const client of [away, store.client]) {
      const stop = new AbortController();
      let count = 0;
      for await (const _ of client.watchMail(newKey().publicKey, { signal: stop.signal, pace: quick })) {
        count += 1;
        if (count === 2) stop.abort();
      }
      assert.equal(count, 2);
      for await (const _ of client.watchMail(newKey().publicKey, { signal: stop.signal })) assert.fail("it was over");
    }
  });

  it("looks by itself where the store does not know how to watch, and refuses to go on where it may not", async () => {
    let asked = 0;
    const get = handle(rpcMethod(objectStore.MailboxService.method.get), () => {
      asked += 1;
      return (async function* () {})();
    });
    await using server = await startRpcServer({ port: 0, services: [get] });
    await using client = new ObjectClient({ url: `grpc://127.0.0.1:${server.port}`, patienceMs: 10 });
    const receiver = receiving(client, newKey());
    await eventually(
      "polls",
      async () => asked,
      (count) => count > 5,
    );
    receiver.stop();
    await receiver.ended;
    assert.deepEqual(new Set(receiver.wakes), new Set(["time"]));
  });

  it("throws when the store does not let the key watch", async () => {
    const watch = handle(rpcMethod(mailbox.Mailbox.method.watch), () => {
      throw new P8eError("rpc.denied", "not authorized");
    });
    await using server = await startRpcServer({ port: 0, services: [watch] });
    await using client = new ObjectClient({ url: `grpc://127.0.0.1:${server.port}`, patienceMs: 10 });
    const watching = async () => {
      for await (const _ of client.watchMail(newKey().publicKey, { pace: quick }));
    };
    await assert.rejects(watching, { code: "rpc.denied" });
  });
});
