import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { isP8eError } from "@p8e/core";
import { type LocalPostgres, openLocalDatabase, openLocalPostgres } from "@p8e/local-postgres";
import { isAlive } from "@p8e/machine";
import pg from "pg";

const folders: string[] = [];
after(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "p8e-postgres-"));
  folders.push(folder);
  return join(folder, "data");
}

async function query(port: number, text: string, login = { user: "kept", password: "secret", database: "kept" }) {
  const client = new pg.Client({ host: "127.0.0.1", port, ...login });
  await client.connect();
  try {
    return (await client.query(text)).rows as Record<string, unknown>[];
  } finally {
    await client.end();
  }
}

async function codeOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => "ok",
    (error: unknown) => (isP8eError(error) ? error.code : String(error)),
  );
}

describe("an open embedded PostgreSQL", () => {
  let dataDir: string;
  let postgres: LocalPostgres;

  before(async () => {
    dataDir = await newFolder();
    postgres = await openLocalPostgres({ dataDir });
  });
  after(() => postgres?.[Symbol.asyncDispose]());

  it("asks for the right password", async () => {
    await postgres.createDatabase("kept", "kept", "secret");
    const login = { user: "kept", password: "wrong", database: "kept" };
    await assert.rejects(query(postgres.port, "SELECT 1", login), /password authentication failed/);
  });

  it("keeps a party out of another party's database", async () => {
    await postgres.createDatabase("a", "a", "secret");
    await postgres.createDatabase("b", "b", "secret");
    const login = { user: "a", password: "secret", database: "b" };
    await assert.rejects(query(postgres.port, "SELECT 1", login), /permission denied/);
  });

  it("makes a database once, and changes the password when it is asked again", async () => {
    await postgres.createDatabase("twice", "twice", "first");
    await postgres.createDatabase("twice", "twice", "it's \\ second");
    const login = { user: "twice", password: "it's \\ second", database: "twice" };
    assert.deepEqual(await query(postgres.port, "SELECT 1 AS n", login), [{ n: 1 }]);
    assert.equal(await codeOf(postgres.createDatabase('"; DROP', "kept", "x")), "input.invalid");
  });

  it("has one owner at a time", async () => {
    assert.equal(await codeOf(openLocalPostgres({ dataDir })), "environment.in_use");
    assert.equal(isAlive(postgres.pid), true);
  });
});

it("a database of one's own keeps its password, and its server is started again on its port when it dies", async () => {
  const dataDir = await newFolder();
  const said: string[] = [];
  const open = () => openLocalDatabase({ dataDir, name: "own", say: (text) => said.push(text) });
  const login = (database: { user: string; password: string; name: string }) => ({ ...database, database: "own" });
  let first: { readonly password: string; readonly port: number };
  {
    await using database = await open();
    first = database;
    await query(database.port, "CREATE TABLE t AS SELECT 7 AS n", login(database));
    const pid = Number(readFileSync(join(dataDir, "cluster", "postmaster.pid"), "utf8").split("\n")[0]);
    process.kill(pid, "SIGKILL");
    while (!said.includes("the database is back")) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.deepEqual(await query(database.port, "SELECT n FROM t", login(database)), [{ n: 7 }]);
  }
  await using again = await open();
  assert.deepEqual([again.password, again.port], [first.password, first.port]);
  assert.deepEqual(await query(again.port, "SELECT n FROM t", login(again)), [{ n: 7 }]);
});

describe("the embedded PostgreSQL", () => {
  it("keeps its data and its port over restarts, with fsync and checksums on and a process that is gone in between", async () => {
    const dataDir = await newFolder();
    let port = 0;
    let pid = 0;
    {
      await using postgres = await openLocalPostgres({ dataDir });
      assert.equal(postgres.reattached, false);
      ({ port, pid } = postgres);
      await postgres.createDatabase("kept", "kept", "secret");
      await query(port, "CREATE TABLE t AS SELECT 7 AS n");
      const settings = await query(
        port,
        "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'data_checksums')",
      );
      assert.deepEqual(
        settings.map(({ setting }) => setting),
        ["on", "on"],
      );
    }
    assert.equal(isAlive(pid), false);
    await using again = await openLocalPostgres({ dataDir });
    assert.equal(again.port, port);
    assert.deepEqual(await query(again.port, "SELECT n FROM t"), [{ n: 7 }]);
  });

  it("outlives its owner's crash, and is taken over with its data", async () => {
    const dataDir = await newFolder();
    const entry = fileURLToPath(new URL("./support/postgres-owner-process.ts", import.meta.url));
    const owner = spawn(process.execPath, [entry, dataDir], { stdio: ["ignore", "pipe", "inherit"] });
    const line = await new Promise<string>((resolve) => createInterface({ input: owner.stdout }).once("line", resolve));
    const [pid, port] = line.split(" ").map(Number) as [number, number];
    const gone = new Promise((resolve) => owner.once("exit", resolve));
    owner.kill("SIGKILL");
    await gone;
    assert.equal(isAlive(pid), true);
    {
      await using postgres = await openLocalPostgres({ dataDir });
      assert.equal(postgres.reattached, true);
      assert.equal(postgres.pid, pid);
      assert.equal(postgres.port, port);
      assert.deepEqual(await query(port, "SELECT 1 AS n"), [{ n: 1 }]);
    }
    assert.equal(isAlive(pid), false);
  });

  it("ends with an owner that exits and waits for nothing, and has kept what was written", async () => {
    const dataDir = await newFolder();
    const entry = fileURLToPath(new URL("./support/postgres-owner-process.ts", import.meta.url));
    const owner = spawn(process.execPath, [entry, dataDir], { stdio: ["pipe", "pipe", "inherit"] });
    const line = await new Promise<string>((resolve) => createInterface({ input: owner.stdout }).once("line", resolve));
    const [pid, port] = line.split(" ").map(Number) as [number, number];
    const login = { user: "kept", password: "secret", database: "kept" };
    await query(port, "CREATE TABLE t AS SELECT 7 AS n", login);
    const gone = new Promise((resolve) => owner.once("exit", resolve));
    owner.stdin.write("exit\n");
    assert.equal(await gone, 7);
    while (isAlive(pid)) await delay(20);
    await using postgres = await openLocalPostgres({ dataDir });
    assert.equal(postgres.reattached, false);
    assert.deepEqual(await query(postgres.port, "SELECT n FROM t", login), [{ n: 7 }]);
  });

  it("starts again after the server itself was killed, although another program has its process id by now", async () => {
    const dataDir = await newFolder();
    const pidFile = join(dataDir, "cluster", "postmaster.pid");
    {
      await using postgres = await openLocalPostgres({ dataDir });
      await postgres.createDatabase("kept", "kept", "secret");
      process.kill(postgres.pid, "SIGKILL");
      while (isAlive(postgres.pid)) await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assert.ok(existsSync(pidFile));
    const lines = readFileSync(pidFile, "utf8").split("\n");
    writeFileSync(pidFile, [String(process.pid), ...lines.slice(1)].join("\n"));
    await using postgres = await openLocalPostgres({ dataDir });
    assert.deepEqual(await query(postgres.port, "SELECT 1 AS n"), [{ n: 1 }]);
  });

  it("stops its server although the folder was removed meanwhile", async () => {
    const dataDir = await newFolder();
    const postgres = await openLocalPostgres({ dataDir });
    await rm(dataDir, { recursive: true, maxRetries: 5 });
    await postgres[Symbol.asyncDispose]();
    assert.equal(isAlive(postgres.pid), false);
  });

  it("starts afresh when a first start was cut off half-way", async () => {
    const dataDir = await newFolder();
    const stop = new AbortController();
    const first = openLocalPostgres({ dataDir, signal: stop.signal });
    setTimeout(() => stop.abort(), 150);
    await first.then(
      (postgres) => postgres[Symbol.asyncDispose](),
      () => {},
    );
    await using postgres = await openLocalPostgres({ dataDir });
    await postgres.createDatabase("kept", "kept", "secret");
    assert.deepEqual(await query(postgres.port, "SELECT 1 AS n"), [{ n: 1 }]);
  });

  it("leaves no server behind when its start is given up", async () => {
    const dataDir = await newFolder();
    const stop = new AbortController();
    const opening = openLocalPostgres({ dataDir, signal: stop.signal });
    const pidFile = join(dataDir, "cluster", "postmaster.pid");
    let pid = 0;
    while (!(pid > 0)) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      if (existsSync(pidFile)) pid = Number(readFileSync(pidFile, "utf8").split("\n")[0]);
    }
    stop.abort();
    await opening.then(
      (postgres) => postgres[Symbol.asyncDispose](),
      () => {},
    );
    assert.equal(isAlive(pid), false);
  });

  it("runs as an unprivileged account when root cannot have a user namespace", async (t) => {
    if (process.getuid?.() !== 0) return t.skip("only root needs an account");
    const dataDir = await newFolder();
    {
      await using postgres = await openLocalPostgres({ dataDir, isolation: "account" });
      const owner = /^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${postgres.pid}/status`, "utf8"))?.[1];
      assert.notEqual(owner, "0");
      await postgres.createDatabase("kept", "kept", "secret");
    }
    // And keeps to it: the data is there, wherever else it could run by now.
    await using again = await openLocalPostgres({ dataDir });
    assert.deepEqual(await query(again.port, "SELECT 1 AS n"), [{ n: 1 }]);
    folders.push(join("/var/lib/p8e/data", readFileSync(join(dataDir, "cluster.id"), "utf8").trim()));
  });
});
