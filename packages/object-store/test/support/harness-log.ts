import type { Log } from "@p8e/object-store";

/** Silent unless P8E_TEST_LOG is set. */
export const testLog: Log = (level, event, facts) => {
  if (process.env.P8E_TEST_LOG)
    process.stderr.write(`${level} ${event} ${facts ? JSON.stringify(facts, plain) : ""}\n`);
};

function plain(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}
