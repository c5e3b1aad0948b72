import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { after, it } from "node:test";
import { CommandLine } from "./support/p8e.ts";

interface Checks {
  readonly ok: boolean;
  readonly checks: readonly { readonly what: string; readonly ok: boolean; readonly says: string }[];
}

const p8e = new CommandLine();
after(() => p8e[Symbol.asyncDispose]());

const looked = async () => {
  const { code, stdout, stderr } = await p8e.call(["doctor", "--json"]);
  assert.equal(stderr, "");
  return { code, ...(JSON.parse(stdout.toString()) as Checks) };
};

it("doctor tells that nothing is there yet, and of a data folder that cannot be looked into, and ends in order", async () => {
  const empty = await looked();
  assert.equal(
    empty.checks.find(({ what }) => what === "environment's file")?.says,
    "none here yet; npm start makes one",
  );
  // Whoever runs the tests may read every folder: a folder in the place of the file cannot be read by anybody.
  mkdirSync(`${p8e.data}/environment.json`, { recursive: true });
  const { code, ok, checks } = await looked();
  assert.deepEqual([code, ok], [1, false]);
  const failed = checks.filter((each) => !each.ok);
  assert.deepEqual(
    failed.map(({ what }) => what),
    ["environment's file"],
  );
  assert.match(failed[0]!.says, /EISDIR/);
});

it("doctor sees a store and a ledger that ran by themselves, and says what runs them", async () => {
  await using alone = new CommandLine();
  for (const server of ["store", "ledger"]) {
    mkdirSync(`${alone.data}/${server}`, { recursive: true });
    writeFileSync(`${alone.data}/${server}/folder.pid`, "");
  }
  const { code, stdout } = await alone.call(["doctor", "--json"]);
  assert.equal(code, 1);
  const { checks } = JSON.parse(stdout.toString()) as Checks;
  for (const server of ["store", "ledger"]) {
    const says = `it does not run in ${alone.data}/${server}; p8e ${server} serve runs it`;
    assert.deepEqual(
      checks.find(({ what }) => what === server),
      { what: server, ok: false, says },
    );
  }
});
