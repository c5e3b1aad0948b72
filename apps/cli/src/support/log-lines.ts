import { fstatSync } from "node:fs";
import process from "node:process";
import type { Output } from "../terminal/screen.ts";

/**
 * Whether whoever reads standard output collects logs: `P8E_LOG=json`, as our images have it, or systemd's journal, which
 * says in JOURNAL_STREAM which file it reads.
 */
export function wantsLogLines(
  { P8E_LOG: form, JOURNAL_STREAM: journal }: Readonly<Record<string, string | undefined>>,
  stdout: Output,
): boolean {
  if (form === "json") return true;
  if (journal === undefined || stdout !== process.stdout) return false;
  const { dev, ino } = fstatSync(1);
  return journal === `${dev}:${ino}`;
}
