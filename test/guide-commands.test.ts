// Every command of docs/guides is run by a test, or stands in docs/guides/not-run.json with the reason; nothing else does.
import assert from "node:assert/strict";
import { globSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { fileURLToPath } from "node:url";
import { composeCommands, guideCommands } from "../deploy/test/support/guide-commands.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const read = (file: string) => readFileSync(join(root, file), "utf8");
const pages = readdirSync(join(root, "docs/guides")).filter((name) => name.endsWith(".md"));

it("no command of a guide is neither run by a test nor listed as not run, and the list has no other", () => {
  const notRun = JSON.parse(read("docs/guides/not-run.json")) as Readonly<
    Record<string, Readonly<Record<string, string>>>
  >;
  const run = new Set<string>(Object.values(composeCommands));
  const found: Record<string, string[]> = {};
  for (const page of pages) {
    const others = guideCommands(page).filter((command) => page !== "deploy.md" || !run.has(command));
    if (others.length > 0) found[page] = others.sort();
  }
  const listed = Object.entries(notRun).map(([page, commands]) => [page, Object.keys(commands).sort()]);
  assert.deepEqual(found, Object.fromEntries(listed));
  for (const commands of Object.values(notRun)) {
    for (const [command, reason] of Object.entries(commands)) {
      assert.ok(reason.length > 10, command);
      for (const [test] of reason.matchAll(/\S+\.test\.ts/g))
        assert.ok(globSync(test, { cwd: root }).length === 1, test);
    }
  }
  for (const command of run) assert.ok(guideCommands("deploy.md").includes(command), command);
});

it("a guide whose blocks name a machine is walked by a test", () => {
  const tests = globSync("apps/cli/test/**/*.ts", { cwd: root }).map(read).join("\n");
  for (const page of pages) {
    const blocks = [...read(`docs/guides/${page}`).matchAll(/^```sh +(.*)$/gm)].map(([, machine]) => machine!);
    for (const machine of blocks) assert.match(machine, /^\w+( serve| stopped)?$/, `${page}: ${machine}`);
    if (blocks.length > 0) assert.ok(tests.includes(`guideSteps("${page}")`), `no test walks ${page}`);
  }
});

it("a guide has its commands in blocks that are looked at", () => {
  for (const page of pages) {
    for (const [, language] of read(`docs/guides/${page}`).matchAll(/^ *(?:```|~~~) *(\S+)/gm)) {
      assert.doesNotMatch(language!, /^(bash|shell|console|zsh|powershell|cmd)$/i, page);
    }
  }
});
