import assert from "node:assert/strict";
import { it } from "node:test";
import { conversionWords, priceDrift } from "../src/support/price-drift.ts";

const musd = (amount: bigint) => [{ denomination: "musd", amount }];
const send = "/cosmos.bank.v1beta1.MsgSend";
const scope = "/provenance.metadata.v1.MsgWriteScopeRequest";
const other = "/provenance.name.v1.MsgBindNameRequest";
const expected = { standard: musd(150n), perType: new Map([[send, musd(50n)]]) };
const matters = (type: string) => type !== other;

it("the same prices are no drift, also where one list leaves out what costs as much as all others", () => {
  const listed = new Map([...expected.perType, [scope, musd(150n)], [other, musd(9_999n)]]);
  assert.deepEqual(priceDrift(expected, { standard: musd(150n), perType: listed }, matters), []);
});

it("each other price is told in dollars, that of all others first", () => {
  const found = { standard: musd(200n), perType: new Map([[scope, [{ denomination: "nhash", amount: 7n }]]]) };
  assert.deepEqual(priceDrift(expected, found, matters), [
    { type: undefined, expected: "$0.15", found: "$0.20" },
    { type: send, expected: "$0.05", found: "$0.20" },
    { type: scope, expected: "$0.15", found: "7 nhash" },
  ]);
  const free = { standard: musd(150n), perType: new Map([[send, []]]) };
  assert.deepEqual(priceDrift(expected, free, matters), [{ type: send, expected: "$0.05", found: "nothing" }]);
});

it("the conversion is told by what one hash is worth, or as it is where it is none of dollars", () => {
  const charged = { denomination: "nhash", amount: 1_000_000_000n };
  assert.equal(conversionWords({ defined: musd(25n)[0]!, charged }), "1 hash is $0.025");
  const defined = { denomination: "euro", amount: 2n };
  assert.equal(conversionWords({ defined, charged }), "2 euro is charged as 1000000000 nhash");
});
