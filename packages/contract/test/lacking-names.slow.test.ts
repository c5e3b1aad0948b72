import assert from "node:assert/strict";
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { buildContract } from "@p8e/contract";
import { isP8eError } from "@p8e/core";
import { openSandbox, type Sandbox } from "@p8e/engine";

const nodeModules = fileURLToPath(new URL("../../../node_modules", import.meta.url));

let sandbox: Sandbox;
let folder: string;

before(async () => {
  sandbox = openSandbox();
  folder = await realpath(await mkdtemp(join(tmpdir(), "p8e-names-")));
  await symlink(nodeModules, join(folder, "node_modules"));
});
after(async () => {
  await sandbox[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** A contract's source whose function gives `used`. */
const contract = (lines: string): string => `import { defineContract } from "@p8e/contract";
import { StringValueSchema } from "@bufbuild/protobuf/wkt";
${lines}
export default defineContract({ className: "a.B", scopes: ["a"], participants: ["OWNER"] })
  .fn("f", { invokedBy: "OWNER", inputs: {}, writes: "r", as: StringValueSchema }, () => ({ value: String(used()) }));
`;

const packages: Record<string, string> = {
  "old-clock/index.js":
    "// Tells the time.\nexport function now() {\n  return Date.now();\n}\nexport const version = 1;\n",
  "random-id/index.js": "export const id = () => {\n  return crypto.randomUUID();\n};\n",
  "loud/index.js":
    'export const round = (x) => Math.round(x);\nexport function sum(a, b) {\n  console.log("sum");\n  return a + b;\n}\n',
  "above/index.js": 'import { now } from "old-clock";\nexport const stamp = () => ["at", now()];\n',
  "queue/index.js": "export class Queue {\n  push(one) {\n    setTimeout(() => one(), 0);\n    return 1;\n  }\n}\n",
  "own-words/index.js":
    "export const text = (x) => {\n  if (typeof process < 'u' && process.env.LOUD) console.log(x);\n  return x;\n};\n",
};

/** What is refused: the source, the name, and the file and line where it stands. */
const refused: Record<string, readonly [source: string, name: string, file: string, line: number]> = {
  "the time": ["const used = () => Date.now();", "Date", "contract.ts", 3],
  "a new date": ["const used = () => {\n  return new Date();\n};", "Date", "contract.ts", 4],
  "a timer": ["const used = () => setTimeout(() => 1, 5);", "setTimeout", "contract.ts", 3],
  "a stopwatch": ["const used = () => performance.now();", "performance", "contract.ts", 3],
  "the network": ["const used = () => {\n\n  return fetch('https://example.com');\n};", "fetch", "contract.ts", 5],
  "the environment": ["const used = () => process.env.RATE ?? 1;", "process", "contract.ts", 3],
  "the console": ["const used = () => {\n  console.log(1);\n  return 1;\n};", "console", "contract.ts", 4],
  randomness: ["const used = () => crypto.randomUUID();", "crypto", "contract.ts", 3],
  "Node's bytes": ['const used = () => Buffer.from("x").toString("hex");', "Buffer", "contract.ts", 3],
  "a language's numbers": ["const used = () => new Intl.NumberFormat().format(1);", "Intl", "contract.ts", 3],
  "a copy as in browsers": ["const used = () => structuredClone({}).x;", "structuredClone", "contract.ts", 3],
  "an address": ['const used = () => new URL("https://example.com").host;', "URL", "contract.ts", 3],
  "a misspelt name": ["const amount = 1;\nconst used = () => [amount, ammount];", "ammount", "contract.ts", 4],
  "a guard of something else": [
    'const used = () =>\n  typeof TextEncoder === "function"\n    ? Date.now()\n    : 0;',
    "Date",
    "contract.ts",
    5,
  ],
  "a default": ["const at = (time = Date) => time;\nconst used = () => at();", "Date", "contract.ts", 3],
  "a package's clock": ['import { now as used } from "old-clock";', "Date", "old-clock/index.js", 3],
  "a package's randomness": ['import { id as used } from "random-id";', "crypto", "random-id/index.js", 2],
  "a package's log": ['import { sum } from "loud";\nconst used = () => sum(1, 2);', "console", "loud/index.js", 3],
  "a package's package": ['import { stamp as used } from "above";', "Date", "old-clock/index.js", 3],
  "a package's class": [
    'import { Queue } from "queue";\nconst used = () => new Queue().push(() => 1);',
    "setTimeout",
    "queue/index.js",
    3,
  ],
};

const honest: Record<string, string> = {
  "one that asks what it runs in": 'const used = () => (typeof Date === "function" ? Date.now() : 7);',
  "one with names of its own":
    "class Date {\n  at = 1;\n}\nconst used = (process = { fetch: 1 }) => [new Date().at, process.fetch, { console: 1 }.console];",
  "one with code that it never uses":
    'import { version } from "old-clock";\nimport { round } from "loud";\nfunction unused() {\n  return Date.now();\n}\nconst used = () => round(version);',
  "one with a package that asks": 'import { text } from "own-words";\nconst used = () => text("x");',
  "one that speaks of them, and uses what there is":
    'const used = () => ["Date.now()", `fetch`, new TextEncoder().encode("x").length, /process/.test("x"), BigInt(1), new Map().size];',
};

describe("a contract held to the sandbox's names", () => {
  before(async () => {
    for (const [path, text] of Object.entries(packages)) {
      const file = join(folder, "own", "node_modules", path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
      const manifest = { name: dirname(path), version: "1.0.0", type: "module", main: "index.js", sideEffects: false };
      await writeFile(join(dirname(file), "package.json"), JSON.stringify(manifest));
    }
  });

  const build = async (text: string, allow: readonly string[] = []) => {
    const entry = join(folder, "own", "contract.ts");
    await writeFile(entry, contract(text));
    return await buildContract({ entry, describe: sandbox.describe, names: { allow } });
  };

  for (const [what, [text, name, file, line]] of Object.entries(refused)) {
    it(`is refused with file and line: ${what}`, async () => {
      await assert.rejects(build(text), (thrown) => {
        assert.ok(isP8eError(thrown) && thrown.code === "contract.invalid", String(thrown));
        assert.deepEqual(thrown.facts, {
          rules: ["sandbox-names"],
          faults: [`${file}:${line} uses ${name}, which no contract has (sandbox-names)`],
          file,
          line,
          name,
        });
        assert.match(thrown.hint ?? "", new RegExp(`typeof ${name} .*--allow ${name}`));
        return true;
      });
    });
  }

  for (const [what, text] of Object.entries(honest)) {
    it(`passes: ${what}`, async () => {
      const { bundle, sourceWarnings } = await build(text);
      assert.deepEqual(sourceWarnings, []);
      const request = { startedAt: { seconds: 0n, nanos: 0 }, records: [], inputs: [], calls: ["f"] };
      const { outcomes } = await sandbox.run(bundle, request as never);
      assert.equal(outcomes[0]?.kind, "output");
    });
  }

  it("passes with a name that is allowed, and is refused for the others", async () => {
    const text = "const used = () => [Date, fetch];";
    assert.equal((await build(text, ["Date", "fetch"])).manifest.className, "a.B");
    await assert.rejects(build(text, ["Date"]), { message: /breaks 1 rule: contract.ts:3 uses fetch, / });
  });

  it("is told the names together with the other broken rules, also where it cannot be loaded", async () => {
    const rules = async (text: string) => {
      try {
        await build(text);
      } catch (error) {
        return isP8eError(error) ? error.facts.rules : error;
      }
    };
    assert.deepEqual(await rules("const now = Date.now();\nconst used = () => now;"), ["sandbox-names"]);
    assert.deepEqual(await rules(`const used = () => [Date, ${JSON.stringify(join(folder, "own"))}];`), [
      "no-paths",
      "sandbox-names",
    ]);
  });

  it("is not looked through where it is nested too deeply, which is said", async () => {
    const sum = Array(20_000).fill("one()").join("+");
    const { sourceWarnings } = await build(`const one = () => 1;\nconst used = () => ${sum};`);
    assert.deepEqual(
      sourceWarnings.map(({ rule, where }) => `${rule} ${where}`),
      ["sandbox-names the bundle"],
    );
  });
});
