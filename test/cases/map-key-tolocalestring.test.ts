import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { it } from "node:test";
import { fromBinary, fromJson, toBinary, toJson } from "@bufbuild/protobuf";
import { StructSchema } from "@bufbuild/protobuf/wkt";
import { buildContract } from "@p8e/contract";
import { openSandbox } from "@p8e/engine";
import { nothing } from "../../packages/engine/test/hostile-bundle.ts";
import { root } from "../support/sources.ts";

const source = `import { StructSchema } from "@bufbuild/protobuf/wkt";
import { defineContract } from "@p8e/contract";
export default defineContract({ className: "example.Map", scopes: ["example"], participants: ["OWNER"] }).fn(
  "copy",
  { invokedBy: "OWNER", inputs: { map: StructSchema }, writes: "copied", as: StructSchema },
  ({ inputs }) => ({ fields: { ...inputs.map.fields } }),
);
`;

it("a map's key may be the name of anything that a contract does not have or that objects have", async () => {
  const folder = await mkdtemp(join(root, "examples/hello/.case-"));
  try {
    await using sandbox = openSandbox();
    const entry = join(folder, "contract.ts");
    await writeFile(entry, source);
    const { bundle } = await buildContract({ entry, describe: (bytes) => sandbox.describe(bytes) });
    const names = [
      "toLocaleString",
      "localeCompare",
      "toString",
      "constructor",
      "hasOwnProperty",
      "valueOf",
      "Date",
      "fetch",
    ];
    const map = fromJson(StructSchema, Object.fromEntries(names.map((name, index) => [name, index])));
    const { outcomes } = await sandbox.run(bundle, {
      ...nothing,
      inputs: [["map", toBinary(StructSchema, map)]],
      calls: ["copy"],
    });
    const [outcome] = outcomes;
    assert.ok(outcome?.kind === "output", JSON.stringify(outcome));
    assert.deepEqual(toJson(StructSchema, fromBinary(StructSchema, outcome.output)), toJson(StructSchema, map));
  } finally {
    await rm(folder, { recursive: true });
  }
});
