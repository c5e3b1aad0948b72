#!/usr/bin/env node
// `npx p8e` from a clone: installs what is missing and runs the command on Node.js 24, in this process if it is one.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { runOn24 } from "../apps/cli/bin/launch.mjs";
import { compiledFolder, install } from "../scripts/run.mjs";

const main = join(dirname(dirname(fileURLToPath(import.meta.url))), "apps/cli/src/main.ts");
await install();
await runOn24(main, { asking: import.meta.url, compiled: compiledFolder });
