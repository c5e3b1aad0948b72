import assert from "node:assert/strict";
import { it } from "node:test";
import { freePort } from "@p8e/machine";
import { optionalProvenanced } from "@p8e/testkit";
import { type GuideStep, GuideWalk, guideSteps } from "./support/guide.ts";

/** What the page says in words: what a person reads off the screen, by the variable that the commands below name it by. */
const readings: readonly (readonly [variable: string, from: RegExp, printed: RegExp])[] = [
  ["SCOPE", /npm start/, /npx p8e scope show (scope1\S+)/],
  ["NODE", /p8e up/, /Provenance node +(grpc:\/\/\S+)/],
  ["LENDER", /account show --as lender/, /^ +account +(tp1\S+)/m],
  ["MINE", /p8e init/, /^ +account +(tp1\S+)/m],
  ["OWN", /new-scope example.hello --input person=\.\.\/person.json\n$/, /^ +scope +(scope1\S+)$/m],
];

await optionalProvenanced("the guide of a Provenance node", ({ program }) => {
  it("the guide of a Provenance node leads where it says", { timeout: 900_000 }, async () => {
    const store = `127.0.0.1:${await freePort()}`;
    const text = (commands: string) => commands.replaceAll("127.0.0.1:8080", store);
    await using walk = new GuideWalk(new Map([["here", { before: [], text }]]));
    walk.variables["P8E_PROVENANCED"] = program;
    const printed: (readonly [step: GuideStep, text: string])[] = [];
    for (const step of guideSteps("provenance.md")) {
      const said = step.serves ? await walk.serve(step) : await walk.run(step);
      printed.push([step, said]);
      for (const [variable, from, pattern] of readings) {
        if (!from.test(step.commands)) continue;
        walk.variables[variable] = pattern.exec(said)?.[1] ?? assert.fail(`not printed: ${pattern}\n${said}`);
      }
    }
    assert.equal(printed.length, 12, "the page has other steps than this test knows of");
    assert.deepEqual(
      readings.map(([variable]) => variable).filter((variable) => walk.variables[variable] === undefined),
      [],
    );
    const of = (commands: RegExp) => printed.find(([step]) => commands.test(step.commands))?.[1] ?? "";
    assert.match(of(/p8e doctor/), /serves chain-local, version v1\.\d+\.\d+, with flat fees/);
    assert.match(of(/--plan/), /It would cost \$2\.50 of test money/);
    assert.match(of(/pool.json/), /in block \d+ for \$\d/);
    assert.match(of(/account introduce/), /can take part since block \d+, for \$0\.05/);
    assert.match(of(/p8e verify \$OWN/), /Scope scope1/);
  });
});
