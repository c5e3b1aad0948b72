import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { CommandLine, root } from "./support/p8e.ts";
import { holdings } from "./support/store-tables.ts";

const hostile = join(root, "apps/cli/test/fixtures/hostile.ts");

describe("a contract that misbehaves", { timeout: 300_000 }, () => {
  const p8e = new CommandLine();
  after(() => p8e[Symbol.asyncDispose]());

  const execute = (deed: string) => [
    ...["contract", "execute", "test.Hostile", "--as", "lender", "--new-scope", "test.hostile"],
    ...["--input", `person=${deed}.json`],
  ];
  const allowed = ["fetch", "process", "Date"].flatMap((name) => ["--allow", name]);
  const deeds: Readonly<Record<string, readonly [code: string, exit: number, name?: string]>> = {
    loop: ["contract.out_of_fuel", 17],
    memory: ["contract.out_of_memory", 17],
    stack: ["contract.stack_overflow", 17],
    fetch: ["contract.no_authority", 16, "fetch"],
    process: ["contract.no_authority", 16, "process"],
    clock: ["contract.no_authority", 16, "Date"],
    chance: ["contract.no_authority", 16, "Math.random"],
  };

  before(async () => {
    for (const deed of [...Object.keys(deeds), "nothing"]) {
      writeFileSync(p8e.path(`${deed}.json`), JSON.stringify({ name: deed }));
    }
    await p8e.up();
    const publish = ["contract", "publish", hostile, "--as", "lender"];
    const { code, facts } = await p8e.refused(2, publish);
    assert.deepEqual([code, facts.name, facts.file], ["contract.invalid", "fetch", "hostile.ts"]);
    await p8e.json([...publish, ...allowed]);
  });

  for (const [deed, [code, exit, name]] of Object.entries(deeds)) {
    it(`is stopped with ${code} when it runs: ${deed}`, async () => {
      const before = await holdings(p8e.data, "lender");
      const error = await p8e.refused(exit, execute(deed));
      assert.equal(error.code, code);
      assert.equal(error.facts.function, "act");
      if (name !== undefined) assert.equal(error.facts.name, name);
      assert.deepEqual(await holdings(p8e.data, "lender"), before);
    });
  }

  it("harms nobody: the next good execution is recorded", async () => {
    const { records } = await p8e.json<{ records: { outcome: string }[] }>(execute("nothing"));
    assert.deepEqual(
      records.map(({ outcome }) => outcome),
      ["PASS"],
    );
  });

  describe("while it loads", { concurrency: 2 }, () => {
    const loads: Readonly<Record<string, readonly [text: string, code: string, exit: number]>> = {
      loop: ["for (;;);", "contract.out_of_fuel", 17],
      memory: ["const all = []; for (;;) all.push(new Uint8Array(1e6));", "contract.out_of_memory", 17],
      network: ["fetch('http://127.0.0.1/');", "contract.no_authority", 16],
      process: ["process.exit(0);", "contract.no_authority", 16],
      clock: ["export const started = Date.now();", "contract.no_authority", 16],
      chance: ["export const chance = Math.random();", "contract.no_authority", 16],
      import: ["import 'node:fs';", "contract.build_failed", 2],
    };
    for (const [deed, [text, code, exit]] of Object.entries(loads)) {
      it(`never becomes a bundle: ${deed} gives ${code}`, async () => {
        const file = p8e.path(`${deed}.ts`);
        writeFileSync(file, `${text}\nexport { default } from ${JSON.stringify(hostile)};\n`);
        assert.equal((await p8e.refused(exit, ["contract", "check", file, ...allowed])).code, code);
      });
    }
  });
});
