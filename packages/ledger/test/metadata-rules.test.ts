import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { parseUuid, type Uuid } from "@p8e/core";
import * as cosmos from "@p8e/proto/cosmos";
import * as metadata from "@p8e/proto/metadata";
import { type Actor, ledgerMessages, packed } from "@p8e/testkit";
import { TestNetwork } from "./network.ts";

const {
  addressesOf,
  family,
  grant,
  input,
  owner,
  recordBytes,
  SERVICER,
  OWNER,
  scopeBytes,
  scopeText,
  sessionBytes,
  TYPE_NAME,
  writeContract,
  writeFamily,
  writeRecord,
  writeRecordSpecification,
  writeScope,
  writeScopeSpecification,
  writeSession,
} = ledgerMessages;

let counter = 0;
function uuid(): Uuid {
  return parseUuid((++counter).toString(16).padStart(32, "0"));
}

describe("metadata rules beyond the conformance plan", () => {
  let network: TestNetwork;
  let a: Actor;
  let b: Actor;
  const specification = family(uuid(), uuid());

  before(async () => {
    network = await TestNetwork.open();
    a = await network.warm("a");
    b = await network.warm("b");
    await network.run([a], writeFamily(specification, a));
  });
  after(() => network[Symbol.asyncDispose]());

  const state = () => network.ledger.read().state;
  const run = (signers: readonly Actor[], ...messages: Parameters<TestNetwork["run"]>[1]) =>
    network.run(signers, messages);

  async function succeed(signers: readonly Actor[], ...messages: Parameters<TestNetwork["run"]>[1]) {
    const { code, log, response } = await network.run(signers, messages);
    assert.equal(code, "ok", log);
    assert.ok(response);
    return response;
  }

  function storedScope(id: Uuid): metadata.Scope | undefined {
    return state().scopes.get(Buffer.from(scopeBytes(id)).toString("hex"));
  }

  describe("scopes", () => {
    it("are deleted with their coin, records, emptied sessions and values", async () => {
      const [scope, full, empty] = [uuid(), uuid(), uuid()];
      const message = writeScope(specification, scope, [owner(a)], [a], { valueOwnerAddress: b.address });
      await succeed([a], message);
      await succeed(
        [a],
        writeSession(specification, scope, full, [owner(a)], [a]),
        writeSession(specification, scope, empty, [owner(a)], [a]),
        writeRecord(scope, full, [a]),
        packed(metadata.MsgAddNetAssetValuesRequestSchema, {
          scopeId: scopeText(scope),
          netAssetValues: [{ price: { denom: "usd", amount: "5" }, volume: 1n }],
          signers: addressesOf([a]),
        }),
      );
      const remove = packed(metadata.MsgDeleteScopeRequestSchema, {
        scopeId: scopeBytes(scope),
        signers: addressesOf([a, b]),
      });
      assert.equal(
        (
          await run(
            [a],
            packed(metadata.MsgDeleteScopeRequestSchema, {
              scopeId: scopeBytes(scope),
              signers: addressesOf([a]),
            }),
          )
        ).code,
        "sdk/18",
      );
      await succeed([a, b], remove);
      assert.equal(network.balance(b.address, `nft/${scopeText(scope)}`), 0n);
      assert.equal(state().supply.get(`nft/${scopeText(scope)}`), undefined);
      const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
      assert.equal(state().records.has(hex(recordBytes(scope))), false);
      assert.equal(state().sessions.has(hex(sessionBytes(scope, full))), false);
      assert.equal(state().sessions.has(hex(sessionBytes(scope, empty))), true);
      assert.equal(state().netAssetValues.count(hex(scopeBytes(scope))), 0);
    });

    it("gain and lose owners", async () => {
      const scope = uuid();
      await succeed([a], writeScope(specification, scope, [owner(a)], [a]));
      const scopeId = scopeBytes(scope);
      const add = (signer: Actor) =>
        packed(metadata.MsgAddScopeOwnerRequestSchema, {
          scopeId,
          owners: [{ address: b.address, role: SERVICER }],
          signers: addressesOf([signer]),
        });
      assert.equal((await run([b], add(b))).code, "sdk/18");
      await succeed([a], add(a));
      assert.equal(storedScope(scope)?.owners.length, 2);
      const remove = packed(metadata.MsgDeleteScopeOwnerRequestSchema, {
        scopeId,
        owners: [b.address],
        signers: addressesOf([a, b]),
      });
      await succeed([a, b], remove);
      assert.deepEqual(addressesOf(storedScope(scope)?.owners ?? []), [a.address]);
    });

    it("record a value given in thousandths of a dollar before anything else", async () => {
      const scope = uuid();
      const scopeInit = { scopeId: scopeBytes(scope), specificationId: specification.scopeSpecification };
      const response = await succeed(
        [a],
        packed(metadata.MsgWriteScopeRequestSchema, {
          scope: { ...scopeInit, owners: [owner(a)], valueOwnerAddress: a.address },
          usdMills: 1_234n,
          signers: addressesOf([a]),
        }),
      );
      const types = response.events.filter(({ attributes }) => attributes.some(({ key }) => key === "msg_index"));
      assert.deepEqual(
        types.map(({ type }) => type.replace("provenance.metadata.v1.", "")),
        [
          "message",
          "EventSetNetAssetValue",
          "coin_received",
          "coinbase",
          "coin_spent",
          "coin_received",
          "transfer",
          "message",
          "EventScopeCreated",
          "EventTxCompleted",
        ],
      );
      const action = types[0]?.attributes.map(({ key, value }) => [key, value]);
      assert.deepEqual(action, [
        ["action", "/provenance.metadata.v1.MsgWriteScopeRequest"],
        ["sender", a.address],
        ["msg_index", "0"],
      ]);
      const value = types[1]?.attributes.map(({ key, value: text }) => [key, text]);
      assert.deepEqual(value, [
        ["price", '"1234usd"'],
        ["scope_id", `"${scopeText(scope)}"`],
        ["source", '"metadata"'],
        ["volume", '"1"'],
        ["msg_index", "0"],
      ]);
    });

    it("take values only from their owners, and only in known coins", async () => {
      const scope = uuid();
      await succeed([a], writeScope(specification, scope, [owner(a)], [a]));
      const values = (signer: Actor, denom: string) =>
        packed(metadata.MsgAddNetAssetValuesRequestSchema, {
          scopeId: scopeText(scope),
          netAssetValues: [{ price: { denom, amount: "5" }, volume: 1n }],
          signers: addressesOf([signer]),
        });
      assert.equal((await run([b], values(b, "usd"))).code, "sdk/4");
      assert.equal((await run([a], values(a, "unknowncoin"))).code, "sdk/18");
      await succeed([a], values(a, "usd"));
    });

    it("carry account data that survives them", async () => {
      const scope = uuid();
      await succeed([a], writeScope(specification, scope, [owner(a)], [a]));
      const metadataAddr = scopeBytes(scope);
      const data = (value: string, signer: Actor) =>
        packed(metadata.MsgSetAccountDataRequestSchema, { metadataAddr, value, signers: addressesOf([signer]) });
      assert.equal((await run([b], data("x", b))).code, "sdk/18");
      await succeed([a], data("hello", a));
      await succeed(
        [a],
        packed(metadata.MsgDeleteScopeRequestSchema, { scopeId: metadataAddr, signers: addressesOf([a]) }),
      );
      assert.equal([...state().accountData.entries()].length, 1);
      assert.equal((await run([a], data("again", a))).code, "sdk/18");
      await succeed([b], data("", b));
      assert.equal([...state().accountData.entries()].length, 0);
    });

    it("move to another value owner all at once", async () => {
      const holder = await network.warm("holder");
      const scopes = [uuid(), uuid(), uuid()];
      for (const scope of scopes) {
        await succeed([a], writeScope(specification, scope, [owner(a)], [a], { valueOwnerAddress: holder.address }));
      }
      const migrate = (signer: Actor) =>
        packed(metadata.MsgMigrateValueOwnerRequestSchema, {
          existing: holder.address,
          proposed: b.address,
          signers: addressesOf([signer]),
        });
      assert.equal((await run([a], migrate(a))).code, "sdk/18");
      await succeed([holder], migrate(holder));
      for (const scope of scopes) assert.equal(network.balance(b.address, `nft/${scopeText(scope)}`), 1n);
    });
  });

  describe("party rollup", () => {
    it("wants required owners and required roles on every change", async () => {
      const scope = uuid();
      const owners = [owner(a), { address: b.address, role: SERVICER, optional: true }];
      await succeed([a], writeScope(specification, scope, owners, [a], { requirePartyRollup: true }));
      const change = (signer: Actor) =>
        writeScope(specification, scope, owners, [signer], { requirePartyRollup: true, dataAccess: [b.address] });
      const { code, log } = await run([b], change(b));
      assert.equal(code, "sdk/18");
      assert.match(log, /missing required signature: .* \(OWNER\)/);
      await succeed([a], change(a));
    });

    it("names the roles nobody signed for", async () => {
      const given = family(uuid(), uuid());
      const roles = { partiesInvolved: [OWNER, SERVICER] };
      await succeed(
        [a],
        writeContract(given.contract, [a], [a]),
        writeScopeSpecification(given.scopeSpecification, [given.contract], [a], [a], roles),
      );
      const scope = uuid();
      const owners = [owner(a), { address: b.address, role: SERVICER, optional: true }];
      await succeed([a], writeScope(given, scope, owners, [a], { requirePartyRollup: true }));
      const change = writeScope(given, scope, owners, [a], { requirePartyRollup: true, dataAccess: [b.address] });
      const { code, log } = await run([a], change);
      assert.equal(code, "sdk/18");
      assert.match(log, /missing signers for roles required by spec: SERVICER need 1 have 0/);
      await succeed([b], grant(b, a, metadata.MsgWriteScopeRequestSchema, { uses: 1 }));
      await succeed([a], change);
    });

    it("lets a record be signed by whoever fills its role", async () => {
      const [scope, session] = [uuid(), uuid()];
      const owners = [owner(a), owner(b, true)];
      await succeed([a], writeScope(specification, scope, owners, [a], { requirePartyRollup: true }));
      await succeed([a], writeSession(specification, scope, session, owners, [a]));
      assert.equal((await run([b], writeRecord(scope, session, [b]))).code, "sdk/18");
      await succeed([a], writeRecord(scope, session, [a]));
    });
  });

  describe("sessions and records", () => {
    it("count versions, and keep their audit fields from writers", async () => {
      const [scope, session] = [uuid(), uuid()];
      await succeed([a], writeScope(specification, scope, [owner(a)], [a]));
      await succeed([a], writeSession(specification, scope, session, [owner(a)], [a]));
      network.clock.wait(60_000);
      await succeed([a], writeSession(specification, scope, session, [owner(a)], [a]));
      const stored = [...state().sessions.entries()]
        .map(([, value]) => value)
        .find(({ audit }) => audit?.version === 2);
      assert.equal(stored?.audit?.updatedBy, a.address);
      const audit = { ...stored?.audit, version: 9 };
      const { $typeName: _, ...forged } = audit;
      assert.equal(
        (await run([a], writeSession(specification, scope, session, [owner(a)], [a], { audit: forged }))).code,
        "sdk/18",
      );
    });

    it("name their scope and session by uuid instead of an address", async () => {
      const [scope, session] = [uuid(), uuid()];
      await succeed([a], writeScope(specification, scope, [owner(a)], [a]));
      const components = { scopeIdentifier: { case: "scopeUuid" as const, value: scope }, sessionUuid: session };
      await succeed(
        [a],
        packed(metadata.MsgWriteSessionRequestSchema, {
          session: { parties: [owner(a)], name: "by uuid" },
          sessionIdComponents: components,
          specUuid: specification.contractUuid,
          signers: addressesOf([a]),
        }),
      );
      const half = packed(metadata.MsgWriteSessionRequestSchema, {
        session: { parties: [owner(a)], name: "by uuid" },
        sessionIdComponents: { ...components, sessionUuid: "" },
        specUuid: specification.contractUuid,
        signers: addressesOf([a]),
      });
      assert.equal((await run([a], half)).code, "undefined/1");
    });

    it("take as record input only the record that the specification names, if it exists", async () => {
      const given = family(uuid(), uuid());
      const [scope, session] = [uuid(), uuid()];
      const [source, other] = [recordBytes(scope, "source"), recordBytes(scope, "other")];
      const inputs = [{ name: "in", typeName: TYPE_NAME, source: { case: "recordId" as const, value: source } }];
      await succeed(
        [a],
        ...writeFamily(given, a),
        writeRecordSpecification(given.recordSpecification, [a], { inputs }),
      );
      await succeed([a], writeScope(given, scope, [owner(a)], [a]));
      await succeed([a], writeSession(given, scope, session, [owner(a)], [a]));
      for (const value of [source, other]) {
        const from = input({ source: { case: "recordId", value }, status: metadata.RecordInputStatus.RECORD });
        const { code, log } = await run([a], writeRecord(scope, session, [a], { inputs: [from] }));
        assert.equal(code, "sdk/18");
        assert.match(log, /not found/);
      }
      const { log } = await run([a], writeRecord(scope, session, [a]));
      assert.match(log, /source type/);
    });
  });

  describe("specifications", () => {
    it("go with their record specifications when nothing lists them", async () => {
      const given = family(uuid(), uuid());
      await succeed(
        [a],
        writeContract(given.contract, [a], [a]),
        writeRecordSpecification(given.recordSpecification, [a]),
      );
      const before = state().recordSpecifications.size;
      await succeed(
        [a],
        packed(metadata.MsgDeleteContractSpecificationRequestSchema, {
          specificationId: given.contract,
          signers: addressesOf([a]),
        }),
      );
      assert.equal(state().recordSpecifications.size, before - 1);
    });

    it("stay while a scope uses them", async () => {
      const given = family(uuid(), uuid());
      await succeed([a], ...writeFamily(given, a));
      const remove = packed(metadata.MsgDeleteScopeSpecificationRequestSchema, {
        specificationId: given.scopeSpecification,
        signers: addressesOf([a]),
      });
      const scope = uuid();
      await succeed([a], writeScope(given, scope, [owner(a)], [a]));
      const { code, log } = await run([a], remove);
      assert.equal(code, "sdk/18");
      assert.match(log, /still in use/);
      const deleteScope = packed(metadata.MsgDeleteScopeRequestSchema, {
        scopeId: scopeBytes(scope),
        signers: addressesOf([a]),
      });
      await succeed([a], deleteScope, remove);
    });

    it("keep the spelling of a record specification's name", async () => {
      const given = family(uuid(), uuid());
      await succeed([a], ...writeFamily(given, a));
      const { code, log } = await run([a], writeRecordSpecification(given.recordSpecification, [a], { name: "NAME" }));
      assert.equal(code, "sdk/18");
      assert.match(log, /cannot update/);
    });
  });

  describe("grants", () => {
    const execute = (grantee: Actor, ...msgs: Parameters<TestNetwork["run"]>[1]) =>
      packed(cosmos.authz.MsgExecSchema, { grantee: grantee.address, msgs: [...msgs] });

    it("for writing a scope cover its data access, not its deletion", async () => {
      const scope = uuid();
      await succeed([a], writeScope(specification, scope, [owner(a), owner(b)], [a]));
      await succeed([b], grant(b, a, metadata.MsgWriteScopeRequestSchema));
      const scopeId = scopeBytes(scope);
      const reader = network.actor("reader").address;
      await succeed(
        [a],
        packed(metadata.MsgAddScopeDataAccessRequestSchema, {
          scopeId,
          dataAccess: [reader],
          signers: addressesOf([a]),
        }),
      );
      const remove = packed(metadata.MsgDeleteScopeRequestSchema, { scopeId, signers: addressesOf([a]) });
      assert.equal((await run([a], remove)).code, "sdk/18");
    });

    it("let another account run a message, each inner message once paid for", async () => {
      const granter = await network.warm("granter");
      const message = network.send(granter, a, 1_000n);
      assert.equal((await run([a], execute(a, message))).code, "authz/2");
      await succeed([granter], grant(granter, a, cosmos.bank.MsgSendSchema, { uses: 1 }));
      const before = network.balance(granter.address);
      const response = await succeed([a], execute(a, message));
      assert.equal(before - network.balance(granter.address), 1_000n);
      assert.ok(response.events.some(({ attributes }) => attributes.some(({ key }) => key === "authz_msg_index")));
      assert.equal((await run([a], execute(a, message))).code, "authz/2");
    });

    it("do not expire before they are given, and are not given to oneself", async () => {
      const past = network.clock.now() - 1_000;
      assert.equal((await run([a], grant(a, b, cosmos.bank.MsgSendSchema, { expirationMs: past }))).code, "authz/3");
      assert.equal((await run([a], grant(a, a, cosmos.bank.MsgSendSchema))).code, "authz/7");
      assert.equal((await run([a], grant(a, b, cosmos.bank.QueryBalanceRequestSchema))).code, "sdk/29");
    });

    it("end when they are revoked", async () => {
      const revoke = packed(cosmos.authz.MsgRevokeSchema, {
        granter: a.address,
        grantee: b.address,
        msgTypeUrl: "/cosmos.bank.v1beta1.MsgSend",
      });
      assert.equal((await run([a], revoke)).code, "authz/2");
      await succeed([a], grant(a, b, cosmos.bank.MsgSendSchema));
      await succeed([a], revoke);
      assert.equal((await run([b], execute(b, network.send(a, b, 1n)))).code, "authz/2");
    });

    it("cannot stand in for several signers at once", async () => {
      const scope = uuid();
      const message = writeScope(specification, scope, [owner(a)], [a, b]);
      assert.equal((await run([a], execute(a, message))).code, "authz/9");
    });
  });

  describe("accounts that look like smart contracts", () => {
    it("are refused as parties in another's transaction", async () => {
      const granted = network.actor("granted by a");
      await succeed([a], grant(a, granted, cosmos.bank.MsgSendSchema));
      const { code, log } = await run([a], writeScope(specification, uuid(), [owner(a), owner(granted)], [a]));
      assert.equal(code, "sdk/18");
      assert.match(log, /is a smart contract/);
    });
  });

  describe("coins", () => {
    it("are not sent to module accounts, nor to or from the fee coin's marker", async () => {
      const module = { address: "tp1g4z8k7hm6hj5fa7s780slnxjvq2dnpgpg0udq0" };
      const marker = { address: "tp1pr93cqdh4kfnmrknhwa87a5qrwxw9k3dhkszp0" };
      assert.equal((await run([a], network.send(a, module, 1n))).code, "sdk/4");
      const { code, log } = await run([a], network.send(a, marker, 1n));
      assert.equal(code, "undefined/1");
      assert.match(log, /not supported by the embedded ledger/);
    });

    it("go from one to several when the sums agree", async () => {
      const [one, two] = [network.actor("one"), network.actor("two")];
      const coins = (amount: bigint) => [{ denom: "nhash", amount: amount.toString() }];
      const outputs = [
        { address: one.address, coins: coins(3n) },
        { address: two.address, coins: coins(4n) },
      ];
      const send = (total: bigint) =>
        packed(cosmos.bank.MsgMultiSendSchema, { inputs: [{ address: a.address, coins: coins(total) }], outputs });
      assert.equal((await run([a], send(8n))).code, "bank/4");
      await succeed([a], send(7n));
      assert.equal(network.balance(two.address), 4n);
    });
  });
});
