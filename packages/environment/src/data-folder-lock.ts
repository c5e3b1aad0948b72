import { link, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { P8eError } from "@p8e/core";
import { markedProcess, processMark } from "./processes/process-mark.ts";

const FILE_NAME = "up.pid";

/** Who runs the environment of a data folder, if somebody does. */
export async function runningProcess(dataDir: string): Promise<number | undefined> {
  return markedProcess(join(dataDir, FILE_NAME));
}

/**
 * Takes the data folder for this process. A lock left by a dead process is replaced.
 * @throws `environment.in_use`, `configuration.invalid` when it is no folder and cannot become one
 */
export async function lockDataFolder(dataDir: string): Promise<AsyncDisposable> {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new P8eError("configuration.invalid", "the data folder cannot be made", {
      cause,
      facts: { folder: dataDir },
      hint: "Name another with --data: a folder, or a place where one can be made.",
    });
  }
  const path = join(dataDir, FILE_NAME);
  const claim = `${path}.${process.pid}`;
  await writeFile(claim, processMark(process.pid), { mode: 0o600 });
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
