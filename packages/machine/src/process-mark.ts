import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { isAlive, processStart } from "./process-identity.ts";

/** Writes a file that names a process: its number and, where the system tells, when it started. */
export function markProcess(path: string, pid: number): void {
  writeFileSync(path, `${pid} ${processStart(pid) ?? ""}\n`, { mode: 0o600 });
}

/** Removes a mark, if there is one. */
export function unmarkProcess(path: string): void {
  rmSync(path, { force: true });
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
  return isAlive(pid, started) ? pid : undefined;
}
