import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { create, fromBinary } from "@bufbuild/protobuf";
import { type BuiltContract, buildContract } from "@p8e/contract";
import { parseContentHash } from "@p8e/core";
import { accountAddress } from "@p8e/crypto";
import { GreetingSchema, greet as greetContract, PersonSchema, scopeSpecification } from "@p8e/example-hello";
import * as metadata from "@p8e/proto/metadata";
import {
  type MemorializedSession,
  type NewSession,
  P8eClient,
  type PublicationPlan,
  type SessionScope,
} from "@p8e/sdk";
import { eventually } from "@p8e/testkit";
import { openWorld, type World } from "./world-fixture.ts";

const entry = fileURLToPath(new URL("../../../examples/hello/src/contract.ts", import.meta.url));
const scopes = [scopeSpecification];

describe("a session of one party", () => {
  let world: World;
  let built: BuiltContract;
  let plan: PublicationPlan;
  let first: MemorializedSession;

  const greet = async (name: string, scope: SessionScope): Promise<NewSession<typeof greetContract>> => ({
    contract: await world.lender.client.sessions.find(greetContract, scope),
    scope,
    participants: new Map([["OWNER", world.lender.affiliate]]),
    proposals: { person: create(PersonSchema, { name }) },
    dataAccess: [world.bank.affiliate],
  });
  const newScope = (): SessionScope => ({ kind: "new", specification: plan.scopes[0]! });

  before(async () => {
    world = await openWorld();
    built = await buildContract({ entry, describe: (bundle) => world.sandbox.describe(bundle) });
    plan = await world.lender.client.publisher.plan({ built, scopes, audience: [] });
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
    const client = new P8eClient({ ...world.lender.client.parts, chain });
    const { differences } = await client.publisher.plan({ built, scopes, audience: [] });
    assert.deepEqual(differences, [
      "the ledger calls example.hello.Greet otherwise than the source",
      "the specification of example.hello.Greet belongs to somebody else",
    ]);
    assert.deepEqual(plan.differences, []);
  });

  it("cannot use a contract before it is published", async () => {
    await assert.rejects(greet("Ada", newScope()), { code: "contract.not_published" });
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
    const published = await world.lender.client.publisher.publish(plan);
    assert.equal(published.receipts.length, 1);
    const again = await world.lender.client.publisher.plan({ built, scopes, audience: [] });
    assert.deepEqual(again.steps, []);
    assert.deepEqual((await world.lender.client.publisher.publish(again)).receipts, []);
  });

  it("leaves nothing anywhere when the contract refuses, and says rule and field", async () => {
    const before = await readdir(world.lender.storagePath, { recursive: true });
    const request = await greet(" ", newScope());
    const prepared = await world.lender.client.sessions.prepare(request);
    await assert.rejects(
      world.lender.client.sessions.run(request),
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
    const request = await greet("Ada", newScope());
    const contract = await world.lender.client.sessions.find("example.hello.Greet", request.scope);
    const wrong = { ...request, contract, participants: new Map(), proposals: { nobody: new Uint8Array() } };
    await assert.rejects(
      world.lender.client.sessions.prepare(wrong),
      (error: { code: string; facts: { faults: string[] } }) => {
        assert.equal(error.code, "session.invalid");
        assert.equal(error.facts.faults.length, 3);
        return true;
      },
    );
  });

  it("refuses sessions that others must sign too", async () => {
    const request = {
      ...(await greet("Ada", newScope())),
      participants: new Map([["OWNER" as const, world.bank.affiliate]]),
    };
    await assert.rejects(world.lender.client.sessions.prepare(request), { code: "session.invalid" });
  });

  it("writes scope, session and record, and tells the price before", async () => {
    const { sessions, reader } = world.lender.client;
    const executed = await sessions.execute(await sessions.prepare(await greet("Ada", newScope())));
    const priced = await sessions.price(executed);
    const fees: bigint[] = [];
    first = await sessions.memorialize(priced, { onCost: (known) => void fees.push(known.fee) });
    assert.deepEqual(fees, [priced.cost.fee]);
    assert.equal(first.receipt.fee, priced.cost.fee);
    const scope = await reader.scope(first.scope);
    assert.deepEqual(
      scope.records.map((record) => record.name),
      ["greeting"],
    );
    assert.equal(scope.sessions[0]?.context.length, 33);
  });

  it("is read, hydrated and verified by the bank from its own store", async () => {
    const report = await eventually(
      "replication",
      () => world.bank.client.reader.verify(first.scope),
      ({ ok }) => ok,
      { isLater: () => true },
    );
    assert.equal(report.ok, true);
    const { reader } = world.bank.client;
    const scope = await reader.scope(first.scope);
    const { greeting } = await reader.hydrate(scope, { greeting: GreetingSchema });
    assert.equal(greeting.text, "Hello, Ada");
    await assert.rejects(reader.hydrate(scope, { greeting: PersonSchema }), { code: "session.type_mismatch" });
    await assert.rejects(reader.hydrate(scope, { farewell: GreetingSchema }), {
      code: "session.record_missing",
    });
    const cased = await reader.hydrate(scope, { Greeting: GreetingSchema });
    assert.equal(cased.Greeting.text, "Hello, Ada");
    const lacking = await reader.hydrate(scope, { farewell: { schema: GreetingSchema, optional: true } });
    assert.equal(lacking.farewell, undefined);
  });

  it("runs on the existing scope, replacing the record", async () => {
    const { sessions, reader } = world.lender.client;
    const second = await sessions.run(await greet("Grace", { kind: "existing", address: first.scope }));
    assert.equal(second.scope, first.scope);
    const { greeting } = await reader.hydrate(first.scope, { greeting: GreetingSchema });
    assert.equal(greeting.text, "Hello, Grace");
    const again = await eventually(
      "replication",
      () => world.bank.client.reader.verify(first.scope),
      ({ ok }) => ok,
      { isLater: () => true },
    );
    assert.equal(again.ok, true);
  });

  it("has readers and a value owner that are changed beside sessions, each at a price told before", async () => {
    const { scopes: lenders, reader } = world.lender.client;
    const { affiliate, client } = world.bank;
    const scope = await reader.scope(first.scope);
    const away = await lenders.planUnshare(first.scope, affiliate);
    assert.equal((await lenders.unshare(away))?.fee, away.cost?.fee);
    assert.deepEqual((await reader.scope(first.scope)).dataAccess, []);
    // What it could open it can open still, so nothing is sent again.
    const { added, receipt } = await lenders.share(await lenders.planShare(first.scope, affiliate));
    assert.deepEqual([added, receipt === undefined], [[], false]);
    assert.deepEqual((await reader.scope(first.scope)).dataAccess, scope.dataAccess);
    const to = accountAddress(affiliate.signingKey, world.chain.accountPrefix);
    await lenders.transfer(await lenders.planTransfer(first.scope, to));
    assert.equal((await reader.scope(first.scope)).valueOwner, to);
    await client.scopes.transfer(await client.scopes.planTransfer(first.scope, scope.owners[0]!));
    assert.deepEqual(await reader.scope(first.scope), scope);
  });

  it("names what was changed in a store, and nothing false is served", async () => {
    const path = join(world.bank.storagePath, await bundlePath());
    const bytes = await readFile(path);
    bytes[bytes.length - 100]! ^= 1;
    await writeFile(path, bytes);
    const report = await world.bank.client.reader.verify(first.scope);
    assert.deepEqual([report.ok, report.outcome], [false, "broken"]);
    const broken = report.findings.filter(({ outcome }) => outcome !== "holds");
    assert.deepEqual(
      broken.map(({ what, code }) => ({ what, code })),
      [{ what: "contract example.hello.Greet", code: "object.corrupt" }],
    );
    bytes[bytes.length - 100]! ^= 1;
    await writeFile(path, bytes);
    assert.ok((await world.bank.client.reader.verify(first.scope)).ok);
  });

  it("completes what a crash interrupted after signing, exactly once", async () => {
    const { client } = world.lender;
    const { sessions, reader } = client;
    const prepared = await sessions.prepare(await greet("Edsger", newScope()));
    const priced = await sessions.price(await sessions.execute(prepared));
    const stop = new Error("the process dies here");
    const dying = new Proxy(client.parts.state, {
      get: (target, name) =>
        name === "advance"
          ? async (...given: Parameters<typeof target.advance>) => {
              const moved = await target.advance(...given);
              if (given[2].to === "broadcasting") throw stop;
              return moved;
            }
          : Reflect.get(target, name).bind(target),
    });
    await assert.rejects(new P8eClient({ ...client.parts, state: dying }).sessions.memorialize(priced));
    const done = await sessions.resume();
    assert.equal(done.length, 1);
    assert.equal((await reader.scope(done[0]!.session!.scope)).records.length, 1);
    assert.deepEqual(await sessions.resume(), []);
    assert.equal((await client.parts.state.get(prepared.executionUuid))?.state, "committed");
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
