import type { Facts } from "@p8e/core";

/** Takes what a server has to say: a short fixed sentence, and its data. */
export type LineLog = (level: string, event: string, facts?: Facts) => void;

/** One JSON object per line, as programs that collect logs want it. */
export function jsonLog(write: (line: string) => void, nowMs: () => number): LineLog {
  return (level, event, facts) => {
    const entry = { time: new Date(nowMs()).toISOString(), level, event, ...facts };
    write(`${JSON.stringify(entry, (_key, value: unknown) => (typeof value === "bigint" ? String(value) : value))}\n`);
  };
}
