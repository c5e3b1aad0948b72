#!/usr/bin/env node
// The object store as a server by itself. Wires the parts, owns the process.
import { enableCompileCache } from "node:module";
import process from "node:process";

enableCompileCache();
const stop = new AbortController();
for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.on(signal, () => {
    // The first asks, a later one insists.
    if (stop.signal.aborted) process.exit(130);
    stop.abort();
  });
}
// Last: as process 1 of a container, what has no handler for a signal does not hear it.
const { runObjectStore } = await import("./run-object-store.ts");
process.exitCode = await runObjectStore({
  args: process.argv.slice(2),
  env: process.env,
  write: (line) => process.stdout.write(line),
  // The SDK of buckets looks for its credentials there.
  publish: (variables) => Object.assign(process.env, variables),
  signal: stop.signal,
});
