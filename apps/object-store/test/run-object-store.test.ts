import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { openLocalPostgres } from "@p8e/local-postgres";
import { freePort } from "@p8e/machine";
import { newHash, newParties, patternBytes, prepareLocalPostgres, StoreClient } from "@p8e/testkit";
import { runObjectStore } from "../src/run-object-store.ts";

type Line = Readonly<Record<string, unknown>> & { readonly level: string; readonly event: string };

/** A running server, and what it has said. */
function start(env: Readonly<Record<string, string>>, args: readonly string[] = []) {
  const lines: Line[] = [];
  const stop = new AbortController();
  let hear = (_line: Line) => {};
  const code = runObjectStore({
    ...{ args, env, signal: stop.signal },
    write: (line) => {
      lines.push(JSON.parse(line) as Line);
      hear(lines.at(-1)!);
    },
    publish: () => {},
  });
  const said = (event: string): Promise<Line> =>
    new Promise((resolve, reject) => {
      const found = lines.find((line) => line.event === event);
      if (found !== undefined) return resolve(found);
      hear = (line) => line.event === event && resolve(line);
      void code.then((ended) => reject(new Error(`ended with ${ended}: ${JSON.stringify(lines)}`)));
    });
  return { lines, code, said, stop: () => stop.abort() };
}

describe("the object store by itself", () => {
  const folder = mkdtempSync(join(tmpdir(), "p8e-object-store-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, "objects"));
  const variables = (port: number) => ({
    ...{ OS_URL: "127.0.0.1", OS_PORT: "0", URI_HOST: "localhost", TRACE_HEADER: "x-trace-id" },
    ...{ STORAGE_TYPE: "file_system", STORAGE_BASE_PATH: join(folder, "objects"), PGSSLMODE: "disable" },
    ...{ DB_HOST: "127.0.0.1", DB_PORT: String(port), DB_USER: "store", DB_NAME: "store", DB_SCHEMA: "public" },
  });

  it("waits for its database, says for which, and serves when it is there", async () => {
    const dataDir = join(folder, "postgres");
    await prepareLocalPostgres(dataDir);
    writeFileSync(join(folder, "password"), "a password\n", { mode: 0o400 });
    const before = await openLocalPostgres({ dataDir });
    const { port } = before;
    await before.createDatabase("store", "store", "a password");
    await before[Symbol.asyncDispose]();
    const store = start({ ...variables(port), DB_PASS_FILE: join(folder, "password") });
    const waiting = await store.said("waiting for the database");
    assert.deepEqual([waiting.host, waiting.port], ["127.0.0.1", port]);
    assert.match(String(waiting.reason), /ECONNREFUSED/);
    await using postgres = await openLocalPostgres({ dataDir });
    assert.equal(postgres.port, port);
    const { port: at } = await store.said("the object store is listening");
    {
      const [party] = newParties(1);
      await using client = new StoreClient("127.0.0.1", Number(at));
      await client.put({ audience: [party!], payload: patternBytes(100) }, { hash: newHash() });
    }
    store.stop();
    assert.equal(await store.code, 0);
    assert.equal(store.lines.at(-1)!.event, "the object store has stopped");
  });

  it("says in a line of its log why it cannot start, and ends with the error's code", async () => {
    const port = await freePort();
    const store = start({ ...variables(port), DB_PASS: "x", P8E_STORE_DATABASE_WAIT_SECONDS: "0" });
    assert.equal(await store.code, 30);
    const { event, level, code, host, reason, ...rest } = store.lines.at(-1)!;
    assert.deepEqual([level, event, code], ["error", "the object store cannot start", "store.unavailable"]);
    assert.deepEqual([host, rest.port], ["127.0.0.1", port]);
    assert.match(String(reason), /ECONNREFUSED/);
  });

  it("waits for a name that does not resolve yet, and gives up after the time it was given", async () => {
    const environment = { ...variables(5432), DB_PASS: "x", DB_HOST: "database.invalid" };
    const store = start({ ...environment, P8E_STORE_DATABASE_WAIT_SECONDS: "1" });
    const waiting = await store.said("waiting for the database");
    assert.equal(waiting.host, "database.invalid");
    assert.match(String(waiting.reason), /ENOTFOUND|EAI_AGAIN/);
    assert.equal(await store.code, 30);
  });

  it("says which database takes its connection and stays silent, and is stopped while it listens to it", async () => {
    const silent = createServer(() => {}).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as AddressInfo;
    const env = { ...variables(port), DB_PASS: "x" };
    const brief = start({ ...env, P8E_STORE_DATABASE_WAIT_SECONDS: "1" });
    assert.equal(await brief.code, 30);
    assert.deepEqual([brief.lines.at(-1)!.port, brief.lines.at(-1)!.reason], [port, "timeout expired"]);
    for (const hears of [false, true]) {
      const patient = start(env);
      const [connection] = (await once(silent, "connection")) as [Socket];
      if (hears) connection.resume();
      patient.stop();
      assert.equal(await patient.code, 0);
      connection.destroy();
    }
    silent.close();
  });

  it("is stopped while it waits", async () => {
    const store = start({ ...variables(await freePort()), DB_PASS: "x" });
    await store.said("waiting for the database");
    store.stop();
    assert.equal(await store.code, 0);
  });

  it("names all variables that are missing in one line, and refuses options that it does not have", async () => {
    const store = start({ OS_PORT: "x" });
    assert.equal(await store.code, 3);
    assert.equal(store.lines.length, 1);
    assert.deepEqual(store.lines[0]!.missing, ["DB_HOST", "DB_PORT", "DB_USER", "DB_PASS", "DB_NAME", "DB_SCHEMA"]);
    assert.equal(await start({}, ["--port", "1"]).code, 2);
  });
});
