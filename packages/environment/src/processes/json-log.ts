import type { Log } from "@p8e/object-store";

/** One JSON object per line on stderr, as the log file of a server process holds it. */
export function jsonLog(write: (line: string) => void, nowMs: () => number): Log {
  return (level, event, facts) => {
    const entry = { time: new Date(nowMs()).toISOString(), level, event, ...facts };
    write(`${JSON.stringify(entry, (_key, value: unknown) => (typeof value === "bigint" ? String(value) : value))}\n`);
  };
}
