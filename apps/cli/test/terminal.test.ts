import assert from "node:assert/strict";
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { CommandLine } from "./support/p8e.ts";
import { onTerminal } from "./support/terminal.ts";

// Commands that ask, on a terminal as a person has it. Keys: keys.test.ts; cards: parties.slow.test.ts.
describe("on a terminal", { timeout: 300_000 }, () => {
  const p8e = new CommandLine({ data: false });
  after(() => p8e[Symbol.asyncDispose]());

  it("init asks for what it was not told, an empty answer means what stands in brackets, and the passphrase is not shown", async () => {
    const { code, shown } = await onTerminal(
      p8e.folder,
      ["init", "mine", "--node", "grpc://127.0.0.1:1"],
      [
        ["The party's name: ", "acme\n"],
        ["How people call it [Acme]: ", "Acme Loans\n"],
        ["a file [local]: ", "\n"],
        ["Where the own store is reached [grpc://127.0.0.1:8080]: ", "grpc://127.0.0.1:2\n"],
        ["New passphrase for ", "a horse of another colour\n"],
        ["The same again: ", "a horse of another colour\n"],
      ],
    );
    assert.equal(code, 0, shown);
    assert.doesNotMatch(shown, /another colour/);
    assert.match(shown, /shown this once/);
    const profile = JSON.parse(readFileSync(p8e.path("mine/p8e.json"), "utf8"));
    assert.deepEqual([profile.party.name, profile.party.title], ["acme", "Acme Loans"]);
    assert.deepEqual(profile.store, { url: "grpc://127.0.0.1:2", data: ".p8e/store" });
    assert.match(readFileSync(p8e.path("mine/.p8e/keys/acme"), "utf8"), /scrypt/);
  });

  it("init leaves nothing behind when the passphrases differ", async () => {
    const differ = [
      ["New passphrase for ", "one horse\n"],
      ["The same again: ", "another horse\n"],
    ] as const;
    const args = ["init", "none", "--name", "none", "--title", "None", "--network", "local"];
    const { code, shown } = await onTerminal(
      p8e.folder,
      [...args, "--node", "grpc://127.0.0.1:1", "--store", "grpc://127.0.0.1:2"],
      [...differ, ...differ, ...differ],
    );
    assert.equal(code, 12, shown);
    assert.equal(existsSync(p8e.path("none")), false);
  });

  it("reset of an environment's folder asks, and removes what is the environment's and nothing else", async () => {
    const data = p8e.path("data");
    for (const folder of ["store", "stores/lender", "ledger", "postgres/cluster", "logs", "state", "mine"]) {
      mkdirSync(join(data, folder), { recursive: true });
      writeFileSync(join(data, folder, "file"), "content");
    }
    writeFileSync(join(data, "environment.json"), "{}");
    const args = ["reset", "--data", "data"];
    const no = await onTerminal(p8e.folder, args, [["Remove it? [y/N] ", "\n"]]);
    assert.equal(no.code, 130, no.shown);
    assert.equal(existsSync(join(data, "stores/lender/file")), true);
    const yes = await onTerminal(p8e.folder, args, [["Remove it? [y/N] ", "yes\n"]]);
    assert.equal(yes.code, 0, yes.shown);
    // The locks' own files stay: another process may be waiting on them.
    const left = globSync("**/*", { cwd: data, withFileTypes: true }).filter((each) => each.isFile());
    assert.deepEqual(left.map((each) => join(each.parentPath, each.name).slice(data.length + 1)).sort(), [
      "folder.lock",
      "ledger/folder.lock",
      "mine/file",
      "postgres/folder.lock",
      "store/folder.lock",
    ]);
    const again = await p8e.refused(30, [...args, "--yes"]);
    assert.equal(again.code, "environment.not_running");
  });
});
