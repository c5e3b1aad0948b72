#!/usr/bin/env node
// `npx p8e` from a clone: answers for help by itself, else installs what is missing and runs the command on Node.js 24, in
// this process if it is one.
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { runOn24 } from "../apps/cli/bin/launch.mjs";
import { answeredUsage } from "../apps/cli/bin/usage.mjs";
import { isInstalled } from "../scripts/install.mjs";
import { compiledFolder, install } from "../scripts/run.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
if (!answeredUsage(process.argv.slice(2), isInstalled(root))) {
  await install();
  await runOn24(join(root, "apps/cli/src/main.ts"), { asking: import.meta.url, compiled: compiledFolder });
}
