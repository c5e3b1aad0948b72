import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { CommittedBlock } from "@p8e/ledger";
import { TestNetwork } from "./network.ts";

const realTime = { clock: { now: () => Date.now() }, blockIntervalMs: 5 };

describe("block production", () => {
  it("includes what was broadcast without being asked, in order of arrival", async () => {
    await using network = await TestNetwork.open(realTime);
    const following = network.ledger.blocks({ fromHeight: 1n });
    const hashes: string[] = [];
    for (let sequence = 0n; sequence < 20n; sequence++) {
      const bytes = await network.build([network.faucet], [network.send(network.faucet, network.faucet, 1n)], {
        sequence,
      });
      const { hash, result } = network.ledger.broadcast(bytes);
      assert.equal(result.code, 0, result.log);
      hashes.push(hash);
    }
    const seen: string[] = [];
    let before: CommittedBlock | undefined;
    for await (const block of following) {
      if (before !== undefined) assert.ok(block.height > before.height && block.timeMs > before.timeMs);
      before = block;
      seen.push(...block.transactions.map(({ hash }) => hash));
      if (seen.length === hashes.length) break;
    }
    assert.deepEqual(seen, hashes);
  });

  it("shows a transaction only once its block is written", async () => {
    await using network = await TestNetwork.open();
    const bytes = await network.build([network.faucet], [network.send(network.faucet, network.faucet, 1n)]);
    const { hash } = network.ledger.broadcast(bytes);
    assert.equal(await network.ledger.findTransaction(hash), undefined);
    const making = network.ledger.advance();
    assert.equal(await network.ledger.findTransaction(hash), undefined);
    await making;
    assert.equal((await network.ledger.findTransaction(hash))?.response.code, 0);
  });

  it("raises the height while nothing happens, and writes nothing for it", async () => {
    await using network = await TestNetwork.open(realTime);
    const before = network.ledger.height;
    while (network.ledger.height < before + 3n) await new Promise((resolve) => setTimeout(resolve, 5));
    const blocks: bigint[] = [];
    const stop = new AbortController();
    stop.abort();
    for await (const { height } of network.ledger.blocks({ fromHeight: 1n, signal: stop.signal })) blocks.push(height);
    assert.deepEqual(blocks, []);
    const empty = await network.ledger.blockAt(before + 2n);
    assert.equal(empty?.transactions.length, 0);
  });

  it("gives a follower past blocks first, then new ones", async () => {
    await using network = await TestNetwork.open();
    const send = () => network.run([network.faucet], [network.send(network.faucet, network.faucet, 1n)]);
    await send();
    await network.ledger.advance();
    await send();
    const heights: bigint[] = [];
    for await (const { height } of network.ledger.blocks({ fromHeight: 2n })) {
      heights.push(height);
      if (heights.length === 2) await send();
      if (heights.length === 3) break;
    }
    assert.deepEqual(heights, [2n, 4n, 5n]);
  });

  it("fails a transaction that an earlier one of its block makes impossible", async () => {
    await using network = await TestNetwork.open();
    const alice = await network.warm("alice");
    const everything = network.balance(alice.address);
    const fee = 2_000_000_000n;
    const first = await network.build([alice], [network.send(alice, network.faucet, everything - fee)]);
    const sequence = (network.account(alice.address)?.sequence ?? 0n) + 1n;
    assert.equal(network.ledger.broadcast(first).result.code, 0);
    // Admission does not run messages: to it the money is still there.
    const second = await network.build([alice], [network.send(alice, alice, 1n)], { sequence });
    const { hash, result } = network.ledger.broadcast(second);
    assert.equal(result.code, 0, result.log);
    await network.ledger.advance();
    assert.equal((await network.ledger.findTransaction(hash))?.response.code, 5);
  });
});
