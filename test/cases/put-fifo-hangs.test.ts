// Opening a pipe for reading waits for its writer, in a system call that no signal but SIGKILL ends. Files that a person
// names are opened without waiting, and what is no regular file is refused.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { attempt, inChild } from "./support/child.ts";

describe("a pipe that nobody writes to", () => {
  const folder = mkdtempSync(join(tmpdir(), "p8e-cases-"));
  const pipe = join(folder, "pipe");
  const path = JSON.stringify(pipe);
  before(() => execFileSync("mkfifo", [pipe]));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("is refused as a file to store", async () => {
    const { code, stdout, stderr } = await inChild(`${attempt}
      import { fileSource } from "@p8e/object-client";
      await attempt(() => fileSource(${path}));`);
    assert.equal(code, 0, stderr);
    assert.equal(stdout, `input.invalid {"path":${path}}\n`);
  });

  it("is refused as a profile, a network, an authority and a key", async () => {
    const { code, stdout, stderr } = await inChild(`${attempt}
      import { nodeTarget } from "./packages/party/src/node-target.ts";
      import { readNetwork, readProfile } from "@p8e/party";
      import { readSecretFile } from "@p8e/keys";
      import { clientTlsFromFiles, readServerTls } from "@p8e/rpc";
      const codes = async (work) => { try { await work(); console.log("read"); } catch (error) { console.log(error.code); } };
      await codes(() => readProfile(${path}));
      await codes(() => readNetwork(${path}));
      const node = { url: "grpcs://a:1", certificateAuthorityFile: ${path} };
      await codes(() => nodeTarget({ profile: { node, network: {} }, folder: "/" }));
      await codes(() => readSecretFile(${path}, { sizeMax: 10 }));
      await codes(() => readServerTls({ cert: ${path}, key: ${path} }));
      await codes(() => clientTlsFromFiles({ ca: ${path} })());`);
    assert.equal(code, 0, stderr);
    assert.deepEqual(stdout.trim().split("\n"), [
      "configuration.invalid",
      "configuration.invalid",
      "configuration.invalid",
      "key.invalid",
      "configuration.invalid",
      "configuration.invalid",
    ]);
  });
});
