// The corpus of vectors/hostile: what is in it, and that a part of it ends as it should; all of it in
// hostile-corpus.slow.test.ts.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { corpusRuns, endings, expectations, otherwise, runCorpus } from "./hostile-corpus/corpus-runs.ts";
import { hostileFiles, shapeOf } from "./hostile-corpus/hostile-file.ts";

const FILES_MIN = 400;
const KIND_MIN = 25;
const kinds = [
  "buffers",
  "exports",
  "generators-and-promises",
  "memory",
  "numbers",
  "output-forms",
  "parser",
  "prototypes",
  "proxies-and-getters",
  "regular-expressions",
  "stack",
  "strings",
];

describe("the hostile corpus", () => {
  const files = hostileFiles();

  it("has files of every kind, and enough of each", () => {
    const count = Object.groupBy(files, ({ kind }) => kind);
    assert.deepEqual(Object.keys(count).sort(), kinds);
    for (const kind of kinds) assert.ok(count[kind]!.length >= KIND_MIN, `${kind}: ${count[kind]!.length}`);
    assert.ok(files.length >= FILES_MIN);
  });

  it("has no two files that differ in constants alone", () => {
    const first = new Map<string, string>();
    for (const file of files) {
      const shape = shapeOf(file);
      assert.equal(first.get(shape), undefined, `${file.name} is ${first.get(shape)} with other constants`);
      first.set(shape, file.name);
    }
  });

  it("says of each file that ends otherwise than it should why, and of no other", () => {
    const expected = new Map(files.map((file) => [file.name, file.expected]));
    for (const [name, { outcome }] of Object.entries(otherwise)) assert.notEqual(outcome, expected.get(name), name);
    for (const name of Object.keys(otherwise)) assert.ok(expected.has(name), name);
  });

  it("ends as it should: every forty-eighth file, in two processes that differ in time zone and language", async () => {
    const [first, second] = [corpusRuns[0]!, { ...corpusRuns[1]!, busy: 0 }];
    const share = "1/48";
    const ends = await runCorpus(first, share);
    assert.deepEqual(endings(ends), expectations(ends.keys()));
    assert.deepEqual(await runCorpus(second, share), ends);
  });
});
