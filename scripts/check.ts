// `npm run check`: everything that can be said about the tree without running the slow tests, one command.
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import process from "node:process";

const root = dirname(import.meta.dirname);
for (const name of ["lint", "typecheck", "test"]) {
  const { status } = spawnSync(process.execPath, [join(root, "scripts/run.mjs"), name], {
    cwd: root,
    stdio: "inherit",
  });
  if (status !== 0) process.exit(status ?? 1);
}
