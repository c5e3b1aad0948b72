import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { readVariables } from "@p8e/machine";

describe("variables", () => {
  const folder = mkdtempSync(join(tmpdir(), "p8e-variables-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const file = (name: string, text: string, mode = 0o600) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    chmodSync(path, mode);
    return path;
  };
  const secrets = ["DB_PASS"];

  it("come from a file, where the process's go before them", async () => {
    const path = file("env", '# of the store\nDB_HOST=db\nDB_NAME="a b"\nOS_PORT=1\n');
    const variables = await readVariables({ env: { OS_PORT: "2" }, file: path, secrets });
    assert.deepEqual({ ...variables }, { DB_HOST: "db", DB_NAME: "a b", OS_PORT: "2" });
  });

  it("are refused from a file that others may read", { skip: process.platform === "win32" }, async () => {
    const path = file("open", "DB_PASS=x\n", 0o640);
    await assert.rejects(readVariables({ env: {}, file: path, secrets }), {
      code: "configuration.invalid",
      facts: { file: path, mode: "640" },
    });
  });

  it("of secrets come from a file each, without its last line end", async () => {
    const path = file("pass", "p w\n\n", 0o444);
    const variables = await readVariables({ env: { DB_PASS_FILE: path }, secrets });
    assert.deepEqual({ ...variables }, { DB_PASS: "p w\n" });
  });

  it("are refused where a secret is said twice, but the process's go before the file's", async () => {
    const path = file("secret", "s");
    await assert.rejects(readVariables({ env: { DB_PASS: "a", DB_PASS_FILE: path }, secrets }), {
      code: "configuration.invalid",
      facts: { variables: ["DB_PASS", "DB_PASS_FILE"] },
    });
    const named = file("named", `DB_PASS_FILE=${path}\n`);
    assert.equal((await readVariables({ env: {}, file: named, secrets })).DB_PASS, "s");
    assert.equal((await readVariables({ env: { DB_PASS: "own" }, file: named, secrets })).DB_PASS, "own");
  });

  it("that are empty count as none, as container engines hand them in", async () => {
    const path = file("given", "s");
    const env = { DB_PASS: "", DB_PASS_FILE: path };
    assert.equal((await readVariables({ env, secrets })).DB_PASS, "s");
  });

  it("are refused where a file is missing, too large or no text", async () => {
    const missing = { DB_PASS_FILE: join(folder, "nowhere") };
    await assert.rejects(readVariables({ env: missing, secrets }), { code: "input.invalid" });
    const large = { DB_PASS_FILE: file("large", "x".repeat(65_537)) };
    await assert.rejects(readVariables({ env: large, secrets }), { code: "input.too_large" });
    const path = join(folder, "bytes");
    writeFileSync(path, Uint8Array.of(0x70, 0xff));
    const bytes = { code: "input.invalid", facts: { file: path } };
    await assert.rejects(readVariables({ env: { DB_PASS_FILE: path }, secrets }), bytes);
    chmodSync(path, 0o600);
    await assert.rejects(readVariables({ env: {}, file: path, secrets }), bytes);
  });
});
