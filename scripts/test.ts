// `npm test`: every fast test of the repository, in the runtime that ships. `--slow` adds the long ones, `--require-peers`
// turns the printed skips (no JVM, no Wycheproof folder) into failures; `.ci/run` uses both. `--soak` (`npm run soak`) runs
// the endless-looking ones instead: kill -9 again and again, with fresh seeds.
import { spawn } from "node:child_process";
import { globSync } from "node:fs";
import { dirname } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const args = process.argv.slice(2);
const slow = args.includes("--slow");
const soak = args.includes("--soak");
const requirePeers = args.includes("--require-peers");
const wanted = args.filter((arg) => !arg.startsWith("--"));

const files = globSync(
  [
    "packages/*/test/**/*.test.ts",
    "apps/*/test/**/*.test.ts",
    "examples/*/test/**/*.test.ts",
    "test/**/*.test.ts",
    "interop/*/test/**/*.test.ts",
  ],
  { cwd: root },
)
  .filter((file) => soak === file.endsWith(".soak.test.ts"))
  .filter((file) => slow || !file.endsWith(".slow.test.ts"))
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  .sort();
if (files.length === 0) {
  process.stderr.write("no test file matches\n");
  process.exit(1);
}

const child = spawn(
  process.execPath,
  [
    "--test",
    "--test-concurrency=2",
    `--test-timeout=${soak ? 3_600_000 : slow ? 1_200_000 : 180_000}`,
    ...args.filter((arg) => arg.startsWith("--test-")),
    ...files,
  ],
  { cwd: root, stdio: "inherit", env: { ...process.env, ...(requirePeers ? { P8E_REQUIRE_PEERS: "1" } : {}) } },
);
child.on("exit", (code) => process.exit(code ?? 1));
