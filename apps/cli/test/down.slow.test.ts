import assert from "node:assert/strict";
import { once } from "node:events";
import { after, describe, it } from "node:test";
import { isAlive } from "@p8e/machine";
import { CommandLine } from "./support/p8e.ts";

interface Status {
  readonly runs: boolean;
  readonly servers: readonly {
    readonly what: string;
    readonly process: number | null;
    readonly leftDatabase: number | null;
  }[];
}

describe("status and down", { timeout: 300_000 }, () => {
  const p8e = new CommandLine();
  after(() => p8e[Symbol.asyncDispose]());

  const started = async () => {
    const { child } = await p8e.serving(["up", "--party", "lender"]);
    return { child, exited: once(child, "exit") };
  };
  const status = async (code: number): Promise<Status["servers"][0]> => {
    const run = await p8e.call(["status", "--json"]);
    assert.equal(run.code, code, run.stderr);
    const { runs, servers } = JSON.parse(run.stdout.toString()) as Status;
    assert.equal(runs, code === 0);
    assert.equal(servers.length, 1);
    return servers[0]!;
  };
  it("where nothing ever was they say so", async () => {
    for (const command of ["status", "down"]) {
      const error = await p8e.refused(30, [command]);
      assert.equal(error.code, "environment.not_running");
    }
  });

  it("down ends what runs, in order, and a second one has nothing to do", async () => {
    const { child, exited } = await started();
    const { process: pid } = await status(0);
    assert.equal(pid, child.pid);
    assert.match(await p8e.text(["status"]), /Lender +object store +grpc:\/\/127\.0\.0\.1:\d+ +tp1/);
    const { hint } = await p8e.refused(13, ["up", "--party", "lender"]);
    assert.match(hint!, /npx p8e down/);
    assert.match(await p8e.text(["down"]), /✔ stopped the environment \(process \d+\)/);
    await exited;
    const { process: none, leftDatabase } = await status(1);
    assert.deepEqual([none, leftDatabase], [null, null]);
    assert.match(await p8e.text(["down"]), /the environment does not run in/);
  });

  it("what a killed environment leaves is told and ended", async () => {
    const { child, exited } = await started();
    child.kill("SIGKILL");
    await exited;
    const { process: pid, leftDatabase } = await status(1);
    assert.equal(pid, null);
    assert.ok(leftDatabase !== null && isAlive(leftDatabase));
    assert.match((await p8e.call(["doctor"])).stdout.toString(), /its database still does \(process \d+; p8e down/);
    assert.match(
      await p8e.text(["down"]),
      new RegExp(`stopped the database that .* left \\(process ${leftDatabase}\\)`),
    );
    assert.ok(!isAlive(leftDatabase));
    assert.equal((await status(1)).leftDatabase, null);
    const again = await started();
    assert.equal((await status(0)).process, again.child.pid);
    await p8e.text(["down"]);
    await again.exited;
  });
});
