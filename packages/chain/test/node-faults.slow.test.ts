// What befalls a real node, and the submits that are under way then: nothing is sent twice, nothing is reported lost.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { isP8eError, type P8eError } from "@p8e/core";
import { optionalProvenanced, type Provenanced, startProvenanced } from "@p8e/testkit";
import { type ChainClient, sendCoins, type TransactionReceipt } from "../src/index.ts";
import { alice, bob, connectTo, stranger } from "./embedded-node.ts";
import { proxyNode } from "./node-proxy.ts";

/** Shorter than usual, so that a node that stands still is noticed within the test. */
const TIMEOUT_MS = 2000;
const payment = (from = alice) =>
  sendCoins({ from: from.address, to: stranger.address, amounts: [{ denomination: "nhash", amount: 1n }] });

/**
 * One coin, once. What fails before it is signed is submitted again; what was signed and is open is followed by its bytes,
 * as after a crash. Any other failure is the test's.
 */
async function payOnce(chain: ChainClient): Promise<TransactionReceipt> {
  let bytes: Uint8Array | undefined;
  for (let again = 0; ; again += 1) {
    try {
      if (bytes !== undefined) return await chain.broadcast(bytes);
      return await chain.submit([payment()], {
        signer: alice,
        onSigned: (signed) => {
          bytes = signed.bytes;
        },
      });
    } catch (error) {
      const open = isP8eError(error) && ["ledger.unavailable", "rpc.deadline"].includes(error.code);
      if (!open || again === 60) throw error;
      await delay(500);
    }
  }
}

/** Submits a stream of payments while `befall` happens, and counts the coins where `watcher` looks. */
async function survive(chain: ChainClient, watcher: ChainClient, befall: () => Promise<void>): Promise<void> {
  const before = (await watcher.accounts.account(alice.address))?.sequence ?? 0n;
  const held = await watcher.accounts.balance(stranger.address);
  let isOver = false;
  const payments: Promise<TransactionReceipt>[] = [];
  const fates = befall().finally(() => {
    isOver = true;
  });
  while (!isOver) {
    const payment = payOnce(chain);
    // Looked at when all is over.
    payment.catch(() => {});
    payments.push(payment);
    await delay(150);
  }
  await fates;
  payments.push(payOnce(chain));
  const receipts = await Promise.all(payments);
  assert.equal(new Set(receipts.map(({ hash }) => hash)).size, receipts.length);
  const count = BigInt(receipts.length);
  assert.equal((await watcher.accounts.balance(stranger.address)) - held, count);
  assert.equal(((await watcher.accounts.account(alice.address))?.sequence ?? 0n) - before, count);
}

const failing = (found: Provenanced) => {
  for (const indexed of [true, false]) {
    describe(`a real node ${indexed ? "with" : "without"} an index of transactions`, () => {
      it("that is killed, stopped and started again, and stands still", async () => {
        await using node = await startProvenanced(found, { indexed });
        await using chain = await connectTo(node.url, { timeoutMs: TIMEOUT_MS });
        await survive(chain, chain, async () => {
          await delay(1000);
          await node.stop("kill");
          await node.start();
          await delay(1000);
          await node.stop();
          await node.start();
          await delay(1000);
          node.pause();
          await delay(5000);
          node.resume();
          await delay(1000);
        });
      });
    });
  }

  describe("a balancer over a validator and a node that follows it", () => {
    it("and that lags now and then", async () => {
      await using validator = await startProvenanced(found);
      await using follower = await validator.follower({ indexed: false });
      await using balancer = await proxyNode(validator.url);
      balancer.target(validator.url, follower.url);
      await using chain = await connectTo(balancer.url, { timeoutMs: TIMEOUT_MS });
      await using watcher = await connectTo(validator.url);
      await survive(chain, watcher, async () => {
        for (let times = 0; times < 2; times += 1) {
          await delay(1500);
          follower.pause();
          await delay(2500);
          follower.resume();
        }
        await delay(1500);
      });
    });
  });
};

const ordinary = (found: Provenanced) =>
  describe("on a real node", () => {
    it("one account is used by two programs at once, and both send everything", async () => {
      await using node = await startProvenanced(found);
      await using one = await connectTo(node.url);
      await using two = await connectTo(node.url);
      await Promise.all(
        [one, two].flatMap((chain) => Array.from({ length: 15 }, () => chain.submit([payment()], { signer: alice }))),
      );
      assert.equal(await one.accounts.balance(stranger.address), 30n);
    });

    for (const indexed of [true, false]) {
      const where = indexed ? "with an index" : "with block results alone";
      it(`${where}, a transaction that runs out of gas is signed anew once`, async () => {
        await using node = await startProvenanced(found, { indexed });
        await using chain = await connectTo(node.url, indexed ? {} : { rpc: { url: node.rpcUrl } });
        const before = await chain.accounts.balance(bob.address);
        const messages = Array.from({ length: 18 }, () => payment(bob));
        const receipt = await chain.submit(messages, { signer: bob, gasAdjustment: 0.5 });
        assert.equal(receipt.confirmation, "result");
        assert.equal(receipt.gasLimit, receipt.outOfGas!.gasLimit * 2n);
        assert.equal(receipt.responses.length, messages.length);
        const paid = receipt.fee + receipt.outOfGas!.fee + BigInt(messages.length);
        assert.equal(before - (await chain.accounts.balance(bob.address)), paid);
        const failed = chain.submit(messages, { signer: bob, gasAdjustment: 0.1 });
        await assert.rejects(failed, (error: P8eError) => {
          assert.deepEqual([error.code, error.facts["kind"]], ["ledger.transaction_failed", "OutOfGas"]);
          return true;
        });
        assert.equal((await chain.accounts.account(bob.address))?.sequence, 4n);
      });
    }

    it("without results, inclusion is what a receipt tells, and nothing is signed anew", async () => {
      await using node = await startProvenanced(found, { indexed: false });
      await using chain = await connectTo(node.url);
      const messages = Array.from({ length: 18 }, () => payment(bob));
      const receipt = await chain.submit(messages, { signer: bob, gasAdjustment: 0.5 });
      assert.deepEqual([receipt.confirmation, receipt.outOfGas, chain.keepsResults], ["block", undefined, false]);
      assert.equal((await chain.accounts.account(bob.address))?.sequence, 1n);
    });
  });

await optionalProvenanced("faults of a real node", (found) => {
  failing(found);
  ordinary(found);
});
