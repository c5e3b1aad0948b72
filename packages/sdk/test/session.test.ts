import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type BuiltContract, buildContract } from "@p8e/contract";
import { parseContentHash } from "@p8e/core";
import { GreetingSchema, PersonSchema, scopeSpecification } from "@p8e/example-hello";
import { javaClassName, metadata } from "@p8e/proto";
import {
  hydrate,
  type MemorializedSession,
  type NewSession,
  type PublicationPlan,
  readScope,
  verifyScope,
} from "@p8e/sdk";
import { eventually, openWorld, type World } from "./world-fixture.ts";

const entry = fileURLToPath(new URL("../../../examples/hello/src/contract.ts", import.meta.url));
const scopes = [scopeSpecification];

describe("a session of one party", () => {
  let world: World;
  let built: BuiltContract;
  let plan: PublicationPlan;
  let first: MemorializedSession;

  const greet = (name: string, scope: NewSession["scope"]): NewSession => ({
    contract: "example.hello.Greet",
    scope,
    participants: new Map([["OWNER", world.lender.affiliate]]),
    proposals: new Map([
      [
        "person",
        { className: javaClassName(PersonSchema), bytes: toBinary(PersonSchema, create(PersonSchema, { name })) },
      ],
    ]),
    dataAccess: [world.bank.affiliate],
  });
  const newScope = (): NewSession["scope"] => ({ kind: "new", specification: plan.scopes[0]! });
  const reader = (party: "lender" | "bank") => ({
    ...{ chain: world.chain, sandbox: world.sandbox },
    ...{ store: world[party].store, key: world[party].party.encryption },
  });

  before(async () => {
    world = await openWorld();
    built = await buildContract({ entry, describe: (bundle) => world.sandbox.describe(bundle) });
    plan = await world.lender.client.planPublication({ built, scopes, audience: [] });
  });
  after(() => world?.[Symbol.asyncDispose]());

  it("is told beforehand when somebody else took the contract's place on the ledger", async () => {
    const step = plan.steps.find(({ message }) => message.typeUrl.endsWith("MsgWriteContractSpecificationRequest"))!;
    const { specification } = fromBinary(metadata.MsgWriteContractSpecificationRequestSchema, step.message.value);
    const taken = { ...specification!, className: "example.hello.Other", ownerAddresses: ["tp1somebody"] };
    const { metadata: queries } = world.chain;
    const lying = {
      scopeSpecification: queries.scopeSpecification.bind(queries),
      contractSpecification: async () => ({ specification: taken, recordSpecifications: [] }),
    };
    const chain = new Proxy(world.chain, {
      get: (of, name) => (name === "metadata" ? lying : Reflect.get(of, name)),
    });
    const { P8eClient } = await import("@p8e/sdk");
    const client = new P8eClient({ ...world.lender.client.options, chain });
    const { differences } = await client.planPublication({ built, scopes, audience: [] });
    assert.deepEqual(differences, [
      "the ledger calls example.hello.Greet otherwise than the source",
      "the specification of example.hello.Greet belongs to somebody else",
    ]);
    assert.deepEqual(plan.differences, []);
  });

  it("cannot use a contract before it is published", async () => {
    await assert.rejects(world.lender.client.prepare(greet("Ada", newScope())), { code: "contract.not_published" });
  });

  it("is planned, published once, and published again without a word to the ledger", async () => {
    assert.deepEqual(
      plan.steps.map((step) => step.message.typeUrl.split(".").at(-1)),
      [
        "MsgWriteScopeSpecificationRequest",
        "MsgWriteContractSpecificationRequest",
        "MsgWriteRecordSpecificationRequest",
        "MsgAddContractSpecToScopeSpecRequest",
      ],
    );
    const published = await world.lender.client.publish(plan);
    assert.equal(published.receipts.length, 1);
    const again = await world.lender.client.planPublication({ built, scopes, audience: [] });
    assert.deepEqual(again.steps, []);
    assert.deepEqual((await world.lender.client.publish(again)).receipts, []);
  });

  it("leaves nothing anywhere when the contract refuses, and says rule and field", async () => {
    const before = await readdir(world.lender.storagePath, { recursive: true });
    const request = greet(" ", newScope());
    const prepared = await world.lender.client.prepare(request);
    await assert.rejects(
      world.lender.client.run(request),
      (error: { code: string; facts: Record<string, unknown> }) => {
        assert.equal(error.code, "contract.failed");
        assert.equal(error.facts.rule, "name-given");
        assert.equal(error.facts.field, "person.name");
        return true;
      },
    );
    assert.deepEqual(await readdir(world.lender.storagePath, { recursive: true }), before);
    const input = prepared.packaged.proposals[0]!.hash;
    await assert.rejects(world.lender.store.get(input, { key: world.lender.party.encryption }), {
      code: "object.not_found",
    });
  });

  it("reports every fault of a request at once", async () => {
    const request = greet("Ada", newScope());
    const wrong = {
      ...request,
      participants: new Map(),
      proposals: new Map([["nobody", { className: "x", bytes: new Uint8Array() }]]),
    };
    await assert.rejects(world.lender.client.prepare(wrong), (error: { code: string; facts: { faults: string[] } }) => {
      assert.equal(error.code, "session.invalid");
      assert.equal(error.facts.faults.length, 3);
      return true;
    });
  });

  it("refuses sessions that others must sign too", async () => {
    const request = { ...greet("Ada", newScope()), participants: new Map([["OWNER" as const, world.bank.affiliate]]) };
    await assert.rejects(world.lender.client.prepare(request), { code: "session.invalid" });
  });

  it("writes scope, session and record, and tells the price before", async () => {
    const executed = await world.lender.client.execute(await world.lender.client.prepare(greet("Ada", newScope())));
    const cost = await world.lender.client.price(executed);
    const fees: bigint[] = [];
    first = await world.lender.client.memorialize(executed, { onCost: (known) => void fees.push(known.fee) });
    assert.deepEqual(fees, [cost.fee]);
    assert.equal(first.receipt.fee, cost.fee);
    const scope = await readScope(world.chain, first.scope);
    assert.deepEqual(
      scope.records.map((record) => record.name),
      ["greeting"],
    );
    assert.equal(scope.sessions[0]?.context.length, 33);
  });

  it("is read, hydrated and verified by the bank from its own store", async () => {
    await eventually(async () => {
      const report = await verifyScope(reader("bank"), first.scope);
      assert.deepEqual(
        report.findings.filter((finding) => !finding.ok),
        [],
      );
    });
    const scope = await readScope(world.chain, first.scope);
    const { greeting } = await hydrate(reader("bank"), scope, { greeting: GreetingSchema });
    assert.equal(greeting.text, "Hello, Ada");
    await assert.rejects(hydrate(reader("bank"), scope, { greeting: PersonSchema }), { code: "session.type_mismatch" });
    await assert.rejects(hydrate(reader("bank"), scope, { farewell: GreetingSchema }), {
      code: "session.record_missing",
    });
    const cased = await hydrate(reader("bank"), scope, { Greeting: GreetingSchema });
    assert.equal(cased.Greeting.text, "Hello, Ada");
    const lacking = await hydrate(reader("bank"), scope, { farewell: { schema: GreetingSchema, optional: true } });
    assert.equal(lacking.farewell, undefined);
  });

  it("runs on the existing scope, replacing the record", async () => {
    const second = await world.lender.client.run(greet("Grace", { kind: "existing", address: first.scope }));
    assert.equal(second.scope, first.scope);
    const { greeting } = await hydrate(reader("lender"), await readScope(world.chain, first.scope), {
      greeting: GreetingSchema,
    });
    assert.equal(greeting.text, "Hello, Grace");
    await eventually(async () => assert.ok((await verifyScope(reader("bank"), first.scope)).ok));
  });

  it("names what was changed in a store, and nothing false is served", async () => {
    const path = join(world.bank.storagePath, await bundlePath());
    const bytes = await readFile(path);
    bytes[bytes.length - 100]! ^= 1;
    await writeFile(path, bytes);
    const report = await verifyScope(reader("bank"), first.scope);
    assert.equal(report.ok, false);
    const broken = report.findings.filter((finding) => !finding.ok);
    assert.deepEqual(
      broken.map(({ what, code }) => ({ what, code })),
      [{ what: "contract example.hello.Greet", code: "object.corrupt" }],
    );
    bytes[bytes.length - 100]! ^= 1;
    await writeFile(path, bytes);
    assert.ok((await verifyScope(reader("bank"), first.scope)).ok);
  });

  it("completes what a crash interrupted after signing, exactly once", async () => {
    const { client } = world.lender;
    const executed = await client.execute(await client.prepare(greet("Edsger", newScope())));
    const stop = new Error("the process dies here");
    const dying = new Proxy(client.options.state, {
      get: (target, name) =>
        name === "advance"
          ? async (...given: Parameters<typeof target.advance>) => {
              const moved = await target.advance(...given);
              if (given[2].to === "broadcasting") throw stop;
              return moved;
            }
          : Reflect.get(target, name).bind(target),
    });
    const { P8eClient } = await import("@p8e/sdk");
    await assert.rejects(new P8eClient({ ...client.options, state: dying }).memorialize(executed));
    const done = await client.resume();
    assert.equal(done.length, 1);
    assert.equal((await readScope(world.chain, done[0]!.session!.scope)).records.length, 1);
    assert.deepEqual(await client.resume(), []);
    assert.equal((await client.options.state.get(executed.prepared.executionUuid))?.state, "committed");
  });

  async function bundlePath(): Promise<string> {
    const hash = parseContentHash(built.manifest.bundle.hash);
    await using object = await world.bank.store.get(hash, { key: world.bank.party.encryption });
    assert.ok(object.plaintextBytes > 5000);
    const files = await readdir(world.bank.storagePath, { recursive: true });
    const sized = await Promise.all(
      files
        .filter((name) => /^\d{8}[/\\]/.test(name))
        .map(async (name) => ({ name, size: (await readFile(join(world.bank.storagePath, name))).length })),
    );
    return sized.find(({ size }) => size > object.plaintextBytes)!.name;
  }
});
