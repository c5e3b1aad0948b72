import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { pause } from "@p8e/core";
import { type EnvironmentFile, startEnvironment } from "@p8e/environment";

it("a port that another program takes while the servers start, or that two of them would have, is given up for another", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "p8e-port-"));
  const said: string[] = [];
  let thief: Server | undefined;
  try {
    const starting = startEnvironment({ dataDir, parties: ["lender"], say: (text) => said.push(text) });
    // The file is written just before the servers are started; until they listen, the port is anybody's.
    let wanted: EnvironmentFile | undefined;
    while (wanted === undefined) {
      wanted = readEnvironment(dataDir);
      await pause(1);
    }
    thief = createServer().listen(Number(new URL(wanted.ledgerUrl).port), "127.0.0.1");
    await using environment = await starting;
    assert.notEqual(environment.file.ledgerUrl, wanted.ledgerUrl);
    assert.equal(environment.file.parties[0]!.storeUrl, wanted.parties[0]!.storeUrl);
    assert.equal(readEnvironment(dataDir)?.ledgerUrl, environment.file.ledgerUrl);
    assert.deepEqual(
      said.filter((text) => text.includes("port")),
      ["a port was taken by another program meanwhile; starting again on another"],
    );
    await environment[Symbol.asyncDispose]();
    const { storeUrl } = environment.file.parties[0]!;
    const path = join(dataDir, "environment.json");
    writeFileSync(path, readFileSync(path, "utf8").replace(environment.file.ledgerUrl, storeUrl));
    await using again = await startEnvironment({ dataDir, parties: ["lender"] });
    assert.equal(again.file.parties[0]!.storeUrl, storeUrl);
    assert.notEqual(again.file.ledgerUrl, storeUrl);
  } finally {
    thief?.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
});

function readEnvironment(dataDir: string): EnvironmentFile | undefined {
  try {
    return JSON.parse(readFileSync(join(dataDir, "environment.json"), "utf8"));
  } catch {
    return undefined;
  }
}
