import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { it } from "node:test";
import { CommandLine } from "./support/p8e.ts";

it("init --compose refuses options that say what it says itself, and --party is for it alone", async () => {
  await using p8e = new CommandLine({ data: false });
  const others = [
    ...[
      ["--name", "anna"],
      ["--title", "Anna"],
      ["--network", "testnet"],
      ["--node", "grpc://127.0.0.1:1"],
    ],
    ...[["--store", "grpc://127.0.0.1:1"], ["--node-ca", "ca.pem"], ["--store-ca", "ca.pem"], ["--store-elsewhere"]],
    ...[["--key", "file:key"], ["--path", "m/44'"], ["--encryption-path", "m/44'"], ["--one-key"], ["--plain"]],
  ];
  for (const option of others) {
    const { code, facts } = await p8e.refused(2, ["init", "here", "--compose", ...option]);
    assert.equal(code, "input.invalid");
    assert.deepEqual(facts["options"], [option[0]]);
  }
  const { code, message } = await p8e.refused(2, ["init", "here", "--name", "anna", "--party", "bank"]);
  assert.equal(code, "input.invalid");
  assert.match(message, /--party is for --compose/);
  assert.equal((await p8e.refused(2, ["init", "here", "--compose", "--party", "nobody"])).code, "input.invalid");
  assert.equal(existsSync(p8e.path("here")), false);
});

it("init --compose goes on after a try that ended before the profile was there, and never over other words", async () => {
  await using p8e = new CommandLine({ data: false });
  const init = ["init", "here", "--compose", "--party", "bank"];
  await p8e.json(init);
  const [profile, words] = [p8e.path("here", "p8e.json"), p8e.path("here", ".p8e/keys/bank")];
  const before = [profile, words].map((file) => readFileSync(file, "utf8"));
  // What such a try leaves.
  rmSync(profile);
  await p8e.json(init);
  assert.deepEqual(
    [profile, words].map((file) => readFileSync(file, "utf8")),
    before,
  );
  rmSync(profile);
  writeFileSync(words, "other words\n");
  assert.equal((await p8e.refused(13, init)).code, "key.exists");
  assert.equal(readFileSync(words, "utf8"), "other words\n");
  assert.equal(existsSync(profile), false);
});
