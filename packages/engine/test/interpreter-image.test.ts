import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { symlinkSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { fileURLToPath } from "node:url";
import { bundleOf } from "./hostile-bundle.ts";

const script = fileURLToPath(new URL("fixtures/image-hash.ts", import.meta.url));
const bundle = bundleOf("return new Uint8Array(1);", "const table = new Map([...'hello'].map((c, i) => [c, i]));");

function imageHash(path: string, env: Record<string, string>, cwd: string): string {
  const done = spawnSync(process.execPath, [path], { input: bundle, env, cwd, encoding: "utf8" });
  assert.equal(done.status, 0, done.stderr);
  return done.stdout;
}

it("an interpreter's memory is the same to the last byte, whatever the process: path, folder, language, zone, time", async () => {
  const folder = await mkdtemp(join(tmpdir(), "p8e-a-much-longer-path-than-the-other-one-"));
  try {
    const linked = join(folder, "another-name-for-the-same-script.ts");
    symlinkSync(script, linked);
    const here = imageHash(script, { TZ: "UTC", LANG: "C" }, "/");
    const there = imageHash(
      linked,
      { TZ: "Asia/Kathmandu", LANG: "de_CH.UTF-8", HOME: folder, X: "y".repeat(5_000) },
      folder,
    );
    assert.match(here, /^[0-9a-f]{64} [1-9]/);
    assert.equal(there, here);
  } finally {
    await rm(folder, { recursive: true });
  }
});
