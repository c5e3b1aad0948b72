import assert from "node:assert/strict";
import { once } from "node:events";
import { after, describe, it } from "node:test";
import { connectChain } from "@p8e/chain";
import { health } from "@p8e/proto";
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
      await using chain = await connectChain({ url, chainId: "chain-local", accountPrefix: "tp" });
      assert.ok((await chain.height()) >= 0n);
    }
    const exited = once(child, "exit");
    child.kill("SIGTERM");
    assert.deepEqual(await exited, [0, null]);
  });

  it("a store without a database brings its own", async () => {
    const { child, said } = await p8e.serving<{ port: number }>(["store", "serve"], { OS_PORT: "0" });
    {
      await using client = connectRpc({ url: `grpc://127.0.0.1:${said.port}` });
      assert.equal((await client.unary(health.Health.method.check, {})).status, HEALTHY);
    }
    const exited = once(child, "exit");
    child.kill("SIGINT");
    assert.deepEqual(await exited, [0, null]);
  });

  it("a store with half a database says what is missing", async () => {
    const error = await p8e.refused(3, ["store", "serve"], { DB_HOST: "127.0.0.1" });
    assert.equal(error.code, "configuration.invalid");
    assert.deepEqual(error.facts.missing, ["DB_PORT", "DB_USER", "DB_PASS", "DB_NAME", "DB_SCHEMA"]);
  });

  it("a ledger refuses what is no port", async () => {
    const error = await p8e.refused(3, ["ledger", "serve"], { P8E_LEDGER_PORT: "x" });
    assert.equal(error.code, "configuration.invalid");
  });

  it("an environment wants parties that there are", async () => {
    assert.equal((await p8e.refused(2, ["up", "--party", ","])).code, "input.invalid");
    const error = await p8e.refused(10, ["up", "--party", "lender,nobody"]);
    assert.equal(error.code, "key.unavailable");
    assert.equal(error.facts.party, "nobody");
  });
});
