import assert from "node:assert/strict";
import { it } from "node:test";
import { eventually } from "@p8e/testkit";
import { type GuideStep, GuideWalk, guideSteps } from "./support/guide.ts";

/** What a step that comes before its mail, or before its objects, says. */
const LATER = /session\.not_found|object\.not_found|ledger\.not_found|verify\.not_shown/;

it("the guide of sessions that several sign leads where it says", { timeout: 300_000 }, async () => {
  let session = "";
  let scope = "";
  const text = (commands: string) => commands.replaceAll("SESSION", session).replaceAll("SCOPE", scope);
  await using walk = new GuideWalk(new Map([["here", { before: [], text }]]));
  const run = async (step: GuideStep, pattern = /(?:)/) => {
    const printed = await eventually(
      step.commands,
      () => walk.run(step),
      (shown) => pattern.test(shown),
      { limitMs: 60_000, isLater: (error) => error instanceof assert.AssertionError && LATER.test(error.message) },
    );
    session = /^ +session +([0-9a-f-]{36})$/m.exec(printed)?.[1] ?? session;
    scope = /^ +scope +(scope1[0-9a-z]+)$/m.exec(printed)?.[1] ?? scope;
    return printed;
  };
  const printed: string[] = [];
  for (const step of guideSteps("agreement.md")) {
    if (step.serves) printed.push(await walk.serve(step));
    else if (step.commands.includes("session list")) printed.push(await run(step, /rejected/));
    else {
      // One command after the other, since the later ones name what an earlier one prints.
      const commands = step.commands.replaceAll("\\\n", "").trim().split("\n");
      const whole = commands.some((each) => / session show | verify /.test(each));
      for (const each of whole ? [commands.join("\n")] : commands) printed.push(await run({ ...step, commands: each }));
    }
  }
  const all = printed.join("");
  assert.match(all, /shakeHands/);
  assert.match(all, /may write 2 MsgWriteSessionRequest messages on any scope of yours until/);
  assert.match(all, /evidence of session example\.hello\.Handshake/);
  assert.match(all, /rejected/);
});
