import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { it } from "node:test";
import { hashContent } from "@p8e/core";

const folder = new URL("../interpreter/", import.meta.url);
/** Another compiler may write other bytes. */
const COMPILER = "Debian clang version 19.1.7 (3~deb12u1)";

/** What is missing to build it, or undefined. */
function missing(): string | undefined {
  const compiler = spawnSync("clang-19", ["--version"], { encoding: "utf8" });
  if (compiler.error !== undefined || compiler.stdout.split("\n")[0] !== COMPILER) return COMPILER;
  return ["cargo", "wasm-ld-19"].find((tool) => spawnSync(tool, ["--version"]).error !== undefined);
}

it("the sources of the interpreter make the bytes that are committed", async () => {
  const absent = missing();
  if (absent !== undefined) {
    assert.equal(process.env["P8E_REQUIRE_PEERS"], undefined, `the interpreter cannot be built without ${absent}`);
    console.log(`not run: the interpreter cannot be built without ${absent}`);
    return;
  }
  const out = await mkdtemp(join(tmpdir(), "p8e-interpreter-"));
  try {
    const done = spawnSync("bash", [new URL("build.sh", folder).pathname, out], {
      encoding: "utf8",
      env: { ...process.env, PATH: `${dirname(process.execPath)}:${process.env["PATH"]}` },
    });
    assert.equal(done.status, 0, done.stderr);
    for (const name of ["interpreter.wasm", "interpreter.metered.wasm"]) {
      assert.equal(hashContent(readFileSync(join(out, name))), hashContent(readFileSync(new URL(name, folder))), name);
    }
  } finally {
    await rm(out, { recursive: true });
  }
});
