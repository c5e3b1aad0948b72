import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, it } from "node:test";
import { openSandbox } from "@p8e/engine";
import { type Onboarding, type OnboardOptions, onboardTape, type PartyParts, type RowOutcome } from "../src/index.ts";
import { openStates } from "../src/state/execution.ts";
import { greetingsTape, rowsOf } from "./support/tape-of-greetings.ts";
import { openWorld, type World } from "./world-fixture.ts";

describe("a tape that is onboarded", () => {
  let world: World;
  let onboarding: Onboarding;

  before(async () => {
    world = await openWorld();
    onboarding = await greetingsTape(world);
  });
  after(() => world?.[Symbol.asyncDispose]());

  async function collected(change: Partial<PartyParts>, names: readonly string[], options: OnboardOptions) {
    const all: RowOutcome[] = [];
    const parts = { ...world.lender.client.parts, ...change };
    for await (const outcome of onboardTape(parts, onboarding, rowsOf(...names), options)) all.push(outcome);
    return all;
  }

  it("has nothing under way any more when whoever reads the outcomes has stopped", async () => {
    const { parts } = world.lender.client;
    const records = rowsOf("Ada", "Blaise", "Carl", "Dora");
    for await (const { outcome } of onboardTape(parts, onboarding, records, { together: 1 })) {
      assert.equal(outcome, "written");
      break;
    }
    assert.equal((await parts.state.list(openStates)).length, 0);
    assert.equal((await parts.state.list(["committed"])).length, 3, "what was under way was written, and no more");
  });

  it("goes on with the next row where the contract gave no answer in time", async () => {
    await using sandbox = openSandbox({ timeoutMs: 1 });
    const outcomes = await collected({ sandbox }, ["Emil", "Fritz"], { dryRun: true });
    assert.deepEqual(
      outcomes.map((each) => (each.outcome === "refused" ? each.error.code : each.outcome)),
      ["contract.timeout", "contract.timeout"],
    );
  });

  it("refuses no row for a state file that cannot be used", async () => {
    const path = join(world.folder, "newer.sqlite");
    await using state = world.lender.openState(path);
    assert.deepEqual(
      (await collected({ state }, ["Gauss"], { dryRun: true })).map(({ outcome }) => outcome),
      ["ready"],
    );
    const database = new DatabaseSync(path);
    database.exec("PRAGMA user_version = 9999");
    database.close();
    await assert.rejects(collected({ state }, ["Gauss"], { dryRun: true }), { code: "state.newer" });
    await rm(path);
  });
});
