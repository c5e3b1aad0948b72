// How the repository runs its own code: decisions 14 to 16 of ARCHITECTURE.md.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { files } from "./support/sources.ts";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const read = (path: string) => readFileSync(join(root, path), "utf8");

describe("tests", () => {
  it("are written for node:test and nothing else", () => {
    assert.doesNotMatch(read("package-lock.json"), /"node_modules\/(vitest|jest|mocha|ava|tap|tsx|ts-node|jasmine)"/);
  });

  it("run in the Node.js that ships", () => {
    assert.ok(Number(process.versions.node.split(".")[0]) >= 24);
  });
});

describe("the command", () => {
  it("runs on whatever Node.js is in the path, by the one brought along", () => {
    const version = execFileSync("node", [join(root, "bin/p8e.mjs"), "--version"], { encoding: "utf8" });
    assert.equal(version, "0.1.0\n");
  });

  it("keeps what Node.js has compiled in the clone, outside of node_modules", () => {
    const { NODE_COMPILE_CACHE: _, ...env } = process.env;
    const run = `import(${JSON.stringify(join(root, "scripts/run.mjs"))}).then(({ compiledFolder }) => console.log(compiledFolder))`;
    assert.equal(execFileSync("node", ["-e", run], { encoding: "utf8", env }), `${join(root, ".cache/compiled")}\n`);
  });

  it("is TypeScript that needs no build step", () => {
    const { compilerOptions } = JSON.parse(read("tsconfig.json")) as { compilerOptions: Record<string, unknown> };
    assert.equal(compilerOptions.erasableSyntaxOnly, true);
    assert.equal(compilerOptions.noEmit, true);
  });
});

describe("a library", () => {
  it("imports nothing by name that Node.js 20 lacks: it would say that, and not that it needs 24", () => {
    // Types are gone by then. apps/cli/test/first-contract.slow.test.ts tries every door on an older Node.js.
    const lacking = /^import (?!type ).*(?:from "node:sqlite"|\{[^}]*CompileCache[^}]*\} from "node:module")/m;
    assert.deepEqual(
      files(["packages/*/src/**/*.ts"]).filter((file) => lacking.test(read(file))),
      [],
    );
  });
});

describe("install scripts", () => {
  it("are off for every dependency", () => {
    assert.match(read(".npmrc"), /^ignore-scripts=true$/m);
  });

  it("are called by nothing of ours", () => {
    for (const file of ["scripts/install.mjs", "scripts/run.mjs"])
      assert.doesNotMatch(read(file), /rebuild|ignore-scripts/);
  });
});
