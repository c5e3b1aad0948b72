import { once } from "node:events";
import { parseArgs } from "node:util";
import { P8eError } from "@p8e/core";
import { jsonLog, readVariables, type Variables } from "@p8e/machine";
import { openObjectStore, parseStoreConfiguration, secretVariables } from "@p8e/object-store";

/** What the server is given by its process. */
export interface RunObjectStoreOptions {
  /** `--env-file FILE`, or nothing. */
  readonly args: readonly string[];
  readonly env: Variables;
  /** Where its lines of JSON go. */
  readonly write: (line: string) => void;
  /** Takes what the SDK of buckets looks for among the variables of the process. */
  readonly publish: (variables: Readonly<Record<string, string>>) => void;
  /** Aborting it stops the store in order, or gives up its start. */
  readonly signal: AbortSignal;
}

/** Serves until the signal fires, and returns the exit code. What goes wrong at the start is a line in the log, too. */
export async function runObjectStore({ args, env, write, publish, signal }: RunObjectStoreOptions): Promise<number> {
  const log = jsonLog(write, Date.now);
  let isServing = false;
  try {
    const variables = await readVariables({ env, file: envFileOf(args), secrets: secretVariables });
    publish(ofBuckets(variables));
    await using _store = await openObjectStore(parseStoreConfiguration(variables), { log, signal });
    isServing = true;
    if (!signal.aborted) await once(signal, "abort");
    return 0;
  } catch (thrown) {
    const error = P8eError.from(thrown);
    // Nothing was acknowledged that a start given up could lose.
    if (signal.aborted && !isServing && error.code === "rpc.cancelled") return 0;
    const { code, message, facts, hint } = error;
    const what = isServing ? "the object store did not stop in order" : "the object store cannot start";
    log("error", what, { ...facts, code, message, hint });
    return error.status.exit;
  }
}

/** @throws `input.invalid` */
function envFileOf(args: readonly string[]): string | undefined {
  try {
    return parseArgs({ args: [...args], options: { "env-file": { type: "string" } } }).values["env-file"];
  } catch (cause) {
    throw new P8eError("input.invalid", "object-store takes --env-file FILE and nothing else", { cause });
  }
}

function ofBuckets(variables: Variables): Record<string, string> {
  const named: Record<string, string> = {};
  for (const [name, value] of Object.entries(variables)) {
    if (name.startsWith("AWS_") && value !== undefined) named[name] = value;
  }
  return named;
}
