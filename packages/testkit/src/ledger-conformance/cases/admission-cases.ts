import assert from "node:assert/strict";
import { type Any, timestampFromMs } from "@bufbuild/protobuf/wkt";
import * as cosmos from "@p8e/proto/cosmos";
import * as fees from "@p8e/proto/fees";
import * as metadata from "@p8e/proto/metadata";
import { attributesOf, type ConformanceCase, queryRefused, type Stage } from "../conformance-case.ts";
import { grant, owner, scopeBytes, writeScope } from "../messages.ts";
import { type Actor, packed } from "../transaction.ts";
import { nhashOf } from "../world.ts";

const UNKNOWN = 2;
const INVALID_ARGUMENT = 3;
const NOT_FOUND = 5;
const INTERNAL = 13;

function selfSend({ world }: Stage, from: Actor): Any {
  return world.send(from, from, 1n);
}

async function scopeMessage({ a, world, specification }: Stage): Promise<Any> {
  return writeScope(specification, world.uuid(), [owner(a)], [a]);
}

function allowance(granter: Actor, grantee: Actor, allowedMessages: readonly string[]): Any {
  return packed(cosmos.feegrant.MsgGrantAllowanceSchema, {
    granter: granter.address,
    grantee: grantee.address,
    allowance: packed(cosmos.feegrant.AllowedMsgAllowanceSchema, {
      allowance: packed(cosmos.feegrant.BasicAllowanceSchema, {}),
      allowedMessages: [...allowedMessages],
    }),
  });
}

/** What a transaction must have before its messages are run, and what it costs. */
export const admissionCases: readonly ConformanceCase[] = [
  {
    number: 65,
    title: "a fee below the price, a fee in the style of gas prices and too much gas are refused",
    run: async (stage) => {
      const { a, world } = stage;
      const messages = [selfSend(stage, a)];
      const price = await world.price(messages);
      await stage.refused("sdk/13", [a], messages, { fee: price - 1n });
      await stage.refused("undefined/1", [a], messages, { fee: 2_000_000n * 1905n, gasLimit: 2_000_000n });
      await stage.refused("sdk/41", [a], messages, { gasLimit: 5_000_000n });
    },
  },
  {
    number: 66,
    title: "a wrong sequence, a signature for another chain and a payer without funds are refused",
    run: async (stage) => {
      const { a, world } = stage;
      const messages = [selfSend(stage, a)];
      await stage.refused("sdk/32", [a], messages, { sequences: [1_000_000n] });
      await stage.refused("sdk/4", [a], messages, { chainId: "another-chain" });
      const poor = await world.silentActor(1n);
      await stage.refused("sdk/5", [poor], [selfSend(stage, poor)]);
    },
  },
  {
    number: 67,
    title: "an expired timeout height and a memo that is too long are refused",
    run: async (stage) => {
      const { a, world } = stage;
      const messages = [selfSend(stage, a)];
      await world.waitForHeight(3n);
      await stage.refused("sdk/30", [a], messages, { timeoutHeight: 1n });
      await stage.refused("sdk/12", [a], messages, { memo: "x".repeat(2_000) });
    },
  },
  {
    number: 68,
    title: "an unordered transaction needs a timestamp and is taken once",
    run: async (stage) => {
      const { a, world } = stage;
      const messages = [selfSend(stage, a)];
      const unordered = { unordered: true, sequences: [0n] };
      await stage.refused("sdk/18", [a], messages, unordered);
      const timeoutTimestampMs = Date.now() + 60_000;
      const bytes = await world.build([a], messages, { ...unordered, timeoutTimestampMs });
      assert.equal((await world.submitBytes(bytes)).response?.code, 0);
      assert.ok(["sdk/18", "sdk/19"].includes((await world.broadcast(bytes)).code));
      const other = [world.send(a, a, 2n)];
      await stage.refused("sdk/18", [a], other, { ...unordered, timeoutTimestampMs });
    },
  },
  {
    number: 69,
    title: "the same bytes twice, the mode BLOCK and an unknown hash are told apart",
    run: async (stage) => {
      const { a, world } = stage;
      const bytes = await world.build([a], [selfSend(stage, a)]);
      const first = await world.broadcast(bytes);
      assert.equal(first.code, "ok", first.log);
      assert.equal((await world.broadcast(bytes)).code, "sdk/19");
      await world.included(first.hash);
      const { broadcastTx, getTx } = cosmos.tx.Service.method;
      const mode = cosmos.tx.BroadcastMode.BLOCK;
      await queryRefused(world.endpoint.ask(broadcastTx, { txBytes: bytes, mode }), UNKNOWN);
      await queryRefused(world.endpoint.ask(getTx, { hash: "0".repeat(64) }), NOT_FOUND);
    },
  },
  {
    number: 70,
    title: "a failing execution costs a sequence and the up-front part of the fee",
    run: async (stage) => {
      const { world } = stage;
      const payer = await world.warmActor();
      const messages = [
        packed(metadata.MsgUpdateValueOwnersRequestSchema, {
          scopeIds: [scopeBytes(world.uuid())],
          valueOwnerAddress: payer.address,
          signers: [payer.address],
        }),
      ];
      const [before, account] = [await world.balance(payer.address), await world.account(payer.address)];
      const { response } = await stage.failed("sdk/18", [payer], messages);
      assert.ok(response);
      const { defaultCost } = await world.endpoint.ask(fees.flat.Query.method.allMsgFees, {});
      const upFront = defaultCost === undefined ? 0n : nhashOf([defaultCost]);
      assert.equal(before - (await world.balance(payer.address)), upFront);
      assert.equal((await world.account(payer.address))?.sequence, (account?.sequence ?? 0n) + 1n);
      const fee = attributesOf(response, "tx").find((attributes) => "fee" in attributes)?.fee;
      assert.equal(fee, `${upFront}nhash`);
    },
  },
  {
    number: 71,
    title: "an overpaid fee is taken whole",
    run: async (stage) => {
      const { world } = stage;
      const payer = await world.warmActor();
      const messages = [selfSend(stage, payer)];
      const fee = (await world.price(messages)) + 12_345n;
      const before = await world.balance(payer.address);
      const response = await stage.succeeded([payer], messages, { fee });
      assert.equal(before - (await world.balance(payer.address)), fee);
      const overage = attributesOf(response, "tx").find((attributes) => "fee_overage" in attributes);
      assert.equal(overage?.fee_overage, "12345nhash");
      assert.equal(overage?.total, `${fee}nhash`);
    },
  },
  {
    number: 72,
    title: "simulation and both fee queries give the price list's price",
    run: async (stage) => {
      const { a, world } = stage;
      const messages = [await scopeMessage(stage)];
      const price = await world.price(messages);
      const txBytes = await world.build([a], messages, { simulate: true });
      const simulated = await world.endpoint.ask(cosmos.tx.Service.method.simulate, { txBytes });
      assert.equal(simulated.gasInfo?.gasUsed, price);
      const flat = await world.endpoint.ask(fees.flat.Query.method.calculateTxFees, { txBytes });
      assert.equal(nhashOf(flat.totalFees), price);
      assert.ok(flat.estimatedGas > 0n);
      const old = { txBytes, defaultBaseDenom: "nhash", gasAdjustment: 1.5 };
      const perMessage = await world.endpoint.ask(fees.perMessage.Query.method.calculateTxFees, old);
      assert.equal(nhashOf(perMessage.totalFees), price);
      assert.deepEqual(perMessage.additionalFees, []);
    },
  },
  {
    number: 73,
    title: "an allowance pays for the messages it lists only, and without one nobody else pays",
    run: async (stage) => {
      const { world } = stage;
      const [granter, grantee] = [await world.warmActor(), await world.warmActor()];
      const messages = [selfSend(stage, grantee)];
      const options = { feeGranter: granter.address };
      await stage.refused("sdk/38", [grantee], messages, options);
      await stage.succeeded(
        [granter],
        [allowance(granter, grantee, [`/${metadata.MsgWriteScopeRequestSchema.typeName}`])],
      );
      await stage.refused("feegrant/7", [grantee], messages, options);
    },
  },
  {
    number: 74,
    title: "two transactions with following sequences share a mempool and are both included",
    run: async (stage) => {
      const { a, world } = stage;
      const sequence = (await world.account(a.address))?.sequence ?? 0n;
      const first = await world.build([a], [selfSend(stage, a)], { sequences: [sequence] });
      const second = await world.build([a], [selfSend(stage, a)], { sequences: [sequence + 1n] });
      const [one, two] = [await world.broadcast(first), await world.broadcast(second)];
      assert.deepEqual([one.code, two.code], ["ok", "ok"]);
      assert.equal((await world.included(one.hash)).code, 0);
      assert.equal((await world.included(two.hash)).code, 0);
    },
  },
  {
    number: 75,
    title: "a message of the first contract execution environment is refused",
    run: async (stage) => {
      const { a } = stage;
      const message = packed(metadata.MsgWriteP8eContractSpecRequestSchema, { signers: [a.address] });
      await stage.refused("undefined/1", [a], [message]);
    },
  },
  {
    number: 76,
    title: "an estimate lacks the gas of collecting the fee: once, and again for what is above the default price",
    run: async (stage) => {
      const { a, world } = stage;
      for (const [message, least, most] of [
        [selfSend(stage, a), 20_000n, 35_000n],
        [await scopeMessage(stage), 40_000n, 60_000n],
      ] as const) {
        const txBytes = await world.build([a], [message], { simulate: true });
        const { estimatedGas } = await world.endpoint.ask(fees.flat.Query.method.calculateTxFees, { txBytes });
        const { gasUsed } = await stage.succeeded([a], [message]);
        // The signature, which a simulation does not have, counts by its bytes.
        const lacking = gasUsed - estimatedGas;
        assert.ok(lacking > least && lacking < most, `estimated ${estimatedGas}, used ${gasUsed}`);
      }
    },
  },
  {
    number: 77,
    title: "a grant and a fee allowance are gone when their time is over: for use, for queries and for a new one",
    run: async (stage) => {
      const { world } = stage;
      const [granter, grantee] = [await world.warmActor(), await world.warmActor()];
      const expirationMs = (await world.timeMs()) + 4_000;
      const passing = packed(cosmos.feegrant.MsgGrantAllowanceSchema, {
        granter: granter.address,
        grantee: grantee.address,
        allowance: packed(cosmos.feegrant.BasicAllowanceSchema, { expiration: timestampFromMs(expirationMs) }),
      });
      const sends = grant(granter, grantee, cosmos.bank.MsgSendSchema, { expirationMs });
      await stage.succeeded([granter], [sends, passing]);
      const onBehalf = packed(cosmos.authz.MsgExecSchema, {
        grantee: grantee.address,
        msgs: [selfSend(stage, granter)],
      });
      const paidFor = { feeGranter: granter.address };
      // The message within has its price too.
      const fee = await world.price([onBehalf, selfSend(stage, granter)]);
      await stage.succeeded([grantee], [onBehalf], { ...paidFor, fee });
      await world.waitForTime(expirationMs);
      await stage.failed("authz/2", [grantee], [onBehalf], { fee });
      await stage.refused("sdk/38", [grantee], [selfSend(stage, grantee)], paidFor);
      const pair = { granter: granter.address, grantee: grantee.address };
      assert.deepEqual((await world.endpoint.ask(cosmos.authz.Query.method.grants, pair)).grants, []);
      await queryRefused(world.endpoint.ask(cosmos.feegrant.Query.method.allowance, pair), INTERNAL);
      assert.deepEqual(
        (await world.endpoint.ask(cosmos.feegrant.Query.method.allowances, { grantee: grantee.address })).allowances,
        [],
      );
      await stage.succeeded([granter], [allowance(granter, grantee, ["/cosmos.bank.v1beta1.MsgSend"])]);
    },
  },
  {
    number: 78,
    title: "denominations, addresses and hashes that are none are refused by queries with their services' own statuses",
    run: async ({ a, world }) => {
      const { bank, authz, feegrant, tx } = cosmos;
      const ask = world.endpoint.ask.bind(world.endpoint);
      for (const denom of ["", "1", "a b"]) {
        await queryRefused(ask(bank.Query.method.balance, { address: a.address, denom }), INVALID_ARGUMENT);
        await queryRefused(ask(bank.Query.method.supplyOf, { denom }), INVALID_ARGUMENT);
        await queryRefused(ask(bank.Query.method.denomOwners, { denom }), INVALID_ARGUMENT);
      }
      for (const wrong of ["", "nobody", a.address.slice(0, -1)]) {
        await queryRefused(ask(authz.Query.method.grants, { granter: wrong, grantee: a.address }), UNKNOWN);
        await queryRefused(ask(authz.Query.method.granterGrants, { granter: wrong }), UNKNOWN);
        await queryRefused(ask(authz.Query.method.granteeGrants, { grantee: wrong }), UNKNOWN);
        await queryRefused(ask(feegrant.Query.method.allowance, { granter: a.address, grantee: wrong }), UNKNOWN);
        await queryRefused(ask(feegrant.Query.method.allowances, { grantee: wrong }), UNKNOWN);
        await queryRefused(ask(feegrant.Query.method.allowancesByGranter, { granter: wrong }), UNKNOWN);
      }
      for (const hash of ["xyz", "0", `0x${"0".repeat(64)}`]) {
        await queryRefused(ask(tx.Service.method.getTx, { hash }), UNKNOWN);
      }
      await queryRefused(ask(tx.Service.method.getTx, { hash: "" }), INVALID_ARGUMENT);
    },
  },
];
