import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { create, type Message } from "@bufbuild/protobuf";
import { type SandboxedContract, sandboxedContract, tryContract } from "@p8e/contract/testing";
import { openSandbox, type Sandbox } from "@p8e/engine";
import { contractEntry, GreetingSchema, greet, PersonSchema, scopeSpecification } from "@p8e/example-hello";

const inputs = (name: string) => ({ inputs: { person: create(PersonSchema, { name }) } });

describe("hello", () => {
  it("has fewer than 40 lines, imports included", () => {
    assert.ok(readFileSync(contractEntry, "utf8").trimEnd().split("\n").length < 40);
  });

  it("greets, and refuses a person without a name", () => {
    const written = tryContract(greet, inputs("World"));
    assert.deepEqual(written.get("greeting"), create(GreetingSchema, { text: "Hello, World" }));
    assert.throws(() => tryContract(greet, inputs(" ")), { rule: "name-given", field: "person.name" });
  });
});

describe("hello in the sandbox", () => {
  let sandbox: Sandbox;
  let sandboxed: SandboxedContract<typeof greet>;
  before(async () => {
    sandbox = openSandbox();
    sandboxed = await sandboxedContract(sandbox, contractEntry, greet);
  });
  after(() => sandbox[Symbol.asyncDispose]());

  it("greets, and refuses a person without a name", async () => {
    const written: ReadonlyMap<string, Message> = await sandboxed.run(inputs("World"));
    assert.deepEqual(written.get("greeting"), create(GreetingSchema, { text: "Hello, World" }));
    await assert.rejects(sandboxed.run(inputs(" ")), { rule: "name-given", field: "person.name" });
  });

  it("writes under Java's names, on the scope it names", () => {
    const { manifest } = sandboxed.built;
    assert.equal(manifest.functions[0]!.writes.className, "example.hello.v1.Greeting");
    assert.deepEqual(manifest.scopes, [scopeSpecification.name]);
  });
});
