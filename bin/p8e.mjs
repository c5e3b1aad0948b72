#!/usr/bin/env node
// `npx p8e` from a clone: installs what is missing and runs the command on Node.js 24, in this process if it is one.
import * as modules from "node:module";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { become, compiledModules, install, node24 } from "../scripts/run.mjs";

const main = join(dirname(dirname(fileURLToPath(import.meta.url))), "apps/cli/src/main.ts");
await install();
const node = node24();
if (node !== process.execPath) become(node, [main, ...process.argv.slice(2)]);
else {
  const { NODE_COMPILE_CACHE: folder } = Object.assign(process.env, { ...compiledModules(), ...process.env });
  if (folder !== undefined) modules.enableCompileCache(folder);
  await import(pathToFileURL(main).href);
}
