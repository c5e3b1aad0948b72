#!/usr/bin/env node
import { realpathSync } from "node:fs";
// The one door behind `npm start`, `npm test` and `npx p8e`. It has no dependency and runs on any Node.js >= 20:
// it installs what the lock file says, then re-executes the wanted command on Node.js 24, which comes along as a
// per-platform npm package (see ARCHITECTURE.md, "Node 24, brought along").
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import * as launch from "../apps/cli/bin/launch.mjs";
import { answeredUsage } from "../apps/cli/bin/usage.mjs";
import { install as installInto, isInstalled } from "./install.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** Not in node_modules, which an install empties while it is written. */
export const compiledFolder = join(root, ".cache", "compiled");

/** Installs what the lock file says where that has not been done; ends this process with a sentence where it cannot be. */
export async function install() {
  try {
    await installInto(root);
  } catch (error) {
    process.stderr.write(`p8e: ${error.message}\n`);
    process.exit(error.exitCode ?? 1);
  }
}

function become(command, args) {
  launch.become(command, args, { ...launch.compiledModulesIn(compiledFolder), ...process.env });
}

const bin = (name) => join(root, "node_modules", ".bin", name);

const commands = {
  story: (node, rest) => become(node, [join(root, "apps/cli/src/main.ts"), "story", ...rest]),
  p8e: (node, rest) => become(node, [join(root, "apps/cli/src/main.ts"), ...rest]),
  test: (node, rest) => become(node, [join(root, "scripts/test.ts"), ...rest]),
  ci: (node, rest) => become(node, [join(root, "scripts/ci.ts"), ...rest]),
  check: (node, rest) => become(node, [join(root, "scripts/check.ts"), ...rest]),
  fuzz: (node, rest) => become(node, [join(root, "fuzz/run.ts"), ...rest]),
  bench: (node, rest) => become(node, [join(root, "bench/run.ts"), ...rest]),
  format: (_node, rest) => become(bin("biome"), ["check", "--write", ...rest, root]),
  lint: (_node, rest) => become(bin("biome"), ["check", "--error-on-warnings", ...rest, root]),
  typecheck: (node, rest) => become(node, [bin("tsc"), "-p", join(root, "tsconfig.json"), ...rest]),
  pack: (node, rest) => become(node, [join(root, "scripts/pack.ts"), ...rest]),
  images: (node, rest) => become(node, [join(root, "deploy/images/build-images.ts"), ...rest]),
  generate: (node, rest) => become(node, [join(root, "scripts/generate.ts"), ...rest]),
};

const invoked = process.argv[1] && realpathSync(process.argv[1]);
if (invoked === fileURLToPath(import.meta.url)) {
  const [name = "", ...rest] = process.argv.slice(2);
  const command = commands[name];
  if (name === "story" && answeredUsage([name, ...rest], isInstalled(root))) process.exit();
  if (!command) launch.fail(`unknown command ${JSON.stringify(name)}; one of: ${Object.keys(commands).join(", ")}`);
  await install();
  command(launch.node24(import.meta.url), rest);
}
