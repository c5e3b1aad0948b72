import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create, toBinary } from "@bufbuild/protobuf";
import * as cosmos from "@p8e/proto/cosmos";
import fc from "fast-check";
import {
  addAmounts,
  GAS_LIMIT_MAX,
  gasLimitFor,
  isMisreadGasLimit,
  nhashOf,
  PriceList,
} from "../src/transactions/fees.ts";

describe("the gas limit", () => {
  it("is the estimate and three tenths, rounded up, and what a simulation leaves out", () => {
    assert.equal(gasLimitFor(100_001n, 5_000_000_000n), 230_002n);
  });

  it("is enough for what transactions used on a node of 1.30.0", () => {
    // The estimates of a send, a contract specification, scope with session and record, data access, 18 messages.
    const used = [82_759n, 94_942n, 189_276n, 74_626n, 410_854n];
    const estimates = [58_252n, 46_660n, 141_012n, 50_119n, 362_529n];
    for (const [index, estimate] of estimates.entries()) assert.ok(gasLimitFor(estimate, 1n) > used[index]!);
  });

  it("is capped at what a transaction may use", () => {
    assert.equal(gasLimitFor(10_000_000n, 5_000_000_000n), 4_000_000n);
  });

  it("moves by one where it equals the fee, which the chain reads as no limit", () => {
    assert.equal(gasLimitFor(100_000n, 230_000n), 230_001n);
  });

  for (const price of [1905n, 9525n, 19_050n]) {
    it(`moves by one where the fee is ${price} times the limit, which the chain reads as an old gas price`, () => {
      assert.equal(gasLimitFor(100_000n, 230_000n * price), 230_001n);
    });
  }

  it("moves down at the cap", () => {
    assert.equal(gasLimitFor(9_000_000n, GAS_LIMIT_MAX * 1905n), 3_999_999n);
  });

  it("is never misread and never above the cap, whatever the estimate and the fee", () => {
    const gas = fc.bigInt({ min: 1n, max: 20_000_000n });
    const price = fc.constantFrom(1n, 1905n, 9525n, 19_050n);
    fc.assert(
      fc.property(gas, price, fc.bigInt({ min: -2n, max: 2n }), (estimate, factor, shift) => {
        const near = gasLimitFor(estimate, 0n) * factor + shift;
        const fee = near < 0n ? 0n : near;
        const limit = gasLimitFor(estimate, fee);
        assert.ok(!isMisreadGasLimit(limit, fee));
        assert.ok(limit <= GAS_LIMIT_MAX && limit >= 1n);
      }),
    );
  });
});

describe("the price list", () => {
  const nhash = (amount: bigint) => [{ denomination: "nhash", amount }];
  const send = { typeUrl: "/cosmos.bank.v1beta1.MsgSend", value: new Uint8Array(), signers: [] };
  const exec = {
    typeUrl: "/cosmos.authz.v1beta1.MsgExec",
    value: toBinary(
      cosmos.authz.MsgExecSchema,
      create(cosmos.authz.MsgExecSchema, { msgs: [{ typeUrl: send.typeUrl }, { typeUrl: "/unlisted.Msg" }] }),
    ),
    signers: [],
  };
  const prices = new PriceList({
    perType: new Map([
      [send.typeUrl, nhash(2_000_000_000n)],
      [exec.typeUrl, nhash(3_000_000_000n)],
    ]),
    standard: nhash(6_000_000_000n),
  });

  it("gives types without a price the default", () => {
    assert.deepEqual(prices.perMessage([send, { ...send, typeUrl: "/unlisted.Msg" }]), [
      { typeUrl: send.typeUrl, cost: 2_000_000_000n },
      { typeUrl: "/unlisted.Msg", cost: 6_000_000_000n },
    ]);
  });

  it("charges the messages inside an authz Exec too", () => {
    assert.equal(nhashOf(prices.amounts(exec)), 11_000_000_000n);
  });

  it("adds up one amount for each denomination, sorted, without zeros", () => {
    const sum = addAmounts([
      [
        { denomination: "usd", amount: 1n },
        { denomination: "zero", amount: 0n },
      ],
      [
        { denomination: "nhash", amount: 2n },
        { denomination: "usd", amount: 3n },
      ],
    ]);
    assert.deepEqual(sum, [
      { denomination: "nhash", amount: 2n },
      { denomination: "usd", amount: 4n },
    ]);
  });
});
