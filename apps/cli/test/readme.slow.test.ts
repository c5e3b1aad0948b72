import assert from "node:assert/strict";
import { cpSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { eventually } from "@p8e/testkit";
import { CommandLine, root } from "./support/p8e.ts";

const readme = readFileSync(join(root, "README.md"), "utf8");
const block = /second terminal:\n\n```sh\n([\s\S]*?)```/.exec(readme)![1]!;
const lines = block
  .split("\n")
  .map((line) => line.replace(/(^|\s)#.*$/, "").trim())
  .filter((line) => line !== "");

describe("README's first commands", { timeout: 300_000 }, () => {
  const p8e = new CommandLine();
  before(async () => {
    for (const name of ["README.md"]) cpSync(join(root, name), p8e.path(name));
    symlinkSync(join(root, "examples"), p8e.path("examples"));
    await p8e.up();
  });
  after(() => p8e[Symbol.asyncDispose]());

  it("mean the same to POSIX shells and PowerShell", () => {
    for (const line of lines) {
      // Quoted by double quotes alone, and nothing outside of them that either shell gives a meaning.
      assert.match(line, /^(?:[A-Za-z0-9 ./=:-]|"@[a-z]+")+$/);
    }
  });

  it("do what they say, one after the other, as they are", async () => {
    for (const line of lines) {
      const words = line.replaceAll('"', "").split(" ");
      if (words[0] === "mkdir") {
        mkdirSync(p8e.path(words[1]!));
        continue;
      }
      assert.deepEqual(words.slice(0, 2), ["npx", "p8e"], line);
      const args = words.slice(2).filter((word) => word !== "");
      // What the bank reads from its own store may still be on its way there.
      const waits = args.includes("bank") && ["get", "verify", "inbox", "session"].includes(args[0]!);
      const run = () => p8e.call(args);
      const { code, stderr } = waits ? await eventually(line, run, (done) => done.code === 0) : await run();
      assert.equal(code, 0, `${line}\n${stderr}`);
    }
    assert.deepEqual(readFileSync(p8e.path("p8e-try", "README.md")), readFileSync(join(root, "README.md")));
    const { sessions } = await p8e.json<{ sessions: { state: string }[] }>([
      "session",
      "list",
      "--as",
      "lender",
      "--all",
    ]);
    assert.deepEqual(
      sessions.map(({ state }) => state),
      ["committed"],
    );
  });
});
