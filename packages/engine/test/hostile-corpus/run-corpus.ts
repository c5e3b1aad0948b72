// Runs files of the hostile corpus and prints a line of JSON for how each ended. Arguments: the share that is run, as
// "1/8" for every eighth, or words of which a name has one; none for all.
import { hostileFiles } from "./hostile-file.ts";
import { openHostileSandbox, runHostileFile } from "./run-hostile-file.ts";

const words = process.argv.slice(2);
const share = /^(\d+)\/(\d+)$/.exec(words[0] ?? "");
const chosen = hostileFiles().filter(({ name }, index) => {
  if (share !== null) return index % Number(share[2]) === Number(share[1]) - 1;
  return words.length === 0 || words.some((word) => name.includes(word));
});

await using sandbox = openHostileSandbox();
for (const file of chosen) process.stdout.write(`${JSON.stringify(await runHostileFile(sandbox, file))}\n`);
