import assert from "node:assert/strict";
import { copyFileSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { type GuideMachine, type GuideStep, GuideWalk, guideSteps } from "./guide.ts";

const TRIES = 60;

/**
 * Walks through `docs/guides/two-organisations.md`: runs its commands as they stand there, and between them does what the
 * page says in words: reads a hash, a scope, a fingerprint off the screen, and sends the cards.
 * @param whileUp called at the end, while everything runs
 */
export async function walkTwoOrganisations(
  machines: ReadonlyMap<string, GuideMachine>,
  whileUp: () => void = () => undefined,
): Promise<void> {
  await using walk = new GuideWalk(machines);
  let ran = 0;
  for (const step of guideSteps("two-organisations.md")) {
    ran++;
    if (step.serves) {
      await walk.serve(step);
      continue;
    }
    const printed = isReading(step) ? await eventually(() => walk.run(step)) : await walk.run(step);
    note(walk, step, printed);
  }
  assert.equal(ran, 15, "the page has other steps than this test knows of");
  assert.equal(readFileSync(walk.path("bank", "bank/deed.txt"), "utf8"), "This is a deed.\n");
  whileUp();
}

/** What is on its way between two stores is not there yet. */
function isReading({ machine, commands }: GuideStep): boolean {
  return machine === "bank" && /p8e (get|verify) /.test(commands);
}

function note(walk: GuideWalk, { machine, commands }: GuideStep, printed: string): void {
  const read = (pattern: RegExp) => pattern.exec(printed)?.[1] ?? assert.fail(`not printed: ${pattern}\n${printed}`);
  if (commands.includes("p8e party card")) {
    walk.variables[`${machine.toUpperCase()}_FINGERPRINT`] = read(/fingerprint ([0-9a-f-]+):/);
    const to = machine === "lender" ? "bank" : "lender";
    const card = `${machine}-card.json`;
    copyFileSync(walk.path(machine, machine, card), walk.path(to, to, card));
  }
  if (commands.includes("p8e put")) walk.variables["HASH"] = read(/^ +hash +(\S+)$/m);
  if (commands.includes("contract execute")) walk.variables["SCOPE"] = read(/^ +scope +(scope1\S+)$/m);
}

async function eventually(attempt: () => Promise<string>): Promise<string> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (tries === TRIES || !(error instanceof assert.AssertionError)) throw error;
      if (!/object\.not_found/.test(error.message)) throw error;
    }
    await delay(500);
  }
}
