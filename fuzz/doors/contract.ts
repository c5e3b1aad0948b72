import { utf8Decode, utf8Encode } from "@p8e/core";
import { openSandbox } from "@p8e/engine";
import { hostileFiles, parseHostileFile } from "../../packages/engine/test/hostile-corpus/hostile-file.ts";
import { runHostileFile } from "../../packages/engine/test/hostile-corpus/run-hostile-file.ts";
import type { Door } from "../door.ts";
import type { Random } from "../random.ts";

const MIB = 1024 * 1024;
const FUEL = 20_000_000;

/** The code of a contract: lines of the hostile corpus, mixed. */
export async function openDoor(): Promise<Door> {
  const limits = { memoryBytes: 4 * MIB, fuel: FUEL, loadFuel: FUEL, outputBytes: MIB / 4 };
  const sandbox = openSandbox({ limits });
  const sources = hostileFiles()
    .filter(({ form, source }) => form === "text" && source.length < 1000)
    .map(({ source }) => source);
  const lines = sources.flatMap((source) => source.split("\n")).filter((line) => line !== "");
  const words = [...new Set(sources.join("\n").match(/[A-Za-z]+|[^\sA-Za-z]+/g))];
  return {
    seeds: sources.slice(0, 40).map((source) => utf8Encode(source)),
    words,
    bytesMax: 4000,
    generate: (random) => utf8Encode(mixed(random, lines, words)),
    async run(input) {
      let source: string;
      try {
        source = utf8Decode(input);
      } catch {
        return;
      }
      const file = parseHostileFile("fuzz/x", `// A mixed contract.\n// expect: anything\n\n${source}`);
      const { outcome, message } = await runHostileFile(sandbox, file);
      if (/internal\.unexpected|contract\.timeout/.test(outcome)) throw new Error(`${outcome}: ${message}`);
    },
    [Symbol.asyncDispose]: () => sandbox[Symbol.asyncDispose](),
  };
}

function mixed(random: Random, lines: readonly string[], words: readonly string[]): string {
  const chosen = Array.from({ length: 1 + random.size(8) }, () => random.pick(lines));
  if (random.oneIn(2)) return chosen.map((line) => `try { ${line} } catch {}`).join("\n");
  return chosen
    .map((line) => (random.oneIn(3) ? line.replace(/\d+/, () => String(random.size(2 ** 31))) : line))
    .map((line) => (random.oneIn(4) ? line.replace(random.pick(words), random.pick(words)) : line))
    .join("\n");
}
