import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { after, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { connectChain } from "@p8e/chain";
import { networks } from "@p8e/core";
import * as health from "@p8e/proto/health";
import { connectRpc } from "@p8e/rpc";
import { CommandLine } from "./support/p8e.ts";

const HEALTHY = health.HealthCheckResponse_ServingStatus.SERVING;

describe("servers by themselves", { timeout: 120_000 }, () => {
  const p8e = new CommandLine();
  after(() => p8e[Symbol.asyncDispose]());

  it("a ledger serves until it is told to stop", async () => {
    const { child, said } = await p8e.serving<{ port: number }>(["ledger", "serve"], { P8E_LEDGER_PORT: "0" });
    {
      const url = `grpc://127.0.0.1:${said.port}`;
      await using chain = await connectChain({ url, ...networks.local });
      assert.ok((await chain.height()) >= 0n);
    }
    const exited = once(child, "exit");
    child.kill("SIGTERM");
    assert.deepEqual(await exited, [0, null]);
  });

  it("a store without a database brings its own, and one Ctrl-C that arrives twice ends both", async () => {
    const { child, said } = await p8e.serving<{ port: number }>(["store", "serve"], { OS_PORT: "0" });
    {
      await using client = connectRpc({ url: `grpc://127.0.0.1:${said.port}` });
      assert.equal((await client.unary(health.Health.method.check, {})).status, HEALTHY);
    }
    const status = await p8e.json<{ runs: boolean; servers: readonly object[] }>(["status"]);
    const folder = join(p8e.data, "store");
    assert.deepEqual(
      [status.runs, status.servers[0]],
      [true, { what: "store", folder, process: child.pid, leftDatabase: null }],
    );
    type Checks = { readonly checks: readonly { what: string; says: string }[] };
    // The ledger of the test before has ended, which doctor finds wrong.
    const doctor = await p8e.call(["doctor", "--json"]);
    const { checks } = JSON.parse(doctor.stdout.toString()) as Checks;
    assert.equal(checks.find(({ what }) => what === "store")?.says, `runs in ${folder} as process ${child.pid}`);
    const exited = once(child, "exit");
    const pid = Number(readFileSync(join(p8e.data, "store/postgres/cluster/postmaster.pid"), "utf8").split("\n")[0]);
    // One Ctrl-C, as it arrives from the terminal and from the launcher.
    child.kill("SIGINT");
    await delay(20);
    child.kill("SIGINT");
    assert.deepEqual(await exited, [0, null]);
    assert.throws(() => process.kill(pid, 0), { code: "ESRCH" });
  });

  it("a store with half a database says what is missing", async () => {
    const error = await p8e.refused(3, ["store", "serve"], { DB_HOST: "127.0.0.1" });
    assert.equal(error.code, "configuration.invalid");
    assert.deepEqual(error.facts.missing, ["DB_PORT", "DB_USER", "DB_PASS", "DB_NAME", "DB_SCHEMA"]);
  });

  it("neither starts in a folder of an earlier p8e, nor writes in it", async () => {
    await using elsewhere = new CommandLine();
    const folder = elsewhere.data;
    mkdirSync(folder);
    writeFileSync(join(folder, "environment.json"), JSON.stringify({ format: 1, chainId: "chain-local" }));
    for (const server of ["ledger", "store"]) {
      const error = await elsewhere.refused(3, [server, "serve"]);
      assert.equal(error.code, "configuration.invalid");
      assert.match(error.hint ?? "", /p8e reset --data/);
    }
    assert.deepEqual(readdirSync(folder), ["environment.json"]);
  });

  it("a ledger refuses what is no port", async () => {
    const error = await p8e.refused(3, ["ledger", "serve"], { P8E_LEDGER_PORT: "x" });
    assert.equal(error.code, "configuration.invalid");
  });

  it("an environment that is interrupted while its database starts leaves nothing running", async () => {
    const child = p8e.start(["up"]);
    const exited = once(child, "exit");
    const pidFile = join(p8e.data, "postgres/cluster/postmaster.pid");
    let pid = 0;
    while (!(pid > 0) && child.exitCode === null) {
      await delay(1);
      if (existsSync(pidFile)) pid = Number(readFileSync(pidFile, "utf8").split("\n")[0]);
    }
    child.kill("SIGINT");
    assert.deepEqual(await exited, [130, null]);
    assert.throws(() => process.kill(pid, 0), { code: "ESRCH" });
    assert.ok(!existsSync(join(p8e.data, "folder.pid")));
  });

  it("an environment wants parties that there are", async () => {
    for (const option of ["--party", "--parties"]) {
      assert.equal((await p8e.refused(2, ["up", option, ","])).code, "input.invalid");
    }
    const error = await p8e.refused(10, ["up", "--parties", "lender,nobody"]);
    assert.equal(error.code, "key.unavailable");
    assert.equal(error.facts.party, "nobody");
  });
});
