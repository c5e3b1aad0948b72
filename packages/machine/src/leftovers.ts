import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { markedProcess, unmarkProcess } from "./process-mark.ts";

/** Longer than an orphan needs to finish what it is serving. */
const LEAVE_LIMIT_MS = 12_000;
const LOOK_MS = 20;

/**
 * Waits for the servers that a crashed environment left behind. They notice that their parent is gone and stop by
 * themselves; one that does not is killed. Afterwards their ports and folders are free again.
 */
export async function retireLeftovers(marksDir: string, signal?: AbortSignal): Promise<void> {
  const marks = await readdir(marksDir).catch(() => []);
  const deadline = performance.now() + LEAVE_LIMIT_MS;
  await Promise.all(
    marks.map(async (name) => {
      const path = join(marksDir, name);
      for (let pid = markedProcess(path); pid !== undefined; pid = markedProcess(path)) {
        if (performance.now() > deadline) process.kill(pid, "SIGKILL");
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
        signal?.throwIfAborted();
      }
      unmarkProcess(path);
    }),
  );
}
