#!/usr/bin/env node
// The command of the package p8e. What Node.js has compiled is kept beside the package, as other tools keep such things.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { runOn24 } from "./launch.mjs";

const folder = dirname(dirname(fileURLToPath(import.meta.url)));
await runOn24(join(folder, "dist/main.js"), {
  asking: import.meta.url,
  compiled: join(dirname(folder), ".cache", "p8e"),
});
