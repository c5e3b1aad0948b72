import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { durationFromMs, timestampFromMs } from "@bufbuild/protobuf/wkt";
import * as cosmos from "@p8e/proto/cosmos";
import { type Actor, packed } from "@p8e/testkit";
import { convertPrice, costOf } from "../src/domain/prices.ts";
import { TestNetwork } from "./network.ts";

/** Order of the curve secp256k1. */
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** The other signature that ECDSA has for the same message: s replaced by the order minus s. */
function otherHalf(signature: Uint8Array): Uint8Array {
  const s = BigInt(`0x${Buffer.from(signature.subarray(32)).toString("hex")}`);
  const other = Buffer.from((ORDER - s).toString(16).padStart(64, "0"), "hex");
  return new Uint8Array([...signature.subarray(0, 32), ...other]);
}

describe("admission", () => {
  let network: TestNetwork;
  let alice: Actor;

  before(async () => {
    network = await TestNetwork.open();
    alice = await network.warm("alice");
  });
  after(() => network[Symbol.asyncDispose]());

  const self = () => [network.send(alice, alice, 1n)];

  function broadcast(bytes: Uint8Array): string {
    const { result } = network.ledger.broadcast(bytes);
    return result.code === 0 ? "ok" : `${result.codespace}/${result.code}`;
  }

  it("takes a low-s signature only", async () => {
    const raw = fromBinary(cosmos.tx.TxRawSchema, await network.build([alice], self()));
    const high = toBinary(cosmos.tx.TxRawSchema, { ...raw, signatures: raw.signatures.map(otherHalf) });
    assert.equal(broadcast(high), "sdk/4");
  });

  it("wants one signature for each signer, and no transaction without any", async () => {
    const raw = fromBinary(cosmos.tx.TxRawSchema, await network.build([alice], self()));
    assert.equal(broadcast(toBinary(cosmos.tx.TxRawSchema, { ...raw, signatures: [] })), "sdk/15");
    const twice = [...raw.signatures, ...raw.signatures];
    assert.equal(broadcast(toBinary(cosmos.tx.TxRawSchema, { ...raw, signatures: twice })), "sdk/4");
  });

  it("wants the key of the signer's own account", async () => {
    const bytes = await network.build([network.faucet], self());
    assert.equal(broadcast(bytes), "sdk/8");
  });

  it("takes seven signers, not eight", async () => {
    const signers: Actor[] = [];
    for (let index = 0; index < 8; index++) signers.push(await network.warm(`signer ${index}`));
    const messages = signers.map((signer) => network.send(signer, alice, 1n));
    assert.equal(broadcast(await network.build(signers, messages)), "sdk/14");
    assert.equal((await network.run(signers.slice(1), messages.slice(1))).code, "ok");
  });

  it("refuses a transaction without messages", async () => {
    assert.equal(broadcast(await network.build([alice], [])), "sdk/18");
  });

  it("reports the first of several faults in the original's order", async () => {
    const faults = { fee: 0n, memo: "x".repeat(300), timeoutHeight: 1n, sequence: 99n };
    assert.equal(broadcast(await network.build([alice], self(), { ...faults, gasLimit: 5_000_000n })), "sdk/41");
    assert.equal(broadcast(await network.build([alice], self(), faults)), "sdk/13");
    const { fee: _, ...paid } = faults;
    assert.equal(broadcast(await network.build([alice], self(), paid)), "sdk/30");
    assert.equal(broadcast(await network.build([alice], self(), { ...paid, timeoutHeight: 0n })), "sdk/12");
    assert.equal(broadcast(await network.build([alice], self(), { sequence: 99n })), "sdk/32");
  });

  it("names both sequences when they differ", async () => {
    const { result } = network.ledger.broadcast(await network.build([alice], self(), { sequence: 99n }));
    assert.match(result.log, /account sequence mismatch, expected \d+, got 99/);
  });

  it("reads a gas limit equal to the fee as none", async () => {
    const { fee, gas } = { fee: costOf(["/cosmos.bank.v1beta1.MsgSend"]).total[0]!.amount, gas: "500000" };
    const { code, response } = await network.run([alice], self(), { gasLimit: fee });
    assert.equal(code, "ok");
    assert.equal(response?.gasWanted.toString(), gas);
  });

  it("stops a transaction that runs out of gas, and keeps its up-front fee", async () => {
    const before = network.balance(alice.address);
    const { code } = await network.run([alice], self(), { gasLimit: 90_000n });
    assert.equal(code, "sdk/11");
    assert.equal(before - network.balance(alice.address), costOf(["/cosmos.bank.v1beta1.MsgSend"]).upFront[0]!.amount);
  });

  it("expires a transaction by the height that goes on without blocks on disk", async () => {
    const timeoutHeight = network.ledger.height + 2n;
    const bytes = await network.build([alice], self(), { timeoutHeight });
    for (let count = 0; count < 3; count++) await network.ledger.advance();
    assert.equal(broadcast(bytes), "sdk/30");
  });

  it("refuses a transaction whose timeout has passed", async () => {
    const now = network.clock.now();
    const bytes = await network.build([alice], self(), { timeoutTimestampMs: now + 1_000 });
    network.clock.wait(10_000);
    await network.ledger.advance();
    assert.equal(broadcast(bytes), "sdk/42");
  });
});

describe("prices", () => {
  it("are those of the public networks, converted upwards", () => {
    assert.deepEqual(convertPrice(25n), { denom: "nhash", amount: 1_000_000_000n });
    assert.deepEqual(convertPrice(1n), { denom: "nhash", amount: 40_000_000n });
    const metadata = "/provenance.metadata.v1.Msg";
    const scope = costOf([
      `${metadata}WriteScopeRequest`,
      `${metadata}WriteSessionRequest`,
      `${metadata}WriteRecordRequest`,
    ]);
    assert.deepEqual(scope.total, [{ denom: "nhash", amount: 66_000_000_000n }]);
    assert.deepEqual(scope.upFront, [{ denom: "nhash", amount: 18_000_000_000n }]);
  });
});

describe("fee allowances", () => {
  let network: TestNetwork;
  let granter: Actor;
  let grantee: Actor;
  const price = costOf(["/cosmos.bank.v1beta1.MsgSend"]).total[0]!.amount;

  before(async () => {
    network = await TestNetwork.open();
    granter = await network.warm("granter");
    grantee = await network.warm("grantee");
  });
  after(() => network[Symbol.asyncDispose]());

  async function allow(allowance: ReturnType<typeof packed>): Promise<string> {
    const [from, to] = [granter.address, grantee.address];
    await network.run([granter], [packed(cosmos.feegrant.MsgRevokeAllowanceSchema, { granter: from, grantee: to })]);
    const message = packed(cosmos.feegrant.MsgGrantAllowanceSchema, { granter: from, grantee: to, allowance });
    return (await network.run([granter], [message])).code;
  }

  const pay = () => network.run([grantee], [network.send(grantee, grantee, 1n)], { feeGranter: granter.address });
  const limit = (amount: bigint) => [{ denom: "nhash", amount: amount.toString() }];

  it("let another account pay, down to the last coin of the limit", async () => {
    const { BasicAllowanceSchema } = cosmos.feegrant;
    assert.equal(await allow(packed(BasicAllowanceSchema, { spendLimit: limit(2n * price) })), "ok");
    const [own, others] = [network.balance(grantee.address), network.balance(granter.address)];
    assert.equal((await pay()).code, "ok");
    assert.equal(network.balance(grantee.address), own);
    assert.equal(others - network.balance(granter.address), price);
    assert.equal((await pay()).code, "ok");
    assert.equal((await pay()).code, "sdk/38");
  });

  it("refuse a fee over the limit and after their expiration", async () => {
    const { BasicAllowanceSchema } = cosmos.feegrant;
    await allow(packed(BasicAllowanceSchema, { spendLimit: limit(price - 1n) }));
    assert.equal((await pay()).code, "feegrant/2");
    const expiration = timestampFromMs(network.clock.now() + 5_000);
    await allow(packed(BasicAllowanceSchema, { expiration }));
    network.clock.wait(60_000);
    await network.ledger.advance();
    assert.equal((await pay()).code, "sdk/38");
  });

  it("fill up again each period", async () => {
    const periodic = packed(cosmos.feegrant.PeriodicAllowanceSchema, {
      basic: {},
      period: durationFromMs(3_600_000),
      periodSpendLimit: limit(price),
      periodCanSpend: limit(price),
    });
    assert.equal(await allow(periodic), "ok");
    assert.equal((await pay()).code, "ok");
    assert.equal((await pay()).code, "feegrant/2");
    network.clock.wait(3_700_000);
    await network.ledger.advance();
    assert.equal((await pay()).code, "ok");
  });

  it("are given once, and not to oneself", async () => {
    const allowance = packed(cosmos.feegrant.BasicAllowanceSchema, {});
    assert.equal(await allow(allowance), "ok");
    const again = { granter: granter.address, grantee: grantee.address, allowance };
    assert.equal(
      (await network.run([granter], [packed(cosmos.feegrant.MsgGrantAllowanceSchema, again)])).code,
      "sdk/18",
    );
    const own = { ...again, grantee: granter.address };
    assert.equal((await network.run([granter], [packed(cosmos.feegrant.MsgGrantAllowanceSchema, own)])).code, "sdk/7");
  });
});
