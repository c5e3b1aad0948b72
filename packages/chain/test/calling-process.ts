import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import { startNode } from "./embedded-node.ts";

/** Stops and restarts a ledger while a process calls it; fails when that process ends, or does not get on, by it. */
export async function stopUnderCalls(rounds: number): Promise<void> {
  await using node = await startNode();
  const child = spawn(process.execPath, [new URL("calling-child.ts", import.meta.url).pathname, node.url], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  let complaints = "";
  child.stderr.on("data", (text: Buffer) => (complaints += text));
  const exit = once(child, "exit");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const said = async (): Promise<string> => {
    const next = await lines.next();
    assert.ok(next.done !== true, `the client's process has ended: ${complaints}`);
    return next.value;
  };
  for (let round = 0; round < rounds; round += 1) {
    await said();
    await node.restart();
  }
  await said();
  child.stdin.end();
  while ((await said()) !== "done");
  const [code] = await exit;
  assert.deepEqual({ code, complaints }, { code: 0, complaints: "" });
}
