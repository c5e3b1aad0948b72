// Each file of reach/ is a contract; its second line says what it reaches for, and where. packages/ are what some import.
import assert from "node:assert/strict";
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { create, toBinary } from "@bufbuild/protobuf";
import { ListValueSchema, StringValueSchema } from "@bufbuild/protobuf/wkt";
import { buildContract } from "@p8e/contract";
import { openSandbox, type Sandbox, tryFunctions } from "@p8e/engine";

const corpus = fileURLToPath(new URL("reach/", import.meta.url));
const refused = (await readdir(join(corpus, "refused"))).sort();
const honest = (await readdir(join(corpus, "honest"))).sort();

let sandbox: Sandbox;
let folder: string;
before(async () => {
  sandbox = openSandbox();
  folder = await realpath(await mkdtemp(join(tmpdir(), "p8e-reach-")));
  await symlink(fileURLToPath(new URL("../../../node_modules", import.meta.url)), join(folder, "node_modules"));
  for (const kind of ["refused", "honest"]) {
    await cp(join(corpus, kind), join(folder, kind), { recursive: true });
    for (const file of await readdir(join(corpus, "packages"))) {
      const name = basename(file, ".mjs");
      const at = join(folder, kind, "node_modules", name);
      await mkdir(at, { recursive: true });
      await cp(join(corpus, "packages", file), join(at, "index.js"));
      await writeFile(join(at, "package.json"), JSON.stringify({ name, version: "1.0.0", type: "module" }));
    }
  }
});
after(async () => {
  await sandbox[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const builtOf = (file: string) =>
  buildContract({ entry: join(folder, file), describe: sandbox.describe, names: { allow: [] } });
const tried = async (file: string) => await tryFunctions(sandbox, await builtOf(file));

describe("a contract that reaches for what the sandbox lacks is found out by running it", () => {
  it("twenty of them, five by a package", async () => {
    const texts = await Promise.all(refused.map((file) => readFile(join(corpus, "refused", file), "utf8")));
    assert.equal(texts.length, 20);
    assert.equal(texts.filter((text) => / at \S+\/index\.js:\d+$/m.test(text)).length, 5);
  });

  for (const file of refused) {
    it(basename(file, ".mjs"), async () => {
      const said = /^\/\/ reaches for (\S+) at (\S+):(\d+)$/m.exec(
        await readFile(join(corpus, "refused", file), "utf8"),
      );
      const { faults } = await tried(join("refused", file));
      assert.deepEqual(
        faults.map(({ rule, place }) => [rule, place?.name, place?.file.replace(/^.*node_modules\//, ""), place?.line]),
        [["sandbox-reach", said?.[1], said?.[2], Number(said?.[3])]],
      );
    });
  }
});

describe("an honest contract passes", () => {
  it("five of them", () => assert.equal(honest.length, 5));
  for (const file of honest) {
    it(basename(file, ".mjs"), async () => {
      const { faults, runs } = await tried(join("honest", file));
      assert.deepEqual(faults, []);
      assert.ok(runs > 5);
    });
  }
});

describe("what trying takes", () => {
  /** A contract of one function, on a type of protobuf's own. */
  const written = async (name: string, type: string, top: string, body: string) => {
    const file = `${name}.mjs`;
    const source = `import { StringValueSchema, ${type} } from "@bufbuild/protobuf/wkt";
import { defineContract } from "@p8e/contract";
${top}
export default defineContract({ className: "test.Reach", scopes: ["test"], participants: ["OWNER"] }).fn(
  "reach",
  { invokedBy: "OWNER", inputs: { note: ${type} }, writes: "answer", as: StringValueSchema },
  ({ inputs: { note } }) => { ${body} },
);
`;
    await writeFile(join(folder, file), source.replace("StringValueSchema, StringValueSchema", "StringValueSchema"));
    return await builtOf(file);
  };

  it("a bundle that does not load with stand-ins is no contract that reaches for something", async () => {
    const top = `let mode = "plain";
try {
  if (globalThis.somewhere) mode = globalThis.somewhere.mode();
} catch {
  throw new Error("cannot say where it is");
}`;
    const built = await written(
      "loads",
      "StringValueSchema",
      top,
      "return { value: note.value.split(mode)[1].trim() };",
    );
    const { faults, warnings } = await tryFunctions(sandbox, built);
    assert.deepEqual(faults, []);
    assert.equal(warnings[0]?.rule, "trial-failure");
  });

  it("a value that takes more to decode than a call may is tried like others", async () => {
    const built = await written("large", "ListValueSchema", "", "return { value: String(note.values.length) };");
    const values = Array.from({ length: 60_000 }, (_, index) => ({
      kind: { case: "numberValue" as const, value: index },
    }));
    const bytes = toBinary(ListValueSchema, create(ListValueSchema, { values }));
    const large = { name: "fixtures/large", values: new Map([["note", bytes]]) };
    const given = [["note", bytes]] as const;
    const request = { startedAt: { seconds: 0n, nanos: 0 }, records: [], inputs: given, calls: ["reach"] };
    const { loadFuel } = await sandbox.tryOut(built.bundle, request, { fuel: 400_000_000 });
    assert.ok(loadFuel > 400_000_000);
    const { warnings, runs } = await tryFunctions(sandbox, built, { cases: [large] });
    assert.deepEqual(warnings, []);
    assert.ok(runs > 5);
  });

  it("a value that the sandbox does not take is told, and the others are tried", async () => {
    const built = await written("larger", "StringValueSchema", "", "return { value: note.value };");
    const value = "a".repeat(sandbox.limits.inputBytes);
    const bytes = toBinary(StringValueSchema, create(StringValueSchema, { value }));
    const cases = [{ name: "fixtures/larger", values: new Map([["note", bytes]]) }];
    const { warnings, runs } = await tryFunctions(sandbox, built, { cases });
    assert.deepEqual(
      warnings.map(({ rule }) => rule),
      ["trial-failure"],
    );
    assert.match(
      warnings[0]!.message,
      /^fails on fixtures\/larger: its values cannot be handed to it: records and inputs/,
    );
    assert.ok(runs > 5);
  });

  it("all runs are counted, those that look for a cause too", async () => {
    const lookups = Array.from({ length: 7 }, (_, index) => `try { globalThis["no" + ${index}].x; } catch {}`).join(
      "\n",
    );
    const built = await written(
      "counted",
      "StringValueSchema",
      "",
      `${lookups}\nthrow new Error(note.value === "" ? "empty" : note.value + " is refused");`,
    );
    let asked = 0;
    const counting: Sandbox = {
      ...sandbox,
      tryOut: (...call) => {
        asked += 1;
        return sandbox.tryOut(...call);
      },
    };
    const { runs } = await tryFunctions(counting, built);
    assert.equal(runs, asked);
    assert.ok(runs > 20);
  });
});
