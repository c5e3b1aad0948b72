import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { freePort } from "@p8e/machine";
import { runCommandLine } from "../src/command-line.ts";

type Line = { readonly event?: string; readonly error?: { readonly code: string; readonly facts: object } };

describe("a server whose output is collected", () => {
  const folder = mkdtempSync(join(tmpdir(), "p8e-log-lines-"));
  after(() => rmSync(folder, { recursive: true, force: true }));

  const run = async (args: readonly string[], given: Readonly<Record<string, string>> = {}) => {
    const printed = { stdout: "", stderr: "" };
    const output = (name: "stdout" | "stderr") => ({
      write: (text: string | Uint8Array) => {
        printed[name] += text;
        return true;
      },
      on() {
        return this;
      },
    });
    const code = await runCommandLine(["--data", join(folder, "data"), ...args], {
      stdout: output("stdout") as unknown as NodeJS.WriteStream,
      stderr: output("stderr") as unknown as NodeJS.WriteStream,
      variables: { P8E_LOG: "json", ...given },
    });
    const lines = printed.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Line);
    return { code, lines, stderr: printed.stderr };
  };

  it("writes lines of JSON to standard output alone, with the error that ends it", async () => {
    const port = await freePort();
    const file = join(folder, "store.env");
    const lines = [
      ...["OS_URL=127.0.0.1", "OS_PORT=0", "URI_HOST=localhost", "TRACE_HEADER=x", "DB_HOST=127.0.0.1"],
      ...[`DB_PORT=${port}`, "DB_USER=u", "DB_PASS=secret-word", "DB_NAME=n", "DB_SCHEMA=public"],
      ...["STORAGE_TYPE=file_system", `STORAGE_BASE_PATH=${folder}`, "P8E_STORE_DATABASE_WAIT_SECONDS=1"],
    ];
    writeFileSync(file, `${lines.join("\n")}\n`, { mode: 0o600 });
    const said = await run(["store", "serve", "--env-file", file]);
    assert.deepEqual([said.code, said.stderr], [30, ""]);
    assert.equal(said.lines[0]!.event, "waiting for the database");
    const { error } = said.lines.at(-1)!;
    assert.equal(error?.code, "store.unavailable");
    const { host, port: at } = error.facts as { host?: unknown; port?: unknown };
    assert.deepEqual([host, at], ["127.0.0.1", port]);
    assert.doesNotMatch(JSON.stringify(said.lines), /secret-word/);
  });

  it("refuses variables from a file that others may read", { skip: process.platform === "win32" }, async () => {
    const file = join(folder, "open.env");
    writeFileSync(file, "DB_PASS=x\n");
    chmodSync(file, 0o644);
    const { code, lines } = await run(["store", "serve", "--env-file", file]);
    assert.equal(code, 3);
    assert.equal(lines.at(-1)!.error?.code, "configuration.invalid");
  });

  it("says in such a line, too, that an option is unknown", async () => {
    const { code, lines } = await run(["store", "serve", "--nothing"]);
    assert.equal(code, 2);
    assert.equal(lines.at(-1)!.error?.code, "input.invalid");
  });
});
