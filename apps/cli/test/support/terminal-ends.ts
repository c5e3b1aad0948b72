// However a terminal ends what runs in it, and whenever: nothing goes on running, and the next start works.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, describe, it } from "node:test";
import { setTimeout } from "node:timers/promises";
import { hasPty, PtyRun, processesAt } from "./pty.ts";

/** A way to end a run, when, and what is said then. */
export interface TerminalEnd {
  readonly by: "Ctrl-C" | "Ctrl-C twice" | "SIGTERM" | "closing the terminal";
  /** What was said last before it. */
  readonly after: string;
  /** And then so long, in milliseconds. */
  readonly waitMs: number;
}

/** Longer than one that is passed on by npm and the launcher takes, so that it counts as a second. */
const AGAIN_MS = 1500;
const GONE_MS = 30_000;
/** The whole story, on a machine that runs other tests beside it. */
const STORY_MS = 600_000;

/** A fault at each of the ends, one after the other, in one folder; then the story to its end. */
export function terminalEnds(ends: readonly TerminalEnd[]): void {
  const reason = hasPty() ? false : "no `script` of util-linux here, which gives a terminal";
  if (reason !== false && process.env.P8E_REQUIRE_PEERS) throw new Error(reason);
  describe("npm start in a terminal", { skip: reason, timeout: 1_200_000 }, () => {
    const folder = mkdtempSync(join(tmpdir(), "p8e-terminal-"));
    after(() => rmSync(folder, { recursive: true, force: true }));
    const env = { P8E_DATA: join(folder, "data"), NO_COLOR: "1" };
    const npmStart = (more = "") => new PtyRun(`npm start -- --document-mb 2${more}`, env);
    for (const { by, after: said, waitMs } of ends) {
      it(`${by} ${waitMs} ms after ${JSON.stringify(said)} leaves nothing running`, async () => {
        const run = npmStart();
        await run.until(said);
        await setTimeout(waitMs);
        if (by === "closing the terminal") run.close();
        else if (by === "SIGTERM") run.terminate();
        else run.pressCtrlC();
        if (by === "Ctrl-C twice") {
          await setTimeout(AGAIN_MS);
          run.pressCtrlC();
        }
        await run.ended();
        await gone(folder, run);
        if (by === "Ctrl-C") assert.match(run.said, /stopp(ed|ing)/);
      });
    }

    it("starts again after all of them, and tells the story to its end", async () => {
      const run = npmStart(" --once");
      await run.ended(STORY_MS);
      assert.match(run.said, /The story took/);
      await gone(folder, run);
    });
  });
}

async function gone(folder: string, run: PtyRun): Promise<void> {
  const late = Date.now() + GONE_MS;
  let left = processesAt(folder);
  while (left.length > 0 && Date.now() < late) {
    await setTimeout(100);
    left = processesAt(folder);
  }
  assert.deepEqual(left, [], `still running after:\n${run.said.slice(-1500)}`);
}
