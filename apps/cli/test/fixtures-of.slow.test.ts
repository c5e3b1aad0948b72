import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { CommandLine, root } from "./support/p8e.ts";

const types = JSON.stringify(join(root, "examples/hello/src/gen/example/hello/v1/hello_pb.ts"));
const source = `import { defineContract } from "@p8e/contract";
import { GreetingSchema, PersonSchema } from ${types};

const key = (...parts: readonly string[]) => parts.join("");

export default defineContract({ className: "test.Late", scopes: ["test"], participants: ["OWNER"] }).fn(
  "greet",
  { invokedBy: "OWNER", inputs: { person: PersonSchema }, writes: "greeting", as: GreetingSchema },
  ({ inputs: { person } }) => {
    if (person.name.length !== 23) return { text: person.name };
    return { text: String((globalThis as any)[key("Da", "te")].now()) };
  },
);
`;

describe("a contract is checked on the values of its fixtures", () => {
  const p8e = new CommandLine();
  after(() => p8e[Symbol.asyncDispose]());
  const value = (path: string, name: string) => writeFileSync(p8e.path("fixtures", path), JSON.stringify({ name }));

  before(() => {
    symlinkSync(join(root, "node_modules"), p8e.path("node_modules"));
    mkdirSync(p8e.path("src"));
    mkdirSync(p8e.path("fixtures", "late"), { recursive: true });
    writeFileSync(p8e.path("package.json"), "{}");
    writeFileSync(p8e.path("src", "contract.ts"), source);
    value("person.json", "Ada");
    writeFileSync(p8e.path("fixtures", "somethingElse.json"), "not even JSON");
  });

  it("and passes with values that lead nowhere bad; what names nothing of it is left out", async () => {
    assert.match(
      await p8e.text(["contract", "check", "src/contract.ts"]),
      /its functions ran \d+ times in the sandbox/,
    );
  });

  it("and is refused for one of them, which is named, with the place in the source", async () => {
    value("late/person.json", "twenty-three characters");
    const { code, message, facts } = await p8e.refused(2, ["contract", "check", "src/contract.ts"]);
    assert.equal(code, "contract.invalid");
    assert.match(message, /contract\.ts:11 reaches for Date, .*: greet got there on fixtures\/late \(sandbox-reach\)$/);
    assert.deepEqual([facts.file, facts.line, facts.name], ["contract.ts", 11, "Date"]);
    const allowed = await p8e.call(["contract", "check", "src/contract.ts", "--allow", "Date"]);
    assert.equal(allowed.code, 0);
    assert.match(allowed.stderr, /contract\.ts:11 reaches for Date/);
    assert.match(allowed.stderr + allowed.stdout, /reached for nothing that it lacks but for what is allowed/);
  });

  it("and is not run on one that is nothing of its type", async () => {
    writeFileSync(p8e.path("fixtures", "late", "person.json"), '{ "name": 3 }');
    const { code, facts } = await p8e.refused(2, ["contract", "check", "src/contract.ts"]);
    assert.deepEqual([code, facts.field], ["input.invalid", "name"]);
  });
});
