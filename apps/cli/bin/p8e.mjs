#!/usr/bin/env node
// The command of the package p8e. What Node.js has compiled is kept beside the package, as other tools keep such things.
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { runOn24 } from "./launch.mjs";
import { answeredUsage } from "./usage.mjs";

const folder = dirname(dirname(fileURLToPath(import.meta.url)));
if (!answeredUsage(process.argv.slice(2), true)) {
  await runOn24(join(folder, "dist/main.js"), {
    asking: import.meta.url,
    compiled: join(dirname(folder), ".cache", "p8e"),
  });
}
