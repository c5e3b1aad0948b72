import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { P8eError } from "@p8e/core";

const FILE_NAME = "up.pid";

/** Who runs the environment of a data folder, if somebody does. */
export async function runningProcess(dataDir: string): Promise<number | undefined> {
  const path = join(dataDir, FILE_NAME);
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const [pidText, started] = text.trim().split(" ");
  const pid = Number(pidText);
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  if (!isAlive(pid)) return undefined;
  // The number may have been given to another process since.
  const now = await startedAt(pid);
  return started === undefined || now === undefined || started === now ? pid : undefined;
}

/**
 * Takes the data folder for this process. A lock left by a dead process is replaced.
 * @throws `environment.in_use`
 */
export async function lockDataFolder(dataDir: string): Promise<AsyncDisposable> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const path = join(dataDir, FILE_NAME);
  const claim = `${path}.${process.pid}`;
  await writeFile(claim, `${process.pid} ${(await startedAt(process.pid)) ?? ""}\n`, { mode: 0o600 });
  try {
    return await takeOver(dataDir, path, claim);
  } finally {
    await rm(claim, { force: true });
  }
}

/** A link appears with its content or not at all, so nobody can read half a lock. */
async function takeOver(dataDir: string, path: string, claim: string): Promise<AsyncDisposable> {
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      await link(claim, path);
      return {
        async [Symbol.asyncDispose]() {
          await rm(path, { force: true });
        },
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw P8eError.from(error, "configuration.invalid");
    }
    const holder = await runningProcess(dataDir);
    if (holder !== undefined) {
      throw new P8eError("environment.in_use", `process ${holder} runs the environment in ${dataDir}`, {
        facts: { folder: dataDir, process: holder },
        hint: "Use it as it is, stop it with Ctrl-C, or name another folder with --data.",
      });
    }
    await rm(path, { force: true });
  }
  throw new P8eError("environment.in_use", `the data folder ${dataDir} is being taken by another process`, {
    facts: { folder: dataDir },
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** The kernel's start time of a process, where there is /proc: tells a process from a later one with its number. */
async function startedAt(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
}
