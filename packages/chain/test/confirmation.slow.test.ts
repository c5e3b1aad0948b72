// On a real node, where a block is seen before its application has committed it, and where nothing else tells of a
// transaction when there is no index.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import { randomUuid, scopeAddress, scopeSpecificationAddress } from "@p8e/core";
import { optionalProvenanced, startProvenanced } from "@p8e/testkit";
import { type ChainClient, sendCoins, writeScope, writeScopeSpecification } from "../src/index.ts";
import { alice, connectTo } from "./embedded-node.ts";

const uuid = () => randomUuid((length) => new Uint8Array(randomBytes(length)));
const signers = [alice.address];
const PARALLEL = 60;
const SEQUENTIAL = 150;

/** A new scope each time, so that each transaction leaves something to see. */
async function scopeWriter(chain: ChainClient) {
  // An account that never signed counts as a smart contract.
  const coin = { denomination: "nhash", amount: 1n };
  await chain.submit([sendCoins({ from: alice.address, to: alice.address, amounts: [coin] })], { signer: alice });
  const specification = scopeSpecificationAddress(uuid());
  const written = { specification, owners: signers, partiesInvolved: ["OWNER" as const], signers };
  await chain.submit([writeScopeSpecification(written)], { signer: alice });
  const owners = [{ address: alice.address, role: "OWNER" as const }];
  return async () => {
    const scope = scopeAddress(uuid());
    const message = writeScope({ scope, specification, owners, signers });
    return { scope, receipt: await chain.submit([message], { signer: alice }) };
  };
}

await optionalProvenanced("confirmation on a real node", (found) => {
  describe("a real node reports none of many submits wrongly", () => {
    for (const [how, indexed, withRpc, confirmation] of [
      ["with an index of transactions", true, false, "result"],
      ["without one, by its state", false, false, "state"],
      ["without one, by its block results", false, true, "result"],
    ] as const) {
      it(how, async () => {
        await using node = await startProvenanced(found, { indexed });
        await using chain = await connectTo(node.url, withRpc ? { rpc: { url: node.rpcUrl } } : {});
        const write = await scopeWriter(chain);
        const written = await Promise.all(Array.from({ length: PARALLEL }, write));
        for (let index = 0; index < SEQUENTIAL; index += 1) written.push(await write());
        for (const { receipt } of written) assert.equal(receipt.confirmation, confirmation);
        assert.equal(new Set(written.map(({ receipt }) => receipt.hash)).size, PARALLEL + SEQUENTIAL);
        assert.equal((await chain.accounts.account(alice.address))?.sequence, BigInt(PARALLEL + SEQUENTIAL + 2));
        const { notFound } = await chain.metadata.byAddress(written.map(({ scope }) => scope));
        assert.deepEqual(notFound, []);
      });
    }
  });
});
