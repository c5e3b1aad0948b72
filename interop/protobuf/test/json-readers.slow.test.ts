// Protobuf's JSON as everybody reads it: what ours takes, protobuf-go and Java both take, and read as the same message.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { createFileRegistry, type FileRegistry, fromBinary, type JsonValue, toJson } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { isP8eError, utf8Encode } from "@p8e/core";
import { messageBytesFromJson } from "@p8e/decoding";
import { optionalPeer } from "../../jvm/maven.ts";
import { edgeCases, type JsonCase, randomCases } from "../json-cases.ts";
import { type Answer, goReader, javaReader, type Reader, typesFile } from "../readers.ts";

const RANDOM_COUNT = 20_000;

/** What both others take and read alike, and ours refuses; docs/protocol/protobuf-json.md says why. */
const stricter: readonly RegExp[] = [
  /"t":"[^"]*T\d:/, // an hour of one digit
  /"t":"[^"]*[+-](?:24:\d\d|\d\d:60)"/, // an offset that no clock has
  /"w?f":"1\\u0000"/, // a blank that they trim
];
const isStricter = ({ text }: JsonCase) => stricter.some((form) => form.test(text)) || nesting(text) > 49;

const java = await optionalPeer("protobuf's JSON as Java reads it", javaReader);
if (java !== undefined) {
  describe("protobuf's JSON", { timeout: 600_000 }, () => {
    let registry: FileRegistry;
    let go: Reader;
    before(async () => {
      registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(typesFile)));
      go = await goReader();
    });
    const seed = Math.floor(Math.random() * 2 ** 32);
    let failed = true;
    after(() => {
      if (failed) process.stdout.write(`seed ${seed}\n`);
    });

    it("has the types that the comparison's .proto files say", () => {
      const folder = join(typesFile, "..");
      const buf = join(folder, "../../node_modules/.bin/buf");
      const built = execFileSync(buf, ["build", "-o", "-"], { cwd: folder, maxBuffer: 1 << 24 });
      assert.deepEqual(built, readFileSync(typesFile));
    });

    it("is read at the edges of each kind of value as Go and Java both read it", () => compare(edgeCases()));

    it("is read in what chance makes as Go and Java both read it", () => compare(randomCases(8, RANDOM_COUNT)));

    it("is read so with another seed each time", () => {
      compare(randomCases(seed, RANDOM_COUNT));
      failed = false;
    });

    function compare(cases: readonly JsonCase[]): void {
      const given = cases.map(({ typeName, text }) => ({ form: "json" as const, typeName, bytes: utf8Encode(text) }));
      const [goes, javas] = [go(given), java!(given)];
      let taken = 0;
      for (const [index, one] of cases.entries()) {
        const mine = meaning(one, ours(one));
        const [goMeans, javaMeans] = [meaning(one, goes[index]!), meaning(one, javas[index]!)];
        const agreed = goMeans !== undefined && goMeans === javaMeans ? goMeans : undefined;
        if (mine === undefined && agreed !== undefined && isStricter(one)) continue;
        assert.equal(mine, agreed, one.text);
        if (mine !== undefined) taken += 1;
      }
      assert.ok(taken > cases.length / 4, `${taken} of ${cases.length} texts were taken`);
    }

    function ours({ typeName, text }: JsonCase): Answer {
      try {
        return { bytes: messageBytesFromJson(registry.getMessage(typeName)!, text, registry, { what: "the text" }) };
      } catch (error) {
        if (isP8eError(error)) return { refused: error.message };
        throw error;
      }
    }

    /** What the message says, whatever the order of its maps is. */
    function meaning({ typeName }: JsonCase, answer: Answer): string | undefined {
      if ("refused" in answer) return undefined;
      const schema = registry.getMessage(typeName)!;
      const message = fromBinary(schema, answer.bytes, { recursionLimit: 10_000 });
      try {
        return JSON.stringify(sorted(toJson(schema, message, { registry })));
      } catch {
        // The library writes no JSON for this: an Any without a type, say.
        return Buffer.from(answer.bytes).toString("base64");
      }
    }
  });
}

function sorted(value: JsonValue): JsonValue {
  if (Object.is(value, -0)) return "negative zero";
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key]!)]),
  );
}

/** How deep brackets go. */
function nesting(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const character of text) {
    if (character === "[" || character === "{") depth += 1;
    else if (character === "]" || character === "}") depth -= 1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}
