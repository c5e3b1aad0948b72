// A client's process of its own: eight callers that never rest, until its standard input ends. Says after each hundred
// answers how many there were; anything that nobody caught ends it with an exit code that is not 0.
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { isP8eError } from "@p8e/core";
import { connectTo } from "./embedded-node.ts";

await using chain = await connectTo(process.argv[2] as string);
let ended = false;
let answers = 0;
process.stdin.on("end", () => (ended = true)).resume();

async function call(): Promise<void> {
  while (!ended) {
    try {
      await chain.height();
      answers += 1;
      if (answers % 100 === 0) process.stdout.write(`${answers}\n`);
    } catch (error) {
      if (!isP8eError(error) || error.code !== "ledger.unavailable") throw error;
      await delay(5);
    }
  }
}

await Promise.all(Array.from({ length: 8 }, call));
process.stdout.write("done\n");
