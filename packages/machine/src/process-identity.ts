import { readFileSync, readlinkSync } from "node:fs";

/**
 * True while the process exists, even one that is not ours; a process that has ended and that nobody has buried yet does
 * not. With `started` (see {@link processStart}) it must also be the same process: a number alone is given to another
 * some day.
 */
export function isAlive(pid: number, started?: string): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  if (statFields(pid)?.[0] === "Z") return false;
  const now = processStart(pid);
  if (started === undefined || now === undefined || now === started) return true;
  // Earlier versions wrote the ticks alone.
  return started === now.split("@")[0];
}

/** When a process started, in the kernel's ticks, and in which boot; undefined where there is no /proc. */
export function processStart(pid: number): string | undefined {
  const ticks = statFields(pid)?.[19];
  if (ticks === undefined) return undefined;
  try {
    return `${ticks}@${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()}`;
  } catch {
    return ticks;
  }
}

/** The working directory of a process, where the system tells. */
export function workingFolder(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}

/** /proc/PID/stat from its third field on: the second, the program's name in brackets, may hold blanks itself. */
function statFields(pid: number): readonly string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}
