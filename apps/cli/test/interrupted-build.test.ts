import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import process from "node:process";
import { it } from "node:test";
import { CommandLine, type JsonError } from "./support/p8e.ts";

it("Ctrl-C in the middle of a build is a cancellation, not a fault of the contract", {
  skip: process.platform === "win32" && "Windows has no named pipes among files",
}, async () => {
  await using p8e = new CommandLine();
  // The compiler waits for a file that never comes.
  execFileSync("mkfifo", [p8e.path("slow.ts")]);
  writeFileSync(p8e.path("contract.ts"), 'export { default } from "./slow.ts";\n');
  const build = p8e.start(["contract", "check", "contract.ts", "--json"], { group: true });
  let stderr = "";
  build.stderr!.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  // Opens once somebody reads.
  await using pipe = await open(p8e.path("slow.ts"), "w");
  // As the terminal sends it: to the command and to the compiler it has started.
  process.kill(-build.pid!, "SIGINT");
  const [code] = (await once(build, "close")) as [number | null];
  assert.equal(code, 130, stderr);
  assert.equal((JSON.parse(stderr) as { error: JsonError }).error.code, "rpc.cancelled");
  await pipe.close();
});
