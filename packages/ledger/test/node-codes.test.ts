import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type Any, timestampFromMs } from "@bufbuild/protobuf/wkt";
import * as cosmos from "@p8e/proto/cosmos";
import { type Actor, packed } from "@p8e/testkit";
import { TestNetwork } from "./network.ts";

/**
 * Codes that a node of release 1.30 answers, in cases that clients meet. The differential test compares many more with a
 * node itself; these need none.
 */
describe("as on a node", () => {
  let network: TestNetwork;
  let alice: Actor;
  let bob: Actor;

  before(async () => {
    network = await TestNetwork.open();
    alice = await network.warm("alice");
    bob = await network.warm("bob");
  });
  after(() => network[Symbol.asyncDispose]());

  const sending = (amount: string, from = alice.address, to = bob.address): Any =>
    packed(cosmos.bank.MsgSendSchema, { fromAddress: from, toAddress: to, amount: [{ denom: "nhash", amount }] });
  const granting = (authorization: Any, granter = alice, grantee = bob): Any =>
    packed(cosmos.authz.MsgGrantSchema, {
      granter: granter.address,
      grantee: grantee.address,
      grant: { authorization },
    });
  const executing = (messages: readonly Any[], by = bob): Any =>
    packed(cosmos.authz.MsgExecSchema, { grantee: by.address, msgs: [...messages] });
  const allowing = (allowance: Any | undefined, grantee = bob.address): Any =>
    packed(cosmos.feegrant.MsgGrantAllowanceSchema, {
      granter: alice.address,
      grantee,
      ...(allowance === undefined ? {} : { allowance }),
    });
  const codeOf = async (message: Any, by = alice) => (await network.run([by], [message])).code;

  it("amounts are read as Go's literals", async () => {
    for (const [text, amount] of [
      ["010", 8n],
      ["0x10", 16n],
      ["0b11", 3n],
      ["1_000", 1000n],
      ["+5", 5n],
    ] as const) {
      const held = network.balance(bob.address);
      assert.equal(await codeOf(sending(text)), "ok", text);
      assert.equal(network.balance(bob.address) - held, amount, text);
    }
  });

  it("amounts that are no numbers are refused at the broadcast, and nothing is charged", async () => {
    for (const text of ["008", "abc", "1.5", "1e3", " 5", "9".repeat(100)]) {
      const held = network.balance(alice.address);
      assert.equal(await codeOf(sending(text)), "sdk/2", text);
      assert.equal(network.balance(alice.address), held, text);
    }
  });

  it("an address in upper case is the account's", async () => {
    assert.equal(await codeOf(sending("1", alice.address.toUpperCase(), bob.address.toUpperCase())), "ok");
    assert.equal(network.account(bob.address)?.address, bob.address);
  });

  it("an authorization to send is enforced, to the last coin and for the allowed alone", async () => {
    const to = (spendLimit: string, allowList: string[] = []) =>
      packed(cosmos.bank.SendAuthorizationSchema, {
        spendLimit: [{ denom: "nhash", amount: spendLimit }],
        allowList,
      });
    assert.equal(await codeOf(granting(to("0"))), "sdk/10");
    assert.equal(await codeOf(granting(to("5", [bob.address, bob.address]))), "bank/8");
    assert.equal(await codeOf(granting(to("5", [alice.address]))), "ok");
    assert.equal(await codeOf(executing([sending("1")]), bob), "sdk/4");
    assert.equal(await codeOf(granting(to("5"))), "ok");
    assert.equal(await codeOf(executing([sending("6")]), bob), "sdk/5");
    assert.equal(await codeOf(executing([sending("3")]), bob), "ok");
    assert.equal(await codeOf(executing([sending("3")]), bob), "sdk/5");
    assert.equal(await codeOf(executing([sending("2")]), bob), "ok");
    assert.equal(await codeOf(executing([sending("1")]), bob), "authz/2");
  });

  it("a counted grant with uses left says nothing when MsgExec uses it", async () => {
    const twice = packed(cosmos.authz.CountAuthorizationSchema, {
      msg: "/cosmos.bank.v1beta1.MsgSend",
      allowedAuthorizations: 2,
    });
    assert.equal(await codeOf(granting(twice)), "ok");
    const eventsOf = async () =>
      (await network.run([bob], [executing([sending("1")])])).response?.events.map(({ type }) => type) ?? [];
    assert.equal((await eventsOf()).includes("cosmos.authz.v1beta1.EventGrant"), false);
    assert.equal((await eventsOf()).includes("cosmos.authz.v1beta1.EventRevoke"), true);
  });

  it("what may be granted", async () => {
    const generic = (msg: string) => packed(cosmos.authz.GenericAuthorizationSchema, { msg });
    assert.equal(await codeOf(granting(generic(""))), "undefined/1");
    assert.equal(await codeOf(granting(generic("/nothing.Known"))), "sdk/29");
    assert.equal(await codeOf(granting(generic("/cosmos.gov.v1.MsgVote"))), "sdk/6");
    assert.equal(await codeOf(granting(sending("1"))), "sdk/2");
    assert.equal(await codeOf(granting(generic("/x"), alice, alice)), "authz/7");
  });

  it("MsgExec lies up to nine deep in itself", async () => {
    const nested = (depth: number): Any =>
      depth === 0 ? sending("1", bob.address, bob.address) : executing([nested(depth - 1)]);
    assert.equal(await codeOf(nested(9), bob), "ok");
    assert.equal(await codeOf(nested(10), bob), "sdk/2");
    assert.equal(await codeOf(executing([]), bob), "sdk/18");
  });

  it("what may be allowed", async () => {
    const coins = (...denoms: string[]) => denoms.map((denom) => ({ denom, amount: "5" }));
    const basic = (spendLimit: { denom: string; amount: string }[]) =>
      packed(cosmos.feegrant.BasicAllowanceSchema, { spendLimit });
    assert.equal(await codeOf(allowing(undefined)), "undefined/111222");
    assert.equal(await codeOf(allowing(basic(coins("nhash", "another")))), "sdk/10");
    assert.equal(await codeOf(allowing(basic(coins("nhash", "nhash")))), "sdk/10");
    assert.equal(await codeOf(allowing(basic(coins("x")))), "sdk/10");
    assert.equal(
      await codeOf(allowing(packed(cosmos.feegrant.AllowedMsgAllowanceSchema, { allowedMessages: ["x"] }))),
      "feegrant/5",
    );
    assert.equal(await codeOf(allowing(sending("1"))), "sdk/2");
    assert.equal(await codeOf(allowing(basic([]), "nobody")), "undefined/1");
    assert.equal(await codeOf(allowing(basic([]), alice.address.toUpperCase())), "sdk/7");
    const periodic = packed(cosmos.feegrant.PeriodicAllowanceSchema, { periodSpendLimit: coins("nhash") });
    assert.equal(await codeOf(allowing(periodic)), "ok");
  });

  it("what signs and pays", async () => {
    const altered = (change: (authInfo: cosmos.tx.AuthInfo, body: cosmos.tx.TxBody) => unknown) =>
      changed(network, alice, change);
    assert.equal(await altered((authInfo) => Object.assign(authInfo, { signerInfos: [] })), "sdk/2");
    assert.equal(await altered((authInfo) => Object.assign(authInfo.fee!, { granter: "nobody" })), "undefined/111222");
    assert.equal(await altered((authInfo) => Object.assign(authInfo.fee!, { payer: "nobody" })), "sdk/7");
    assert.equal(
      await altered((_, body) => Object.assign(body, { extensionOptions: [packed(cosmos.coin.CoinSchema, {})] })),
      "sdk/2",
    );
    const ed25519 = { $typeName: "google.protobuf.Any" as const, typeUrl: "/cosmos.crypto.ed25519.PubKey" };
    assert.equal(
      await altered((authInfo) =>
        Object.assign(authInfo.signerInfos[0]!, { publicKey: { ...ed25519, value: new Uint8Array(0) } }),
      ),
      "sdk/8",
    );
    const longAgo = timestampFromMs(Date.UTC(2020, 0, 1));
    assert.equal(await altered((_, body) => Object.assign(body, { timeoutTimestamp: longAgo })), "sdk/42");
  });
});

/** The code of a harmless transaction whose parts were changed, and which is not signed again after that. */
async function changed(
  network: TestNetwork,
  by: Actor,
  change: (authInfo: cosmos.tx.AuthInfo, body: cosmos.tx.TxBody) => unknown,
): Promise<string> {
  const bytes = await network.build([by], [network.send(by, by, 1n)]);
  const raw = fromBinary(cosmos.tx.TxRawSchema, bytes);
  const authInfo = fromBinary(cosmos.tx.AuthInfoSchema, raw.authInfoBytes);
  const body = fromBinary(cosmos.tx.TxBodySchema, raw.bodyBytes);
  change(authInfo, body);
  const { result } = network.ledger.broadcast(
    toBinary(
      cosmos.tx.TxRawSchema,
      create(cosmos.tx.TxRawSchema, {
        bodyBytes: toBinary(cosmos.tx.TxBodySchema, body),
        authInfoBytes: toBinary(cosmos.tx.AuthInfoSchema, authInfo),
        signatures: raw.signatures,
      }),
    ),
  );
  return `${result.codespace}/${result.code}`;
}
