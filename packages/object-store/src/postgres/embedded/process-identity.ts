import { readFileSync, readlinkSync } from "node:fs";

/** True while the process exists (even one that is not ours), and if its start time is known it is the same process. */
export function isRunning(pid: number, started = ""): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  if (isZombie(pid)) return false;
  const now = processStartTime(pid);
  return started === "" || now === undefined || now === started;
}

/** The kernel's start time of a process together with this boot's identity; undefined where there is no /proc. */
export function processStartTime(pid: number): string | undefined {
  const fields = statFields(pid);
  if (!fields) return undefined;
  try {
    return `${fields[19]}@${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()}`;
  } catch {
    return fields[19];
  }
}

/** The working directory of a process, where the system tells; a PostgreSQL server's is its data folder. */
export function processFolder(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}

function isZombie(pid: number): boolean {
  return statFields(pid)?.[0] === "Z";
}

/** /proc/PID/stat from its third field on; the second, the name, may itself contain spaces. */
function statFields(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}
