import assert from "node:assert/strict";
import { cp, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { AnySchema, FileDescriptorSetSchema, StringValueSchema } from "@bufbuild/protobuf/wkt";
import {
  buildContract,
  type ContractManifest,
  locatedFailure,
  manifestText,
  parseBundleHeader,
  sourcePlaces,
  verifyManifest,
} from "@p8e/contract";
import { hashContent, isP8eError, type P8eError, utf8Decode } from "@p8e/core";
import { failureError, openSandbox, type Sandbox } from "@p8e/engine";

const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}.ts`, import.meta.url));
const nodeModules = fileURLToPath(new URL("../../../node_modules", import.meta.url));

let sandbox: Sandbox;
let folder: string;
const describeBundle = (bundle: Uint8Array) => sandbox.describe(bundle);
const build = (entry: string) => buildContract({ entry, describe: describeBundle });

/** A source file in a folder of its own, far away from this package. */
async function source(name: string, text: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, text);
  return file;
}

before(async () => {
  sandbox = openSandbox();
  folder = await realpath(await mkdtemp(join(tmpdir(), "p8e-build-")));
  await symlink(nodeModules, join(folder, "node_modules"));
});
after(async () => {
  await sandbox[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

describe("a build", () => {
  it("packs an Any under the ledger's type URL, and warns of the library's own way", async () => {
    const contract = (pack: string, from: string) => `
      import { AnySchema, StringValueSchema, ${from === "library" ? "anyPack" : "StructSchema"} } from "@bufbuild/protobuf/wkt";
      import { create } from "@bufbuild/protobuf";
      import { defineContract${from === "library" ? "" : ", packAny"} } from "@p8e/contract";
      export default defineContract({ className: "x.Packs", scopes: ["x"], participants: ["OWNER"] }).fn(
        "pack", { invokedBy: "OWNER", inputs: { text: StringValueSchema }, writes: "packed", as: AnySchema },
        ({ inputs }) => ${pack}(StringValueSchema, create(StringValueSchema, { value: inputs.text.value })));`;
    const packed = async (text: string) => {
      const { bundle, sourceWarnings } = await build(await source("packs.ts", text));
      const value = toBinary(StringValueSchema, create(StringValueSchema, { value: "x" }));
      const request = { startedAt: { seconds: 0n, nanos: 0 }, records: [], inputs: [["text", value]], calls: ["pack"] };
      const { outcomes } = await sandbox.run(bundle, request as never);
      const [outcome] = outcomes;
      assert.ok(outcome?.kind === "output");
      const { typeUrl } = fromBinary(AnySchema, outcome.output);
      return [typeUrl, sourceWarnings.map(({ rule, where }) => `${rule} ${where}`)];
    };
    assert.deepEqual(await packed(contract("packAny", "p8e")), ["/google.protobuf.StringValue", []]);
    assert.deepEqual(await packed(contract("anyPack", "library")), [
      "type.googleapis.com/google.protobuf.StringValue",
      ["library-any-pack packs.ts"],
    ]);
  });

  it("gives one ASCII module without imports, headed by ABI and class name", async () => {
    const { bundle } = await build(fixture("servicing"));
    const text = new TextDecoder().decode(bundle);
    assert.ok(text.startsWith("// p8e-contract abi=2 class=example.loan.UpdateServicing\n"));
    assert.match(text, /^[\t\n\x20-\x7e]*$/);
    assert.doesNotMatch(text, /\bimport\b\s*[({"'*.a-z]/);
    assert.deepEqual(parseBundleHeader(bundle), { abi: 2, className: "example.loan.UpdateServicing" });
  });

  it("gives the same bytes from the same source in another folder", async () => {
    const elsewhere = join(folder, "servicing.ts");
    await cp(fixture("servicing"), elsewhere);
    const [here, there] = await Promise.all([build(fixture("servicing")), build(elsewhere)]);
    assert.equal(hashContent(there.bundle), hashContent(here.bundle));
    assert.equal(manifestText(there.manifest), manifestText(here.manifest));
    const text = new TextDecoder().decode(here.bundle);
    for (const leak of [folder, "node_modules", "fixtures", "/packages/"]) assert.ok(!text.includes(leak), leak);
  });

  it("ends when it is cancelled, in whichever step", async () => {
    const entry = fixture("servicing");
    const cancelled = { code: "rpc.cancelled" };
    await assert.rejects(buildContract({ entry, describe: describeBundle, signal: AbortSignal.abort() }), cancelled);
    const compiling = new AbortController();
    const build = buildContract({ entry, describe: describeBundle, signal: compiling.signal });
    compiling.abort();
    await assert.rejects(build, cancelled);
    const describing = new AbortController();
    const describe: typeof sandbox.describe = (bundle, options) => {
      describing.abort();
      return sandbox.describe(bundle, options);
    };
    await assert.rejects(buildContract({ entry, describe, signal: describing.signal }), cancelled);
  });

  it("gives a manifest that says all there is to know", async () => {
    const { bundle, manifest, types } = await build(fixture("servicing"));
    const string = { typeName: "google.protobuf.StringValue", className: "com.google.protobuf.StringValue" };
    const int32 = { typeName: "google.protobuf.Int32Value", className: "com.google.protobuf.Int32Value" };
    const double = { typeName: "google.protobuf.DoubleValue", className: "com.google.protobuf.DoubleValue" };
    const struct = { typeName: "google.protobuf.Struct", className: "com.google.protobuf.Struct" };
    const expected = {
      format: 1,
      abi: 2,
      className: "example.loan.UpdateServicing",
      scopes: ["example.loan"],
      participants: ["OWNER", "SERVICER"],
      records: [
        { name: "terms", ...string, optional: false },
        { name: "history", ...struct, optional: true },
      ],
      functions: [
        { name: "Rate", invokedBy: "SERVICER", inputs: [], writes: { name: "rate", ...double }, lineage: [] },
        {
          name: "appendEvent",
          invokedBy: "SERVICER",
          inputs: [
            { name: "event", ...string },
            { name: "days", ...int32 },
          ],
          writes: { name: "history", ...struct },
          lineage: ["terms"],
        },
        {
          name: "setGrace",
          invokedBy: "OWNER",
          inputs: [{ name: "days", ...int32 }],
          writes: { name: "grace", ...int32 },
          lineage: [],
          skipIfExists: "history",
        },
      ],
      bundle: { hash: hashContent(bundle), sizeBytes: bundle.length },
      types: { hash: hashContent(types.bytes), sizeBytes: types.bytes.length },
      warnings: [
        {
          rule: "output-map",
          where: "output of appendEvent",
          message: "holds a map, whose order other implementations may write differently: history.fields",
        },
        {
          rule: "output-float",
          where: "output of appendEvent",
          message: "holds a floating-point number, whose arithmetic may differ elsewhere: history.fields.number_value",
        },
        {
          rule: "output-float",
          where: "output of Rate",
          message: "holds a floating-point number, whose arithmetic may differ elsewhere: rate.value",
        },
      ],
    };
    assert.deepEqual(JSON.parse(manifestText(manifest)), expected);
  });

  it("carries the types of exactly the files that are needed, each behind those it imports", async () => {
    const { types } = await build(fixture("servicing"));
    assert.deepEqual(
      fromBinary(FileDescriptorSetSchema, types.bytes).file.map((file) => file.name),
      ["google/protobuf/struct.proto", "google/protobuf/wrappers.proto"],
    );
    assert.equal(types.messageOfClass("com.google.protobuf.Struct").typeName, "google.protobuf.Struct");
  });
});

describe("a build that cannot be", () => {
  const head =
    'import { defineContract } from "@p8e/contract";\nimport { StringValueSchema } from "@bufbuild/protobuf/wkt";\n';
  const tail =
    'export default defineContract({ className: "a.B", scopes: ["a"], participants: ["OWNER"] })' +
    '.fn("f", { invokedBy: "OWNER", inputs: {}, writes: "r", as: StringValueSchema }, () => ({ value: String(used) }));\n';

  it("has a source map beside it, which names places as people do, and no folder of this machine", async () => {
    const { map, bundle } = await build(await source("mapped.ts", `${head}const used = 7;\n${tail}`));
    assert.ok(!map.includes(folder) && !map.includes(nodeModules));
    const lines = utf8Decode(bundle).split("\n");
    const line = lines.findIndex((text) => text.includes('"a.B"'));
    const places = sourcePlaces(map);
    assert.equal(places.placeOf(line + 1, lines[line]!.indexOf('"a.B"') + 1)?.file, "mapped.ts");
    assert.equal(places.placeOf(1, 1), undefined);
    assert.throws(() => sourcePlaces("{}"), { code: "input.invalid" });
  });

  const failures: Record<string, readonly [text: string, error: RegExp]> = {
    "a syntax error, with its place": ["export default 1 +;\n", /^a\.ts:1:\d+: /],
    "a module of Node.js": [`${head}import used from "node:fs";\n${tail}`, /Could not resolve "node:fs"/],
    "an unknown package": [
      `${head}import used from "no-such-package";\n${tail}`,
      /Could not resolve "no-such-package"/,
    ],
    "a part of this package that only the host has": [
      `import { buildContract as used } from "@p8e/contract";\n${head}${tail}`,
      /No matching export .*buildContract/,
    ],
    "waiting while it loads": [`${head}const used = await 1;\n${tail}`, /Top-level await/],
    "no default export": ["export const other = 1;\n", /No matching export .*default/],
  };
  for (const [what, [text, error]] of Object.entries(failures)) {
    it(`says why: ${what}`, async () => {
      await assert.rejects(build(await source("a.ts", text)), (thrown) => {
        assert.ok(isP8eError(thrown) && thrown.code === "contract.build_failed");
        assert.match((thrown.facts.errors as readonly string[])[0]!, error);
        return true;
      });
    });
  }

  it("says so if the default export is no contract", async () => {
    await assert.rejects(build(await source("b.ts", "export default { className: 'x' };\n")), {
      code: "contract.failed",
      message: "the entry file must export a contract as default: defineContract(...)",
    });
  });

  it("fails at a place in its source for who has the map, and at one in the bundle for who has not", async () => {
    const text = `${head}function used(at) {\n  const { list } = at;\n  return list.length;\n}\n${tail.replace("used)", "used({}))")}`;
    const { bundle, map } = await build(await source("thrower.js", text));
    const request = { startedAt: { seconds: 0n, nanos: 0 }, records: [], inputs: [], calls: ["f"] };
    const [outcome] = (await sandbox.run(bundle, request)).outcomes;
    assert.ok(outcome?.kind === "failure");
    const error = failureError(outcome.failure);
    const located = locatedFailure(error, sourcePlaces(map)) as P8eError;
    assert.deepEqual([located.facts.file, located.facts.line, located.facts.position], ["thrower.js", 5, undefined]);
    const { message, hint, facts } = locatedFailure(error, undefined) as P8eError;
    assert.match(String(facts.position), /^bundle\.js:\d+:\d+$/);
    assert.equal(message, error.message);
    assert.match(hint ?? "", /source map/);
    const refusal = failureError({ ...outcome.failure, facts: { rule: "r", field: "f" } });
    assert.equal(locatedFailure(refusal, undefined), refusal);
  });

  it("names what the contract reached for while it loaded, and where", async () => {
    const said = { step: "load bundle", error: "NoAuthority", message: "a contract has no Date" };
    await assert.rejects(build(await source("c.ts", `${head}const used = Date.now();\n${tail}`)), {
      code: "contract.no_authority",
      facts: { name: "Date", file: "c.ts", line: 3, ...said },
    });
  });

  it("refuses dynamic imports, CommonJS and paths", async () => {
    await source("late.ts", "export const x = 1;\n");
    await source("old.cjs", "module.exports = { old: __dirname };\n");
    const text = `${head}import old from "./old.cjs";\nconst used = () => [import("./late.ts"), old, ${JSON.stringify(folder)}];\n${tail}`;
    await assert.rejects(build(await source("d.ts", text)), (thrown) => {
      assert.ok(isP8eError(thrown) && thrown.code === "contract.invalid");
      assert.deepEqual(thrown.facts.rules, ["es-modules", "no-dynamic-import", "no-paths"]);
      return true;
    });
  });

  it("lists all broken rules at once", async () => {
    await assert.rejects(build(fixture("broken")), (thrown) => {
      assert.ok(isP8eError(thrown) && thrown.code === "contract.invalid");
      assert.deepEqual(thrown.facts.faults, [
        'the contract has the class name "1bad name"; it must be dotted identifiers, such as example.RecordLoan (class-name)',
        'the contract names the scope specification "a b"; names have 1 to 200 of the characters A-Z a-z 0-9 . _ - (names)',
        "the contract names the scope specification Same twice (scopes-distinct)",
        "the contract has the participant LENDER, which is no role (participants-known)",
        "the contract has the participant OWNER twice (participants-distinct)",
        "record TERMS is there twice, regardless of case (names-distinct)",
        "function ONE is there twice, regardless of case (names-distinct)",
        'output record "t\u00e4x" is badly named; names have 1 to 200 of the characters A-Z a-z 0-9 . _ - (names)',
        "output record OUT is there twice, regardless of case (names-distinct)",
        "function one is invoked by SERVICER, which is no participant (invoked-by-participant)",
        "function one has TERMS as lineage, which is no required record (lineage-required)",
        "function one is skipped if terms exists, which is no optional record (skip-optional)",
        "function ONE has the input terms twice, regardless of case (inputs-distinct)",
        "input x is a google.protobuf.Int32Value in two, but ONE has x as a google.protobuf.StringValue (input-types-agree)",
        "the bundle is headed p8e.Unnamed, but calls itself 1bad name (header)",
      ]);
      return true;
    });
    await assert.rejects(build(fixture("empty")), (thrown) => {
      assert.ok(isP8eError(thrown));
      assert.deepEqual(thrown.facts.rules, ["scope-named", "participant-present", "function-present"]);
      return true;
    });
  });
});

describe("a manifest", () => {
  it("is accepted if the bundle gives the same one", async () => {
    const { bundle, manifest } = await build(fixture("servicing"));
    const parsed = JSON.parse(manifestText(manifest)) as ContractManifest;
    assert.deepEqual((await verifyManifest(parsed, bundle, describeBundle)).manifest, manifest);
  });

  it("is refused if anything in it is different, or the bundle is", async () => {
    const { bundle, manifest } = await build(fixture("servicing"));
    await assert.rejects(verifyManifest({ ...manifest, scopes: ["other"] }, bundle, describeBundle), {
      code: "contract.bundle_corrupt",
    });
    const flipped = bundle.slice();
    flipped[5000]! ^= 1;
    await assert.rejects(verifyManifest(manifest, flipped, describeBundle), {
      code: "contract.bundle_corrupt",
      facts: { expected: manifest.bundle.hash, actual: hashContent(flipped) },
    });
  });
});
