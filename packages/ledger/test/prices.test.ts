import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, it } from "node:test";
import { optionalProvenanced } from "@p8e/testkit";
import { findDefinition } from "../src/domain/messages/registry.ts";
import { DEFAULT_PRICE, PRICE_DENOMINATION, prices } from "../src/domain/prices.ts";

interface ListedPrice {
  readonly msg_type_url: string;
  readonly cost: readonly { readonly denom: string; readonly amount: string }[];
}

await optionalProvenanced("the price list of the public networks", (found) => {
  describe("the public networks' price list of v1.26", async () => {
    const listed = JSON.parse(await readFile(found.priceList, "utf8")) as readonly ListedPrice[];
    const costs = new Map(listed.map(({ msg_type_url, cost }) => [msg_type_url, cost]));

    it("has every price of the embedded ledger", () => {
      for (const [type, price] of prices) {
        assert.deepEqual(costs.get(type), [{ denom: PRICE_DENOMINATION, amount: price.toString() }], type);
      }
    });

    it("gives no other message of the embedded ledger a price than the default", () => {
      const known = [...costs].filter(([type]) => findDefinition(type) !== undefined);
      assert.ok(known.length >= prices.size);
      for (const [type, cost] of known) {
        const price = prices.get(type) ?? DEFAULT_PRICE;
        assert.deepEqual(cost, [{ denom: PRICE_DENOMINATION, amount: price.toString() }], type);
      }
    });
  });
});
