import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import type { ObjectStoreServer } from "@p8e/object-store";
import { eventually, expectStatus, newHash, newParties, patternBytes, TestStore } from "@p8e/testkit";
import { silentLog } from "../src/log.ts";
import { AccessLog } from "../src/watching/access-log.ts";
import { MetricSet } from "../src/watching/metrics.ts";
import { LocalHarness } from "./support/harness.ts";

const harness = new LocalHarness();
const folder = await mkdtemp(join(tmpdir(), "p8e-watching-"));
after(() => rm(folder, { recursive: true, force: true }));

describe("metrics", () => {
  it("are written as Prometheus reads them", () => {
    const set = new MetricSet();
    const calls = set.counter("calls_total", "Calls.", ["method", "status"]);
    calls.add(1, 'a"b\\c\nd', "OK");
    calls.add(2, 'a"b\\c\nd', "OK");
    set.gauge("depth", "Depth.", () => [{ labels: { peer: "x" }, value: 3 }]);
    set.gauge("unknown", "Not known just now.", () => undefined);
    const seconds = set.histogram("seconds", "Seconds.", [0.1, 1], ["method"]).of("get");
    for (const value of [0.1, 0.5, 0.25, 70]) seconds.observe(value);
    assert.equal(
      set.text(),
      [
        "# HELP calls_total Calls.",
        "# TYPE calls_total counter",
        'calls_total{method="a\\"b\\\\c\\nd",status="OK"} 3',
        "# HELP depth Depth.",
        "# TYPE depth gauge",
        'depth{peer="x"} 3',
        "# HELP unknown Not known just now.",
        "# TYPE unknown gauge",
        "# HELP seconds Seconds.",
        "# TYPE seconds histogram",
        'seconds_bucket{method="get",le="0.1"} 1',
        'seconds_bucket{method="get",le="1"} 3',
        'seconds_bucket{method="get",le="+Inf"} 4',
        'seconds_sum{method="get"} 70.85',
        'seconds_count{method="get"} 4',
        "",
      ].join("\n"),
    );
  });
});

describe("the access log", () => {
  const call = (hash: string) => ({
    ...{ method: "/objectstore.ObjectService/Put", peer: "127.0.0.1:1", status: "OK", durationMs: 1, traceId: "" },
    ...{ errorCode: undefined, facts: { hash, receivedBytes: 1, sentBytes: 0 } },
  });

  it("keeps as many files as it may, the newest lines in the first", async () => {
    const path = join(folder, "rotated.log");
    {
      await using log = await AccessLog.open(
        { path, fileBytesMax: 4096, filesMax: 3 },
        { log: silentLog, now: () => 0 },
      );
      for (let round = 0; round < 12; round++) {
        for (let line = 0; line < 40; line++) log.callEnded(call(`${round}-${line}`));
        await eventually(
          "the lines",
          // Between two files there is none for a moment.
          () => readFile(path, "utf8").catch(() => ""),
          (text) => text.includes(`"${round}-39"`),
        );
      }
    }
    const files = (await readdir(folder)).filter((name) => name.startsWith("rotated.log")).sort();
    assert.deepEqual(files, ["rotated.log", "rotated.log.1", "rotated.log.2"]);
    const rounds = async (name: string) => {
      const lines = (await readFile(join(folder, name), "utf8")).trim().split("\n");
      return new Set(lines.map((line) => (JSON.parse(line) as { hash: string }).hash.split("-")[0]));
    };
    assert.deepEqual(await Promise.all(files.map(rounds)), [new Set(["11"]), new Set(["10"]), new Set(["9"])]);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
  });

  it("drops lines rather than hold more than a few megabytes, and counts them", async () => {
    const path = join(folder, "flooded.log");
    await using log = await AccessLog.open({ path, fileBytesMax: 1e9, filesMax: 1 }, { log: silentLog, now: () => 0 });
    for (let line = 0; line < 60_000; line++) log.callEnded(call("x".repeat(500)));
    assert.ok(log.dropped > 0 && log.dropped < 60_000, String(log.dropped));
  });

  it("is refused where it cannot be written", async () => {
    const path = join(folder, "nowhere", "a.log");
    await assert.rejects(AccessLog.open({ path, fileBytesMax: 1e6, filesMax: 2 }, { log: silentLog, now: () => 0 }), {
      code: "configuration.invalid",
    });
  });
});

describe("a store that is watched", () => {
  const ask = async (port: number | undefined, path: string, init?: RequestInit) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, init);
    return { status: response.status, text: await response.text() };
  };

  let shared: TestStore<ObjectStoreServer>;
  before(async () => {
    shared = await TestStore.open(harness, { P8E_STORE_ADMIN: "0" });
  });
  after(() => shared[Symbol.asyncDispose]());

  it("counts its calls and their bytes, and says so to whoever asks", async () => {
    const store = shared;
    const port = store.store.adminPort;
    const [owner, reader] = newParties(2);
    const hash = newHash();
    await store.client.addKey(reader!, { url: "tcp://127.0.0.1:1" });
    await store.client.put({ audience: [owner!, reader!], payload: patternBytes(9000) }, { hash });
    await store.client.get(hash, owner!);
    await expectStatus(store.client.get(newHash(), owner!), "NOT_FOUND");
    const text = await eventually(
      "the metrics",
      async () => (await ask(port, "/metrics")).text,
      (found) => found.includes('p8e_store_calls_total{method="objectstore.ObjectService/Get",status="NOT_FOUND"} 1'),
    );
    const value = (name: string) => {
      const line = text.split("\n").find((each) => each.startsWith(`${name} `));
      return line === undefined ? undefined : Number(line.slice(name.length + 1));
    };
    assert.equal(value('p8e_store_calls_total{method="objectstore.ObjectService/Put",status="OK"}'), 1);
    assert.equal(value('p8e_store_call_seconds_count{method="objectstore.ObjectService/Get"}'), 2);
    assert.equal(value('p8e_store_errors_total{code="object.not_found"}'), 1);
    assert.ok(value("p8e_store_received_bytes_total")! > 9000);
    assert.ok(value("p8e_store_sent_bytes_total")! > 9000);
    assert.equal(value('p8e_store_replication_waiting{peer="tcp://127.0.0.1:1"}'), 1);
    assert.equal(value("p8e_store_mail_open"), 0);
    assert.equal(value('p8e_store_ready{part="database"}'), 1);
    assert.ok(value("process_resident_memory_bytes")! > 1e6);
  });

  it("is alive and ready, and no longer ready while it is on its way out or its tables are gone", async () => {
    await using store = await TestStore.open(harness, { P8E_STORE_ADMIN: "127.0.0.1:0" });
    const port = store.store.adminPort;
    assert.deepEqual(await ask(port, "/livez"), { status: 200, text: "alive\n" });
    const ready = { ready: true, database: true, schema: true, storage: true, draining: false };
    const found = await ask(port, "/readyz");
    assert.equal(found.status, 200);
    assert.deepEqual(JSON.parse(found.text), ready);
    await store.database.rows("ALTER TABLE p8e_store RENAME TO p8e_store_gone");
    const unready = await eventually(
      "that it is not ready",
      () => ask(port, "/readyz"),
      ({ status }) => status === 503,
    );
    assert.deepEqual(JSON.parse(unready.text), { ...ready, ready: false, schema: false });
    await store.database.rows("ALTER TABLE p8e_store_gone RENAME TO p8e_store");
    await eventually(
      "that it is ready",
      () => ask(port, "/readyz"),
      ({ status }) => status === 200,
    );
    const drained = store.store.drain(1000);
    const draining = await ask(port, "/readyz");
    assert.equal(draining.status, 503);
    assert.deepEqual(JSON.parse(draining.text), { ...ready, ready: false, draining: true });
    assert.equal((await ask(port, "/livez")).status, 200);
    await drained;
  });

  it("answers no browser, and nothing but what it is for", async () => {
    const port = shared.store.adminPort;
    assert.equal((await ask(port, "/metrics", { headers: { origin: "http://evil.example" } })).status, 403);
    assert.equal((await ask(port, "/metrics", { method: "POST", body: "x" })).status, 405);
    assert.equal((await ask(port, "/")).status, 404);
  });

  it("tells nobody unless it is asked to", async () => {
    await using store = await TestStore.open(harness);
    assert.equal(store.store.adminPort, undefined);
  });

  it("writes who put, got, fetched and acknowledged what", async () => {
    const path = join(folder, "access.log");
    await using store = await TestStore.open(harness, { P8E_STORE_ACCESS_LOG: path });
    const [owner, reader] = newParties(2);
    const hash = newHash();
    const metadata = { "x-trace-id": "trace-1" };
    await store.client.put(
      { audience: [owner!, reader!], metadata: { "P8EAPI::TYPE": "FRAGMENT_REQUEST" } },
      { hash, metadata },
    );
    await store.client.get(hash, reader!);
    const [mail] = await store.client.mail(reader!, 10);
    await store.client.acknowledge(mail!.uuid!.value, reader!);
    await expectStatus(store.client.get(newHash(), owner!), "NOT_FOUND");
    const lines = await eventually(
      "the lines",
      async () => readFileSync(path, "utf8").trim().split("\n"),
      (found) => found.length === 5,
    );
    const entries = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.deepEqual(
      entries.map(({ service, call, outcome, key }) => ({ service, call, outcome, key })),
      [
        { service: "ObjectService", call: "Put", outcome: "OK", key: owner!.text },
        { service: "ObjectService", call: "Get", outcome: "OK", key: reader!.text },
        { service: "MailboxService", call: "Get", outcome: "OK", key: reader!.text },
        { service: "MailboxService", call: "Ack", outcome: "OK", key: reader!.text },
        { service: "ObjectService", call: "Get", outcome: "NOT_FOUND", key: owner!.text },
      ],
    );
    const [put, get, listed, acked] = entries;
    assert.equal(put!["trace"], "trace-1");
    assert.equal(put!["hash"], get!["hash"]);
    assert.equal(put!["uuid"], get!["uuid"]);
    assert.ok(Number(put!["receivedBytes"]) > 0 && Number(get!["sentBytes"]) > 0);
    assert.equal(listed!["mails"], 1);
    assert.equal(acked!["uuid"], mail!.uuid!.value);
  });

  it("has every metric that the alert rules and the dashboard name", async () => {
    const { text } = await ask(shared.store.adminPort, "/metrics");
    const known = new Set([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name]) => name!));
    for (const file of ["p8e-store.rules.yml", "p8e-store.dashboard.json"]) {
      const source = readFileSync(fileURLToPath(new URL(`../../../docs/monitoring/${file}`, import.meta.url)), "utf8");
      const used = [...source.matchAll(/\b(?:p8e_store|process)_[a-z_]+/g)].map(([name]) =>
        name.replace(/_(bucket|sum|count)$/, ""),
      );
      assert.ok(used.length > 10, `${file} names metrics`);
      assert.deepEqual(
        [...new Set(used)].filter((name) => !known.has(name)),
        [],
        file,
      );
    }
  });
});
