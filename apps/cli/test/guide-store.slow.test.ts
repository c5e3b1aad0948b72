// docs/guides/store.md, command by command.
import assert from "node:assert/strict";
import { it } from "node:test";
import { freePort } from "@p8e/machine";
import { GuideWalk, guideSteps } from "./support/guide.ts";

it("the guide of a store leads where it says", { timeout: 300_000 }, async () => {
  const ports = new Map<string, string>();
  for (const port of ["8080", "9090", "9464"]) ports.set(port, String(await freePort()));
  const text = (commands: string) =>
    commands.replaceAll(/127\.0\.0\.1:(\d+)/g, (_, port: string) => `127.0.0.1:${ports.get(port) ?? port}`);
  await using walk = new GuideWalk(new Map([["host", { before: [], text }]]));
  const printed: string[] = [];
  for (const step of guideSteps("store.md")) {
    if (step.stopped) await walk.stop();
    const output = step.serves ? await walk.serve(step) : await walk.run(step);
    printed.push(output);
    const hash = /^ +hash +(\S+)$/m.exec(output)?.[1];
    if (step.commands.includes("p8e put")) walk.variables["HASH"] = hash ?? assert.fail(output);
  }
  const all = printed.join("\n");
  assert.match(all, /^alive$/m);
  assert.match(all, /"ready":true,"database":true,"schema":true,"storage":true,"draining":false/);
  assert.match(all, /^p8e_store_ready\{part="database"\} 1$/m);
  assert.match(all, /"service":"ObjectService"|"call":"Put"/);
  assert.match(all, /nothing that .+ keeps was found damaged or missing/);
});
