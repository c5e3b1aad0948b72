import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { fileURLToPath } from "node:url";

const entry = fileURLToPath(new URL("./support/state-process.ts", import.meta.url));
const PROCESSES = 10;

describe("a state file that is not there yet", () => {
  const folder = mkdtempSync(join(tmpdir(), "p8e-fresh-state-"));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it(`is made by ${PROCESSES} processes that open it at once, and each can use it`, async () => {
    const children: ChildProcess[] = Array.from({ length: PROCESSES }, () =>
      fork(entry, { execArgv: ["--disable-warning=ExperimentalWarning"] }),
    );
    await Promise.all(children.map((child) => once(child, "message")));
    const answers = children.map(async (child) => {
      const [[answer]] = await Promise.all([once(child, "message"), once(child, "exit")]);
      return answer;
    });
    for (const child of children) child.send(join(folder, "fresh.sqlite"));
    assert.deepEqual(await Promise.all(answers), Array(PROCESSES).fill({ found: 0 }));
  });
});
