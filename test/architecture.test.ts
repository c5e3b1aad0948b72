// The rule of imports, held by a test: the layers are written in ARCHITECTURE.md and here, and nowhere else.
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { describe, it } from "node:test";
import * as sources from "./support/sources.ts";
import { doorsOf, loadedWith, manifestOf, packageFolders, root } from "./support/sources.ts";

/** What the source of each package may import of the others. Tests and benches may import anything. */
const allowed: Record<string, readonly string[]> = {
  "packages/core": [],
  "packages/decoding": ["core"],
  "packages/machine": ["core"],
  "packages/local-postgres": ["core", "machine"],
  "packages/proto": ["core", "decoding"],
  "packages/rpc": ["core", "decoding"],
  "packages/provenanced": ["core", "machine", "proto", "rpc"],
  "packages/envelope": ["core", "proto"],
  "packages/crypto": ["core", "proto", "envelope"],
  "packages/keys": ["core", "crypto"],
  "packages/object-store": ["core", "proto", "rpc", "envelope"],
  "packages/object-client": ["core", "proto", "rpc", "envelope", "crypto"],
  "packages/chain": ["core", "decoding", "proto", "rpc", "crypto"],
  "packages/ledger": ["core", "decoding", "machine", "proto", "rpc", "crypto"],
  "packages/contract": ["core", "decoding", "proto"],
  "packages/engine": ["core", "decoding", "proto", "contract"],
  "packages/sdk": [
    "core",
    "decoding",
    "machine",
    "proto",
    "envelope",
    "crypto",
    "object-client",
    "chain",
    "contract",
    "engine",
  ],
  "packages/party": [
    "core",
    "machine",
    "proto",
    "rpc",
    "crypto",
    "keys",
    "object-client",
    "chain",
    "contract",
    "engine",
    "sdk",
  ],
  "packages/environment": [
    "core",
    "crypto",
    "keys",
    "machine",
    "local-postgres",
    "object-store",
    "ledger",
    "provenanced",
    "rpc",
    "party",
  ],
  "packages/testkit": ["core", "machine", "local-postgres", "proto", "provenanced", "rpc", "envelope", "crypto"],
  "apps/object-store": ["core", "machine", "object-store"],
  "apps/cli": [
    "rpc",
    "core",
    "machine",
    "proto",
    "envelope",
    "crypto",
    "decoding",
    "keys",
    "object-client",
    "object-store",
    "chain",
    "ledger",
    "contract",
    "engine",
    "sdk",
    "keys",
    "party",
    "environment",
    "example-loan",
    "example-hello",
  ],
  "examples/hello": ["contract", "proto", "core"],
  "examples/loan": ["contract", "proto", "core"],
};

/** The folders of .proto files whose descriptors are loaded with a package: none of the chain's in a store. */
const KEYS = [".", "encryption", "io/provenance/scope/contract"];
const SPECIFICATIONS = [
  ".",
  "cosmos/base/query/v1beta1",
  "cosmos/base/v1beta1",
  "io/provenance/scope/contract",
  "provenance/metadata/v1",
  "provenance/metadata/v1/p8e",
];
const spoken: Record<string, readonly string[]> = {
  rpc: [],
  envelope: [".", "encryption"],
  crypto: KEYS,
  keys: KEYS,
  party: KEYS,
  "object-store": [".", "encryption", "grpc/health/v1", "objectstore", "p8e/mailbox/v1"],
  "object-client": [...KEYS, "objectstore", "p8e/mailbox/v1"],
  contract: SPECIFICATIONS,
  engine: SPECIFICATIONS,
};

const folders = packageFolders;
const importsOf = (folder: string) => sources.importsOf(`${folder}/src/**/*.ts`);

describe("the rule of imports", () => {
  it("knows every package", () => {
    assert.deepEqual(folders, Object.keys(allowed).sort());
  });

  for (const folder of folders) {
    it(`holds in ${folder}`, () => {
      const manifest = manifestOf(folder);
      for (const { to, at } of importsOf(folder)) {
        if (to.startsWith(".")) {
          const target = relative(resolve(root, folder), resolve(root, dirname(at), to));
          assert.ok(!target.startsWith(".."), `${at}: ${to} leaves its package`);
        } else if (to.startsWith("@p8e/")) {
          const name = to.slice(5).split("/")[0]!;
          if (to.slice(5) === manifest.name.slice(5)) continue;
          assert.ok(allowed[folder]!.includes(name), `${at}: ${folder} may not import ${to}`);
          assert.ok(manifest.dependencies?.[`@p8e/${name}`], `${at}: @p8e/${name} is not in its package.json`);
        } else if (!to.startsWith("node:")) {
          const name = to.startsWith("@") ? to.split("/").slice(0, 2).join("/") : to.split("/")[0]!;
          assert.ok(manifest.dependencies?.[name], `${at}: ${name} is not in its package.json`);
        }
      }
    });
  }

  it("keeps everything that can decrypt out of the object store, by any path", () => {
    const reached = new Set<string>();
    const walk = (name: string) => {
      if (reached.has(name)) return;
      reached.add(name);
      for (const { to } of importsOf(`packages/${name}`)) {
        if (to.startsWith("@p8e/")) walk(to.slice(5).split("/")[0]!);
        else if (/^(secp256k1|@noble\/|@scure\/bip)/.test(to)) reached.add(to);
      }
    };
    walk("object-store");
    // And what the program of the images is made of beside it.
    for (const { to } of importsOf("apps/object-store")) if (to.startsWith("@p8e/")) walk(to.slice(5).split("/")[0]!);
    assert.deepEqual(
      [...reached].filter((name) => name === "crypto" || name.startsWith("@") || name === "secp256k1"),
      [],
    );
    for (const name of reached) {
      for (const file of globSync(`packages/${name}/src/**/*.ts`, { cwd: root })) {
        const text = readFileSync(resolve(root, file), "utf8");
        assert.doesNotMatch(text, /createDecipher|createECDH|diffieHellman|hkdf/i, `${file} reaches for decryption`);
      }
    }
  });

  it("has no cycle", () => {
    const visit = (name: string, path: readonly string[]): void => {
      assert.ok(!path.includes(name), `cycle: ${[...path, name].join(" -> ")}`);
      for (const next of allowed[`packages/${name}`] ?? []) visit(next, [...path, name]);
    };
    visit("environment", []);
    visit("testkit", []);
  });

  it("lets every package be entered through its doors alone", () => {
    const doors = new Set(folders.flatMap((folder) => [...doorsOf(folder).keys()]));
    for (const folder of folders) {
      for (const { to, at } of importsOf(folder)) {
        if (to.startsWith("@p8e/")) assert.ok(doors.has(to), `${at}: ${to} is not a door of its package`);
      }
    }
  });

  it("loads nothing that holds a key, serves or speaks to anybody with a door for looking things up", () => {
    for (const door of ["party/src/profile/index.ts", "environment/src/profiles.ts", "keys/src/files/secret-file.ts"]) {
      const loaded = [...loadedWith(`packages/${door}`)].map((file) => file.split("/")[1]!);
      const own = door.split("/")[0]!;
      const strangers = loaded.filter((name) => !["core", "machine", "party", own].includes(name) && name !== "keys");
      assert.deepEqual(strangers, [], door);
    }
    const inspection = loadedWith("packages/object-store/src/inspection/index.ts");
    assert.deepEqual(
      [...inspection].filter((file) => /^packages\/(rpc|proto|envelope)\//.test(file)),
      [],
    );
  });

  it("lets a package load the wire contracts that it speaks, and no others", () => {
    const generated = "packages/proto/src/gen/";
    for (const [name, wanted] of Object.entries(spoken)) {
      const loaded = [...loadedWith(`packages/${name}/src/index.ts`)].filter((file) => file.startsWith(generated));
      assert.deepEqual([...new Set(loaded.map((file) => dirname(file.slice(generated.length))))].sort(), wanted, name);
    }
  });
});
