#!/usr/bin/env node
// `npm run lock`: makes package-lock.json anew, complete for every platform.
//
// npm leaves optional packages of foreign platforms out of the lock file when the registry at hand does not serve them,
// and `npm ci` then refuses that lock file. What is left out is added here: the version is in the lock file already, and
// the platform is in the package's name.
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const systems = {
  android: "android",
  darwin: "darwin",
  freebsd: "freebsd",
  linux: "linux",
  win32: "win32",
  windows: "win32",
};
const processors = {
  arm64: "arm64",
  x64: "x64",
  ia32: "ia32",
  armv7: "arm",
  arm: "arm",
  ppc64: "ppc64",
  s390x: "s390x",
  riscv64: "riscv64",
};

const folder = mkdtempSync(join(tmpdir(), "p8e-lock-"));
try {
  // A lock file made beside node_modules knows only what is installed: work in a folder with manifests alone.
  const manifests = spawnSync(
    "git",
    ["ls-files", "-co", "--exclude-standard", "package.json", "*/package.json", ".npmrc"],
    { cwd: root, encoding: "utf8" },
  );
  for (const file of manifests.stdout.trim().split("\n"))
    cpSync(join(root, file), join(folder, file), { recursive: true });
  const npm = spawnSync("npm", ["install", "--package-lock-only", "--loglevel=error"], {
    cwd: folder,
    stdio: ["ignore", 2, 2],
  });
  if (npm.status !== 0) process.exit(npm.status ?? 1);
  const lock = JSON.parse(readFileSync(join(folder, "package-lock.json"), "utf8"));
  for (const [at, entry] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      if (lock.packages[`node_modules/${name}`] ?? lock.packages[`${at}/node_modules/${name}`]) continue;
      const words = name.split(/[-/]/);
      const os = words.map((word) => systems[word]).find(Boolean);
      const cpu = words.map((word) => processors[word]).find(Boolean);
      lock.packages[`node_modules/${name}`] = {
        version: version.replace(/^[\^~]/, ""),
        ...(cpu ? { cpu: [cpu] } : {}),
        ...(entry.dev ? { dev: true } : {}),
        optional: true,
        ...(os ? { os: [os] } : {}),
      };
      process.stderr.write(`p8e: ${name}@${version} is not served here; added by name\n`);
    }
  }
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([one], [other]) => (one < other ? -1 : 1)));
  writeFileSync(join(root, "package-lock.json"), `${JSON.stringify(lock, null, 2)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
