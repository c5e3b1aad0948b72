// What a program does with a party, on a whole environment: the calls of docs/guides/your-application.md and the others.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { create, toBinary } from "@bufbuild/protobuf";
import type { ScopeSpecification } from "@p8e/contract";
import type { ScopeAddress } from "@p8e/core";
import { type Environment, startEnvironment } from "@p8e/environment";
import { contractEntry, GreetingSchema, greet, PersonSchema, scopeSpecification } from "@p8e/example-hello";
import { type OpenParty, openParty } from "@p8e/party";
import { eventually } from "@p8e/testkit";

describe("a party at work", { timeout: 300_000 }, () => {
  const dataDir = mkdtempSync(join(tmpdir(), "p8e-at-work-"));
  let environment: Environment;
  let lender: OpenParty;
  let bank: OpenParty;
  let scope: ScopeAddress;
  before(async () => {
    environment = await startEnvironment({ dataDir, parties: ["lender", "bank"] });
    [lender, bank] = environment.profiles.map((profile) => openParty(profile, { variables: {} })) as [
      OpenParty,
      OpenParty,
    ];
  });
  after(async () => {
    await lender?.[Symbol.asyncDispose]();
    await bank?.[Symbol.asyncDispose]();
    await environment?.[Symbol.asyncDispose]();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it("stores objects for others by name; they read them from their own stores, and know from whom", async () => {
    const content = new TextEncoder().encode("for the bank");
    const { hash } = await lender.objects.put(content, { for: ["bank"] });
    assert.deepEqual(await lender.objects.bytes(hash, { from: ["lender"] }), content);
    const arrived = () => bank.objects.bytes(hash, { from: ["lender"] }).catch(() => undefined);
    assert.deepEqual(await eventually("it is at the bank's", arrived, (bytes) => bytes !== undefined), content);
    await assert.rejects(bank.objects.bytes(hash, { from: ["bank"] }), { code: "signature.unexpected_signer" });
    await assert.rejects(lender.objects.put(content, { for: ["nobody"] }), { code: "key.unavailable" });
    await assert.rejects(lender.objects.bytes(hash, { limit: 3 }), { code: "object.too_large" });

    const own = await lender.objects.put(new TextEncoder().encode("for the lender"));
    await using opened = await lender.objects.open(own.hash);
    const parts = await all(opened.read());
    assert.equal(Buffer.concat(parts).toString(), "for the lender");
    assert.equal((await lender.objects.share(own.hash, { for: ["bank"] })).added.length, 1);
  });

  it("publishes a contract, once, and nothing of one that reaches for what no contract has", async () => {
    const publishing = { scopes: [scopeSpecification], for: ["bank"] };
    const { receipts } = await lender.publish(contractEntry, publishing);
    assert.ok(receipts.length > 0);
    assert.deepEqual((await lender.publish(contractEntry, publishing)).receipts, []);
    await assert.rejects(lender.publish(join(import.meta.dirname, "support/reaches.mjs")), {
      code: "contract.invalid",
      message: /reaches for Date/,
    });
  });

  it("runs it: what it refuses, and a price that is not agreed to, leave nothing; else it is on the ledger", async () => {
    const request = { contract: greet, scope: { newOf: scopeSpecification.name }, share: ["bank"] } as const;
    const refused = lender.sessions.run({ ...request, inputs: { person: create(PersonSchema, { name: " " }) } });
    await assert.rejects(refused, { code: "contract.failed", message: /nobody can be greeted/ });
    const inputs = { person: create(PersonSchema, { name: "Ada" }) };
    const tooMuch = () => {
      throw new Error("too much");
    };
    await assert.rejects(lender.sessions.run({ ...request, inputs }, { onPrice: tooMuch }), { message: /too much/ });
    assert.deepEqual(await all(lender.scopes.list()), []);

    const costs: bigint[] = [];
    const result = await lender.sessions.run({ ...request, inputs }, { onPrice: ({ fee }) => void costs.push(fee) });
    assert.equal(result.kind, "memorialized");
    assert.ok(costs.length === 1 && costs[0]! > 0n);
    scope = result.scope;
    assert.deepEqual(await all(lender.scopes.list()), [scope]);
    assert.deepEqual(await lender.sessions.resume(), []);
    const again = await lender.sessions.run({
      contract: greet,
      scope,
      inputs: { person: create(PersonSchema, { name: "Bob" }) },
    });
    assert.equal(again.scope, scope);
  });

  it("others verify and read it from their own store; nobody else, until it is shared", async () => {
    const verified = () => bank.scopes.verify(scope);
    const { ok } = await eventually("the bank has it all", verified, (found) => found.ok);
    assert.ok(ok);
    const { greeting } = await bank.scopes.records(scope, { greeting: GreetingSchema });
    assert.equal(greeting.text, "Hello, Bob");
    assert.equal((await bank.scopes.read(scope)).owners.length, 1);
    const { receipt, added } = await lender.scopes.share(scope, "bank");
    assert.deepEqual([receipt, added.length], [undefined, 0]);
    await assert.rejects(lender.scopes.share(scope, "nobody"), { code: "key.unavailable" });
    assert.ok(await lender.scopes.transfer(scope, "bank"));
    assert.equal((await lender.scopes.read(scope)).valueOwner, bank.self.address);
  });

  it("asks whoever must sign, too", async () => {
    const entry = join(dirname(contractEntry), "handshake.ts");
    const handshake = (await import(pathToFileURL(entry).href)) as {
      readonly scopeSpecification: ScopeSpecification;
    };
    await lender.publish(entry, { scopes: [handshake.scopeSpecification], for: ["bank"] });
    const request = {
      ...{ contract: "example.hello.Handshake", scope: { newOf: handshake.scopeSpecification.name } },
      inputs: { person: toBinary(PersonSchema, create(PersonSchema, { name: "Ada" })) },
    };
    const result = await lender.sessions.run({ ...request, participants: { OWNER: "lender", SERVICER: "bank" } });
    assert.equal(result.kind, "requested");
    assert.deepEqual(result.kind === "requested" && result.others.map(({ address }) => address), [bank.self.address]);
    const unknown = { OWNER: "lender", SERVICER: "somebody" };
    await assert.rejects(lender.sessions.run({ ...request, participants: unknown, share: ["nobody"] }), {
      code: "key.unavailable",
      message: /"somebody", "nobody"/,
    });
  });
});

async function all<T>(values: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const value of values) found.push(value);
  return found;
}
