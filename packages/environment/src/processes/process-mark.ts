import { readFileSync, rmSync, writeFileSync } from "node:fs";

/**
 * A file that names a process by its number and, where the system tells, by the time it started: a number alone is given
 * to another process some day.
 */
export function markProcess(path: string, pid: number): void {
  writeFileSync(path, processMark(pid), { mode: 0o600 });
}

export function unmarkProcess(path: string): void {
  rmSync(path, { force: true });
}

export function processMark(pid: number): string {
  return `${pid} ${statusOf(pid)?.started ?? ""}\n`;
}

/** The process that a mark names, while it lives; undefined without a mark. */
export function markedProcess(path: string): number | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
  const [pidText, started] = text.trim().split(" ");
  const pid = Number(pidText);
  if (!isAlive(pid)) return undefined;
  const now = statusOf(pid)?.started;
  return started === undefined || now === undefined || started === now ? pid : undefined;
}

/** A process that has died and that nobody has buried yet is not alive. */
export function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  return statusOf(pid)?.state !== "Z";
}

/** What the kernel says of a process, where there is /proc. */
function statusOf(pid: number): { readonly state: string; readonly started: string } | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined;
  }
  // The second field, the program's name in brackets, may hold blanks itself.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { state: fields[0] ?? "", started: fields[19] ?? "" };
}
