// docs/guides/backup.md, command by command; but for restic's, which docs/guides/not-run.json lists.
import assert from "node:assert/strict";
import { it } from "node:test";
import { freePort } from "@p8e/machine";
import { GuideWalk, guideSteps } from "./support/guide.ts";

it("the guide of a backup leads where it says", { timeout: 300_000 }, async () => {
  const ports = new Map<string, string>();
  for (const port of ["8080", "9090"]) ports.set(port, String(await freePort()));
  const text = (commands: string) =>
    commands.replaceAll(/127\.0\.0\.1:(\d+)/g, (_, port: string) => `127.0.0.1:${ports.get(port) ?? port}`);
  await using walk = new GuideWalk(new Map([["host", { before: [], text }]]));
  const printed: string[] = [];
  for (const step of guideSteps("backup.md")) {
    if (step.stopped) await walk.stop();
    const output = step.serves ? await walk.serve(step) : await walk.run(step);
    printed.push(output);
    const hash = /^ +hash +(\S+)$/m.exec(output)?.[1];
    if (step.commands.includes("p8e put")) walk.variables["HASH"] = hash ?? assert.fail(output);
  }
  const all = printed.join("\n");
  assert.match(all, /^ +objects +1$/m);
  assert.equal(all.match(/the backup lacks nothing that was looked for/g)?.length, 2);
  assert.match(all, /^ +opened +1 objects, chosen at random$/m);
  assert.match(all, /nothing that .+ keeps was found damaged or missing/);
});
