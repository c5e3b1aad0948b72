import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { it } from "node:test";
import { networks, parseUuid } from "@p8e/core";
import { accountAddress, generatePrivateKey, localKey, systemRandom } from "@p8e/crypto";
import { openSqliteStateStore } from "../src/state/sqlite/sqlite-state-store.ts";

it("a state file that another process does not let go of is a lost race, after a wait, and not a broken file", async () => {
  const folder = mkdtempSync(join(tmpdir(), "p8e-state-"));
  const file = join(folder, "state.sqlite");
  const { publicKey } = localKey(generatePrivateKey(systemRandom));
  const origin = { party: accountAddress(publicKey, networks.local.accountPrefix), network: networks.local.chainId };
  const uuid = parseUuid("00000000-0000-4000-8000-000000000001");
  const execution = { uuid, scopeUuid: uuid, sessionUuid: uuid, contract: "C", envelope: new Uint8Array(0), price: [] };
  try {
    await using store = openSqliteStateStore(file, { origin, random: systemRandom, nowMs: Date.now });
    const other = new DatabaseSync(file);
    other.exec("BEGIN IMMEDIATE");
    await assert.rejects(store.create(execution), {
      code: "state.conflict",
      message: "other processes have kept the state file for too long",
    });
    other.exec("ROLLBACK");
    other.close();
    await store.create(execution);
    assert.equal((await store.get(uuid))?.state, "created");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
