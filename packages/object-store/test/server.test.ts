import assert from "node:assert/strict";
import { globSync } from "node:fs";
import { describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { isP8eError } from "@p8e/core";
import * as health from "@p8e/proto/health";
import {
  buildContainer,
  type ChunkInit,
  eventually,
  expectStatus,
  newHash,
  newParties,
  patternBytes,
  putMessages,
  SIGNATURE,
  SIGNATURE_PUBLIC_KEY,
  StoreClient,
  storedForm,
  storeEnvironment,
  TestStore,
} from "@p8e/testkit";
import { LocalHarness } from "./support/harness.ts";

const harness = new LocalHarness();

describe("several processes of one store", () => {
  const pair = async (environment: Record<string, string> = {}) => {
    const first = await TestStore.open(harness, environment);
    const second = await TestStore.open(harness, environment, {
      database: first.databaseSettings,
      folder: first.folder,
    });
    return { first, second };
  };

  it("serve the same objects", async () => {
    const { first, second } = await pair();
    await using _first = first;
    await using _second = second;
    const [party] = newParties(1);
    const hash = newHash();
    await first.client.put({ audience: [party!], payload: patternBytes(9000) }, { hash });
    assert.equal((await second.client.get(hash, party!)).messages.length, 3);
  });

  it("follow one another into maintenance and out of it", async () => {
    const { first, second } = await pair();
    await using _first = first;
    await using _second = second;
    await first.client.setMaintenance(true);
    await eventually(
      "maintenance",
      () => second.client.maintenance(),
      (on) => on,
    );
    await second.client.setMaintenance(false);
    await eventually(
      "maintenance",
      () => first.client.maintenance(),
      (on) => !on,
    );
  });

  it("stay in maintenance over a restart until somebody ends it", async () => {
    const first = await TestStore.open(harness);
    await first.client.setMaintenance(true);
    await first[Symbol.asyncDispose]();
    await using again = await TestStore.open(harness, {}, { database: first.databaseSettings, folder: first.folder });
    assert.equal(await again.client.maintenance(), true);
  });

  it("know a key that was registered with another", async () => {
    const { first, second } = await pair({ USER_AUTH_ENABLED: "true" });
    await using _first = first;
    await using _second = second;
    const [party] = newParties(1);
    await first.client.addKey(party!, { header: "x-key", value: "v" });
    const metadata = { "x-key": "v" };
    const put = () =>
      second.client.put({ audience: [party!] }, { hash: newHash(), metadata }).then(
        () => true,
        () => false,
      );
    await eventually("a put at the other process", put, (done) => done);
  });
});

describe("a key that somebody wrote into the database by hand", () => {
  it("counts from the next start, without metadata and with any case in its header", async () => {
    const first = await TestStore.open(harness, { USER_AUTH_ENABLED: "true" });
    const [party] = newParties(1);
    await first.database.rows(
      `INSERT INTO public_key (uuid, public_key, public_key_type, url, metadata, auth_type, auth_data)
       VALUES (gen_random_uuid(), $1, 'secp256k1', '', NULL, 'header', 'X-Key:v')`,
      [party!.text],
    );
    await first[Symbol.asyncDispose]();
    await using again = await TestStore.open(
      harness,
      { USER_AUTH_ENABLED: "true" },
      { database: first.databaseSettings, folder: first.folder },
    );
    await again.client.put({ audience: [party!] }, { hash: newHash(), metadata: { "x-key": "v" } });
  });
});

describe("a hash that was stored for several audiences", () => {
  it("is read as the oldest object, always the same one", async () => {
    await using store = await TestStore.open(harness);
    const [owner, second, third] = newParties(3);
    const hash = newHash();
    const audiences = [[owner!], [owner!, second!], [owner!, second!, third!]];
    const first = { audience: audiences[0]!, payload: patternBytes(40, 1) };
    await store.client.put(first, { hash });
    for (const [index, audience] of audiences.slice(1).entries()) {
      await store.client.put({ audience, payload: patternBytes(40, index + 2) }, { hash });
    }
    const oldest = (await store.client.get(hash, owner!)).data;
    assert.deepEqual(oldest, storedForm(first, SIGNATURE, SIGNATURE_PUBLIC_KEY));
    const forSecond = storedForm(
      { audience: audiences[1]!, payload: patternBytes(40, 2) },
      SIGNATURE,
      SIGNATURE_PUBLIC_KEY,
    );
    assert.deepEqual((await store.client.get(hash, second!)).data, forSecond);
  });
});

describe("mail", () => {
  it("is handed out oldest first, and the first acknowledgement's time stays", async () => {
    await using store = await TestStore.open(harness);
    const [sender, receiver] = newParties(2);
    const metadata = { "P8EAPI::TYPE": "FRAGMENT_REQUEST" };
    const sent: string[] = [];
    for (let index = 0; index < 5; index++) {
      const answer = await store.client.put({ audience: [sender!, receiver!], metadata }, { hash: newHash() });
      sent.push(answer.uuid!.value);
    }
    const mails = await store.client.mail(receiver!, 3);
    const objects: string[] = [];
    for (const mail of mails) {
      const [row] = await store.database.rows<{ object_uuid: string }>(
        "SELECT object_uuid FROM mailbox_public_key WHERE uuid = $1",
        [mail.uuid!.value],
      );
      objects.push(row!.object_uuid);
    }
    assert.deepEqual(objects, sent.slice(0, 3));
    const acknowledgedAt = () =>
      store.database.rows("SELECT acked_at::text FROM mailbox_public_key WHERE uuid = $1", [mails[0]!.uuid!.value]);
    await store.client.acknowledge(mails[0]!.uuid!.value);
    const first = await acknowledgedAt();
    await store.client.acknowledge(mails[0]!.uuid!.value);
    assert.deepEqual(await acknowledgedAt(), first);
  });
});

describe("a store that is asked to stop", () => {
  it("says so to its health watchers, finishes the upload under way, and takes no new call", async () => {
    const store = await TestStore.open(harness);
    const { NOT_SERVING, SERVING } = health.HealthCheckResponse_ServingStatus;
    const watching = store.client.rpc.serverStream(health.Health.method.watch, {});
    assert.equal((await watching.next()).value?.status, SERVING);
    const [party] = newParties(1);
    const messages = putMessages(buildContainer({ audience: [party!], payload: patternBytes(1_000_000) }), {
      hash: newHash(),
      chunkBytes: 200_000,
    });
    let halfWay = () => {};
    const reached = new Promise<void>((resolve) => {
      halfWay = resolve;
    });
    async function* slow(): AsyncGenerator<ChunkInit> {
      yield* messages.slice(0, 3);
      halfWay();
      await delay(300);
      yield* messages.slice(3);
    }
    const put = store.client.send(slow());
    await reached;
    // Sent is not yet received: a call that the store has not seen is none under way.
    await eventually(
      "files of the upload under way",
      async () => globSync(".incoming/*/*.*", { cwd: store.folder }).length,
      (files) => files > 0,
    );
    const stopping = store.store[Symbol.asyncDispose]();
    assert.equal((await watching.next()).value?.status, NOT_SERVING);
    await watching.return?.();
    assert.ok((await put).uuid?.value);
    await stopping;
    await using late = new StoreClient(store.store.host, store.store.port);
    const error = await late.maintenance().then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    assert.ok(isP8eError(error) && error.code === "rpc.unavailable");
    await store.client[Symbol.asyncDispose]();
    await store.database[Symbol.asyncDispose]();
  });
});

describe("a store that cannot open", () => {
  const outcome = async (change: Record<string, string>) => {
    const settings = await harness.createDatabase();
    const environment = { ...storeEnvironment(settings, await harness.createFolder()), ...change };
    return harness.start(environment).then(
      async (store) => {
        await store[Symbol.asyncDispose]();
        return "opened";
      },
      (error: unknown) => (isP8eError(error) ? error.code : String(error)),
    );
  };

  it("says whether it is the database, the schema, the storage or the address", async () => {
    assert.equal(await outcome({ DB_PORT: "1", P8E_STORE_DATABASE_WAIT_SECONDS: "0" }), "store.unavailable");
    assert.equal(await outcome({ DB_PASS: "wrong" }), "store.database");
    assert.equal(await outcome({ DB_SCHEMA: "nowhere" }), "store.schema");
    assert.equal(await outcome({ STORAGE_BASE_PATH: "/nonexistent" }), "store.storage");
    await using other = await TestStore.open(harness);
    assert.equal(await outcome({ OS_PORT: String(other.store.port) }), "rpc.unavailable");
  });

  it("leaves no connection open", async () => {
    const settings = await harness.createDatabase();
    const environment = { ...storeEnvironment(settings, "/nonexistent") };
    await assert.rejects(harness.start(environment));
    const superuser = await harness.superuser("postgres");
    const count = async () => {
      const { rows } = await superuser.query("SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = $1", [
        settings.name,
      ]);
      return (rows[0] as { n: number }).n;
    };
    await eventually("connections", count, (n) => n === 0);
    await superuser.end();
  });
});

describe("a store's answers", () => {
  it("name no path, statement or value when its database is gone", async () => {
    await using store = await TestStore.open(harness);
    const superuser = await harness.superuser("postgres");
    await superuser.query(`ALTER DATABASE "${store.databaseSettings.name}" ALLOW_CONNECTIONS false`);
    await superuser.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", [
      store.databaseSettings.name,
    ]);
    const [party] = newParties(1);
    await assert.rejects(store.client.get(newHash(), party!), (error: unknown) => {
      assert.ok(isP8eError(error));
      assert.match(error.message, /^the database (cannot be reached|refused a statement)$/);
      return true;
    });
    await eventually(
      "health",
      () => store.client.rpc.unary(health.Health.method.check, {}),
      ({ status }) => status === health.HealthCheckResponse_ServingStatus.NOT_SERVING,
    );
    await superuser.query(`ALTER DATABASE "${store.databaseSettings.name}" ALLOW_CONNECTIONS true`);
    await superuser.end();
    await eventually(
      "health",
      () => store.client.rpc.unary(health.Health.method.check, {}),
      ({ status }) => status === health.HealthCheckResponse_ServingStatus.SERVING,
    );
    await expectStatus(store.client.get(newHash(), party!), "NOT_FOUND");
  });
});
