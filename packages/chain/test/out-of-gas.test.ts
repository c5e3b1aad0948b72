import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isP8eError, type P8eError } from "@p8e/core";
import { type ChainClient, type LedgerMessage, outOfGasAttempt, type SubmitOptions, sendCoins } from "../src/index.ts";
import { alice, connectTo, startNode, stranger } from "./embedded-node.ts";
import { proxyNode } from "./node-proxy.ts";

const EVER = Number.POSITIVE_INFINITY;
const MESSAGES = 18;
const messages: readonly LedgerMessage[] = Array.from({ length: MESSAGES }, () =>
  sendCoins({ from: alice.address, to: stranger.address, amounts: [{ denomination: "nhash", amount: 1n }] }),
);
/** Of the estimate: with the margin too little for so many messages, and enough when doubled. */
const TOO_LITTLE = 0.5;

/** Submits, and counts what was signed and what it cost the account beside what it sent. */
async function submitted(chain: ChainClient, options: Partial<SubmitOptions> = {}) {
  const before = await chain.accounts.balance(alice.address);
  const hashes: string[] = [];
  const limits: bigint[] = [];
  const result = await chain
    .submit(messages, {
      signer: alice,
      gasAdjustment: TOO_LITTLE,
      onSigned: ({ hash, cost }) => {
        hashes.push(hash);
        limits.push(cost.gasLimit);
      },
      ...options,
    })
    .catch((error: unknown) => {
      assert.ok(isP8eError(error), String(error));
      return error;
    });
  const paid = before - (await chain.accounts.balance(alice.address));
  return { result, hashes, limits, paid, received: await chain.accounts.balance(stranger.address) };
}

describe("a transaction that runs out of gas in its block", () => {
  it("is signed anew once with twice the limit, and the receipt names both fees", async () => {
    await using node = await startNode();
    await using chain = await connectTo(node.url);
    const { result, hashes, limits, paid, received } = await submitted(chain);
    assert.ok(!isP8eError(result), String(result));
    assert.deepEqual(hashes, [result.outOfGas?.hash, result.hash]);
    assert.deepEqual(limits, [result.outOfGas?.gasLimit, result.gasLimit]);
    assert.equal(limits[1], limits[0]! * 2n);
    assert.equal(result.outOfGas?.fee, result.fee);
    assert.equal(received, BigInt(MESSAGES));
    assert.equal(paid, result.fee * 2n + BigInt(MESSAGES));
  });

  it("is not signed anew above the fee ceiling, and its own failure is what is told", async () => {
    await using node = await startNode();
    await using chain = await connectTo(node.url);
    const { fee } = await chain.estimate(messages, [alice]);
    const { result, hashes, paid, received } = await submitted(chain, { feeMax: fee * 2n - 1n });
    assert.ok(isP8eError(result));
    assert.equal(result.code, "ledger.transaction_failed");
    assert.deepEqual([result.facts["kind"], result.facts["retry"]], ["OutOfGas", "rebuild"]);
    assert.equal((result.cause as P8eError).code, "ledger.fee_ceiling");
    assert.deepEqual([hashes.length, paid, received], [1, fee, 0n]);

    const attempt = outOfGasAttempt(result);
    assert.deepEqual([attempt?.hash, attempt?.fee], [hashes[0], fee]);
    const later = await submitted(chain, attempt === undefined ? {} : { outOfGas: attempt });
    assert.ok(!isP8eError(later.result), String(later.result));
    assert.deepEqual(later.result.outOfGas, attempt);
    assert.equal(later.result.gasLimit, attempt!.gasLimit * 2n);
  });

  it("is not signed a third time", async () => {
    await using node = await startNode();
    await using chain = await connectTo(node.url);
    const { result, hashes, received } = await submitted(chain, { gasAdjustment: 0 });
    assert.ok(isP8eError(result));
    assert.equal(result.facts["kind"], "OutOfGas");
    assert.deepEqual([hashes.length, received, result.facts["hash"]], [2, 0n, hashes[1]]);
  });

  it("is not signed anew where the node gives no results", async () => {
    await using node = await startNode();
    await using proxy = await proxyNode(node.url);
    await using chain = await connectTo(proxy.url);
    proxy.fault("GetTx", { status: 2, message: "transaction indexing is disabled" }, EVER);
    const { result, hashes } = await submitted(chain);
    assert.ok(!isP8eError(result), String(result));
    assert.deepEqual([result.confirmation, result.outOfGas, hashes.length], ["block", undefined, 1]);
    assert.equal(chain.keepsResults, false);
  });
});

describe("the fee ceiling", () => {
  it("stops a transaction that costs more before anything is signed", async () => {
    await using node = await startNode();
    await using chain = await connectTo(node.url);
    const { fee } = await chain.estimate(messages, [alice]);
    const { result, hashes, paid } = await submitted(chain, { feeMax: fee - 1n });
    assert.ok(isP8eError(result));
    assert.deepEqual([result.code, result.facts["fee"], result.facts["feeMax"]], ["ledger.fee_ceiling", fee, fee - 1n]);
    assert.deepEqual([hashes, paid], [[], 0n]);
    const receipt = await chain.submit(messages, { signer: alice, feeMax: fee });
    assert.equal(receipt.fee, fee);
  });
});
