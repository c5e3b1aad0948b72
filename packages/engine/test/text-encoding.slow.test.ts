import assert from "node:assert/strict";
import { after, it } from "node:test";
import { bundleHeaderLine } from "@p8e/contract";
import { utf8Encode } from "@p8e/core";
import { openSandbox } from "@p8e/engine";
import fc from "fast-check";

const sandbox = openSandbox();
after(() => sandbox[Symbol.asyncDispose]());

// Decodes the payload and encodes it again; answers one byte 0 where the bytes are refused, else 1 and the bytes.
const bundle = utf8Encode(`${bundleHeaderLine("test.Text")}
let given;
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
export const describe = () => "{}";
export const load = (index, payload) => { given = JSON.parse(index).inputs.map(([, at, length]) => new Uint8Array(payload, at, length)); };
export const call = () => {
  const parts = given.map((bytes) => {
    try { const text = decoder.decode(bytes); return [1, text.length & 255, ...encoder.encode(text)]; } catch { return [0]; }
  });
  return new Uint8Array(parts.flatMap((part) => [part.length & 255, part.length >> 8, ...part]));
};
`);

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function expected(bytes: Uint8Array): readonly number[] {
  try {
    return [1, strict.decode(bytes).length & 255, ...bytes];
  } catch {
    return [0];
  }
}

async function throughGuest(values: readonly Uint8Array[]): Promise<readonly (readonly number[])[]> {
  const { outcomes } = await sandbox.run(bundle, {
    startedAt: { seconds: 0n, nanos: 0 },
    records: [],
    inputs: values.map((bytes, index) => [`v${index}`, bytes]),
    calls: ["go"],
  });
  const [outcome] = outcomes;
  assert.ok(outcome?.kind === "output");
  const parts: (readonly number[])[] = [];
  for (let at = 0; at < outcome.output.length; ) {
    const length = outcome.output[at]! + outcome.output[at + 1]! * 256;
    parts.push([...outcome.output.subarray(at + 2, at + 2 + length)]);
    at += 2 + length;
  }
  return parts;
}

it("text in the sandbox is decoded as strictly as by the platform, and encoded to the same bytes", async () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.string({ unit: "binary", maxLength: 40 }).map((text) => utf8Encode(text)),
    fc.string({ unit: "grapheme", maxLength: 3000 }).map((text) => utf8Encode(text)),
    fc
      .array(fc.constantFrom(0xc0, 0xe0, 0xed, 0xa0, 0xef, 0xbb, 0xbf, 0xf0, 0xf4, 0x80, 0x8f, 0x90, 0x41, 0))
      .map((list) => Uint8Array.from(list)),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(bytes, { minLength: 1, maxLength: 20 }), async (values) => {
      assert.deepEqual(await throughGuest(values), values.map(expected));
    }),
    { numRuns: 60 },
  );
});

it("half a surrogate pair has no bytes", async () => {
  const { attack } = await import("./hostile-bundle.ts");
  for (const half of ["\\ud800", "\\udfff", "a\\ud800b", "\\udc00\\ud800"]) {
    const outcome = await attack(sandbox, `return new TextEncoder().encode("${half}");`);
    assert.equal(outcome.kind === "failure" && outcome.failure.name, "TypeError");
  }
});
