// Each file of reach/ is a contract; its second line says what it reaches for, and where. packages/ are what some import.
import assert from "node:assert/strict";
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
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

const tried = async (file: string) => {
  const built = await buildContract({ entry: join(folder, file), describe: sandbox.describe, names: { allow: [] } });
  return await tryFunctions(sandbox, built);
};

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
