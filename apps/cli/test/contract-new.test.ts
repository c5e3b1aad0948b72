import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { CommandLine, root } from "./support/p8e.ts";

describe("p8e contract new", () => {
  const p8e = new CommandLine({ data: false });
  const env = { P8E_PACKAGES: p8e.path("packages") };
  before(() => {
    mkdirSync(p8e.path("packages"));
    for (const name of ["p8e", "p8e-contract", "p8e-core", "p8e-engine"])
      writeFileSync(p8e.path("packages", `${name}-0.1.0.tgz`), "");
  });
  after(() => p8e[Symbol.asyncDispose]());

  it("makes a project that wants the packages that are named", async () => {
    const made = await p8e.json<{ className: string }>(["contract", "new", "Home-Loans"], { env });
    assert.equal(made.className, "homeloans.RecordAppraisal");
    const manifest = JSON.parse(readFileSync(p8e.path("Home-Loans/package.json"), "utf8"));
    const file = (name: string) => `file:${p8e.path("packages", `${name}-0.1.0.tgz`)}`;
    assert.equal(manifest.name, "home-loans");
    assert.equal(manifest.dependencies["@p8e/contract"], file("p8e-contract"));
    assert.equal(manifest.devDependencies.p8e, file("p8e"));
    assert.equal(manifest.devDependencies["@p8e/engine"], file("p8e-engine"));
    assert.deepEqual(manifest.overrides, { "@p8e/core": file("p8e-core") });
    assert.ok(readdirSync(p8e.path("Home-Loans")).includes(".gitignore"));
    assert.match(readFileSync(p8e.path("Home-Loans/src/contract.ts"), "utf8"), /name: "homeloans"/);
    for (const file of readdirSync(p8e.path("Home-Loans"), { recursive: true, encoding: "utf8" })) {
      const path = p8e.path("Home-Loans", file);
      if (/\.\w+$/.test(file)) assert.doesNotMatch(readFileSync(path, "utf8"), /CONTRACT_NAME/, file);
    }
  });

  it("wants tools and libraries in the versions that p8e is built with", async () => {
    const { devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    const library = JSON.parse(readFileSync(join(root, "packages/contract/package.json"), "utf8")).dependencies;
    const manifest = JSON.parse(readFileSync(p8e.path("Home-Loans/package.json"), "utf8"));
    for (const name of ["@types/node", "typescript"])
      assert.equal(manifest.devDependencies[name], devDependencies[name]);
    assert.equal(manifest.dependencies["@bufbuild/protobuf"], library["@bufbuild/protobuf"]);
    for (const name of ["@bufbuild/buf", "@bufbuild/protoc-gen-es"]) {
      assert.ok(manifest.scripts.generate.includes(`-p ${name}@${devDependencies[name]} `), name);
    }
  });

  it("writes nothing into a folder that has anything", async () => {
    const error = await p8e.refused(2, ["contract", "new", "Home-Loans"], env);
    assert.equal(error.code, "input.invalid");
    assert.match(error.message, /is not empty/);
  });

  it("says of a folder without archives that it has none, and makes nothing", async () => {
    const error = await p8e.refused(3, ["contract", "new", "other"], { P8E_PACKAGES: p8e.path("Home-Loans") });
    assert.equal(error.code, "configuration.invalid");
    assert.match(error.message, /has no archives of p8e 0\.1\.0/);
    assert.equal(existsSync(p8e.path("other")), false);
  });

  it("wants a folder's name that a contract can have", async () => {
    const error = await p8e.refused(2, ["contract", "new", "2026"], env);
    assert.equal(error.code, "input.invalid");
  });
});
