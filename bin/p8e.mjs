#!/usr/bin/env node
// `npx p8e` from a clone: installs what is missing and runs the command on Node.js 24.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { become, install, node24 } from "../scripts/run.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
install();
become(node24(), [join(root, "apps/cli/src/main.ts"), ...process.argv.slice(2)]);
