import { link, readFile, rename, rm, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { P8eError } from "@p8e/core";

/**
 * One process per data folder. The lock file names the process that holds it and when that started, so that a lock
 * left behind by a killed process, or whose number another process has by now, is taken over.
 */
export async function lockFolder(folder: string): Promise<AsyncDisposable> {
  const path = join(folder, "lock");
  const own = join(folder, `lock.${process.pid}.${Math.trunc(performance.timeOrigin)}`);
  const content = `${process.pid} ${(await startOf(process.pid)) ?? "unknown"}\n`;
  await writeFile(own, content, { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < 5; attempt++) {
      try {
        await link(own, path);
        return { [Symbol.asyncDispose]: () => release(path, content) };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      }
      await removeIfStale(path, folder);
    }
  } finally {
    await rm(own, { force: true });
  }
  throw new P8eError("environment.in_use", "another process is changing the lock of the ledger's data folder");
}

async function release(path: string, content: string): Promise<void> {
  const held = await readFile(path, "utf8").catch(() => undefined);
  if (held === content) await unlink(path);
}

async function removeIfStale(path: string, folder: string): Promise<void> {
  const content = await readFile(path, "utf8").catch(() => undefined);
  if (content === undefined) return;
  const [pidText, started] = content.trim().split(" ");
  const pid = Number(pidText);
  if (pid === process.pid || (isAlive(pid) && (await isSameProcess(pid, started)))) {
    throw new P8eError("environment.in_use", `process ${pid} uses the ledger's data folder`, { facts: { pid } });
  }
  // Renaming succeeds for one of several takers; the others find nothing and try again.
  const stale = join(folder, `lock.stale.${process.pid}`);
  try {
    await rename(path, stale);
    const moved = await readFile(stale, "utf8");
    if (moved === content) await rm(stale, { force: true });
    else await rename(stale, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

async function isSameProcess(pid: number, started: string | undefined): Promise<boolean> {
  const now = await statusOf(pid);
  // A process that has ended keeps its number until its parent asks how; it holds nothing any more.
  if (now?.state === "Z") return false;
  return now === undefined || started === "unknown" || now.started === started;
}

async function startOf(pid: number): Promise<string | undefined> {
  return (await statusOf(pid))?.started;
}

/** State and start (in kernel ticks), where the system tells; a number alone does not name a process for ever. */
async function statusOf(pid: number): Promise<{ readonly state: string; readonly started: string } | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, started] = [fields?.[0], fields?.[19]];
  return state === undefined || started === undefined ? undefined : { state, started };
}
