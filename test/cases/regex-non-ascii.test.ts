import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { it } from "node:test";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type StringValue, StringValueSchema } from "@bufbuild/protobuf/wkt";
import { buildContract, parseBundleHeader } from "@p8e/contract";
import { openSandbox } from "@p8e/engine";
import { bundleOf, nothing } from "../../packages/engine/test/hostile-bundle.ts";
import { root } from "../support/sources.ts";

const source = `import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { defineContract } from "@p8e/contract";
export default defineContract({ className: "example.Umlaut", scopes: ["example"], participants: ["OWNER"] }).fn(
  "look",
  { invokedBy: "OWNER", inputs: { text: StringValueSchema }, writes: "found", as: StringValueSchema },
  ({ inputs }) => {
    const größe = (inputs.text.value.match(/[äöü\\u{1f600}]/gu) ?? []).length;
    const tag = (parts: TemplateStringsArray) => parts.raw.join() + parts.join();
    return { value: [größe, tag\`ß\\n\`, "é", \`漢\`, String.raw\`\\ü\`].join("|") };
  },
);
`;

it("regular expressions and tagged templates with letters beyond ASCII are built, reproducibly, and mean what they say", async () => {
  const folder = await mkdtemp(join(root, "examples/hello/.case-"));
  try {
    await using sandbox = openSandbox();
    const entry = join(folder, "contract.ts");
    await writeFile(entry, source);
    const { bundle } = await buildContract({ entry, describe: (bytes) => sandbox.describe(bytes) });
    const value = toBinary(StringValueSchema, create(StringValueSchema, { value: "äbcü😀é" }));
    const { outcomes } = await sandbox.run(bundle, { ...nothing, inputs: [["text", value]], calls: ["look"] });
    const [outcome] = outcomes;
    assert.ok(outcome?.kind === "output");
    const found: StringValue = fromBinary(StringValueSchema, outcome.output);
    assert.equal(found.value, "3|ß\\n" + "ß\n|é|漢|\\ü");
  } finally {
    await rm(folder, { recursive: true });
  }
});

it("what is no text is refused with its place", () => {
  const bundle = bundleOf("return 1;");
  const with_ = (line: number, ...bytes: number[]) => {
    const text = Buffer.from(bundle).toString().split("\n");
    return Buffer.concat([Buffer.from(text.slice(0, line).join("\n")), Uint8Array.from(bytes), Buffer.from("\n")]);
  };
  assert.throws(() => parseBundleHeader(with_(2, 0x0d)), {
    code: "contract.invalid",
    message: "a bundle has line feeds and tabs, and no other control characters",
    facts: { character: "U+000d", line: 2 },
  });
  assert.throws(() => parseBundleHeader(with_(1, 0xc2, 0x85)), { facts: { character: "U+0085", line: 1 } });
  assert.throws(() => parseBundleHeader(with_(1, 0xff)), { message: "a bundle is UTF-8 text, and this is not" });
  assert.equal(parseBundleHeader(with_(2, 0xc3, 0xa4)).className, "test.Hostile");
});
