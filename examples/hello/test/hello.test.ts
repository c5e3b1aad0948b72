import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type BuiltContract, buildContract } from "@p8e/contract";
import { openSandbox, type Sandbox } from "@p8e/engine";
import { contractEntry, GreetingSchema, PersonSchema, scopeSpecification } from "@p8e/example-hello";

let sandbox: Sandbox;
let built: BuiltContract;
before(async () => {
  sandbox = openSandbox();
  built = await buildContract({ entry: contractEntry, describe: (bundle) => sandbox.describe(bundle) });
});
after(() => sandbox[Symbol.asyncDispose]());

async function greet(name: string) {
  const person = toBinary(PersonSchema, create(PersonSchema, { name }));
  const { outcomes } = await sandbox.run(built.bundle, {
    startedAt: { seconds: 0n, nanos: 0 },
    records: [],
    inputs: [["person", person]],
    calls: ["greet"],
  });
  return outcomes[0]!;
}

describe("hello", () => {
  it("has fewer than 40 lines, imports included", () => {
    assert.ok(readFileSync(contractEntry, "utf8").trimEnd().split("\n").length < 40);
  });

  it("greets", async () => {
    const outcome = await greet("World");
    assert.ok(outcome.kind === "output");
    assert.equal(fromBinary(GreetingSchema, outcome.output).text, "Hello, World");
  });

  it("refuses a person without a name", async () => {
    const outcome = await greet(" ");
    assert.ok(outcome.kind === "failure");
    assert.deepEqual(outcome.failure.facts, { rule: "name-given", field: "person.name" });
  });

  it("writes under Java's names, on the scope it names", () => {
    assert.equal(built.manifest.functions[0]!.writes.className, "example.hello.v1.Greeting");
    assert.deepEqual(built.manifest.scopes, [scopeSpecification.name]);
  });
});
