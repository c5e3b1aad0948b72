import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, describe, it } from "node:test";
import { parseUuid } from "@p8e/core";
import fc from "fast-check";
import { type ExecutionState, executionStates, isFinal, mayFollow } from "../src/state/execution.ts";
import { openSqliteStateStore } from "../src/state/sqlite-state-store.ts";

const folder = mkdtempSync(join(tmpdir(), "p8e-state-"));
after(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const path = () => join(folder, `${++files}.sqlite`);
const uuid = (n: number) => parseUuid(`00000000-0000-4000-8000-${String(n).padStart(12, "0")}`);
const execution = (n: number) => ({
  uuid: uuid(n),
  scopeUuid: uuid(1000 + n),
  sessionUuid: uuid(2000 + n),
  contract: "example.loan.RecordLoan",
  envelope: Uint8Array.of(1, 2, 3),
});
const clock = () => {
  let now = 1;
  return { nowMs: () => now++ };
};

describe("the state of executions", () => {
  it("survives closing and opening, transaction and all", async () => {
    const file = path();
    {
      await using store = openSqliteStateStore(file, clock());
      await store.create(execution(1));
      await store.advance(uuid(1), "created", { to: "signed", envelope: Uint8Array.of(9) });
      await store.advance(uuid(1), "signed", {
        to: "broadcasting",
        transaction: { hash: "AB", bytes: Uint8Array.of(7), timeoutHeight: 2n ** 60n },
      });
    }
    await using store = openSqliteStateStore(file, clock());
    assert.deepEqual(await store.get(uuid(1)), {
      ...execution(1),
      state: "broadcasting",
      envelope: Uint8Array.of(9),
      transaction: { hash: "AB", bytes: Uint8Array.of(7), timeoutHeight: 2n ** 60n },
      createdAtMs: 1,
      updatedAtMs: 3,
    });
    assert.deepEqual(
      (await store.list(["broadcasting"])).map((each) => each.uuid),
      [uuid(1)],
    );
    assert.deepEqual(await store.list(["signed", "created"]), []);
  });

  it("lets only one of two processes take a step", async () => {
    const file = path();
    await using first = openSqliteStateStore(file, clock());
    await using second = openSqliteStateStore(file, clock());
    await first.create(execution(2));
    await first.advance(uuid(2), "created", { to: "signed" });
    await assert.rejects(second.advance(uuid(2), "created", { to: "failed" }), { code: "session.invalid" });
    await assert.rejects(second.create(execution(2)), { code: "session.invalid" });
  });

  it("never leaves an end, and never skips the outbox", () => {
    for (const state of executionStates) {
      if (isFinal(state)) for (const to of executionStates) assert.equal(mayFollow(state, to), false);
    }
    for (const from of executionStates) if (from !== "broadcasting") assert.equal(mayFollow(from, "committed"), false);
  });

  it("follows its transitions whatever is asked of it", async () => {
    await using store = openSqliteStateStore(path(), clock());
    let count = 100;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...executionStates), { maxLength: 8 }), async (wishes) => {
        const id = uuid(count++);
        await store.create({ ...execution(0), uuid: id });
        let state: ExecutionState = "created";
        for (const to of wishes) {
          if (mayFollow(state, to)) {
            await store.advance(id, state, { to });
            state = to;
          } else {
            await assert.rejects(store.advance(id, state, { to }), { code: "session.invalid" });
          }
          assert.equal((await store.get(id))?.state, state);
        }
      }),
      { numRuns: 30 },
    );
  });

  it("is readable by its owner only", { skip: process.platform === "win32" && "no modes on Windows" }, async () => {
    const file = path();
    await using store = openSqliteStateStore(file, clock());
    await store.create(execution(7));
    const names = readdirSync(folder).filter((name) => join(folder, name).startsWith(file));
    assert.ok(names.length > 1);
    for (const name of names) assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600, name);
  });

  it("cannot be kept where there is no folder", () => {
    assert.throws(() => openSqliteStateStore(join(folder, "absent", "x"), clock()), { code: "configuration.invalid" });
  });

  it("is not read from a file that is something else", () => {
    const file = path();
    writeFileSync(file, "this is not a database, whatever its name says, and it is long enough to have a header.....");
    assert.throws(() => openSqliteStateStore(file, clock()), { code: "state.corrupt" });
  });
});
