import type { Facts } from "@p8e/core";

/** From what is of use in a search for a fault to what needs somebody now. */
export const logLevels = ["trace", "debug", "info", "warn", "error"] as const;
/** How much a line in the log matters. */
export type LogLevel = (typeof logLevels)[number];

/**
 * Where the store says what it does. `event` is a short fixed sentence, `facts` are its data; neither ever carries a
 * credential, a property value or bytes of an object.
 */
export type Log = (level: LogLevel, event: string, facts?: Facts) => void;

/** Says nothing. */
export const silentLog: Log = () => {};

/** Passes on only what is at least as severe as `threshold`; `undefined` silences everything. */
export function logAtLeast(threshold: LogLevel | undefined, log: Log): Log {
  if (threshold === undefined) return silentLog;
  const lowest = logLevels.indexOf(threshold);
  return (level, event, facts) => {
    if (logLevels.indexOf(level) >= lowest) log(level, event, facts);
  };
}

/** One line on what went wrong, fit for a log: the message of an error without its stack. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
