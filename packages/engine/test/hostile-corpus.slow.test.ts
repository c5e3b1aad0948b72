import assert from "node:assert/strict";
import { it } from "node:test";
import { corpusRuns, endings, expectations, runCorpus } from "./hostile-corpus/corpus-runs.ts";
import { hostileFiles } from "./hostile-corpus/hostile-file.ts";

it("every hostile file ends as it should, charged alike: other time zone and language, busy machine, both compilers", async () => {
  const [first, ...others] = corpusRuns;
  const ends = await runCorpus(first!);
  assert.equal(ends.size, hostileFiles().length);
  assert.deepEqual(endings(ends), expectations(ends.keys()));
  for (const run of others) assert.deepEqual(await runCorpus(run), ends, run.name);
});
