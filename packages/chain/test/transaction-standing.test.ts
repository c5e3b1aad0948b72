import assert from "node:assert/strict";
import { it } from "node:test";
import { setTimeout } from "node:timers/promises";
import { NHASH, sendCoins } from "../src/index.ts";
import { alice, connectTo, startNode } from "./embedded-node.ts";

it("a transaction that was signed before is pending, included or expired, without sending anything", async () => {
  // Few blocks until it expires: each is made.
  await using node = await startNode(250);
  await using chain = await connectTo(node.url);
  const { address } = alice;
  const messages = [sendCoins({ from: address, to: address, amounts: [{ denomination: NHASH, amount: 1n }] })];

  let kept: Parameters<typeof chain.standing>[0] | undefined;
  const receipt = await chain.submit(messages, {
    signer: alice,
    onSigned: (signed) => {
      kept = signed;
    },
  });
  assert.deepEqual(await chain.standing(kept!), { standing: "included", receipt });
  const sequence = (await chain.accounts.account(address))?.sequence;

  await using unsent = await chain.prepare(messages, { signer: alice });
  const { hash, notBefore, timeoutHeight } = unsent;
  assert.equal((await chain.standing({ hash, notBefore, timeoutHeight })).standing, "pending");
  node.skip(60_000);
  const look = () => chain.standing({ hash: hash.toLowerCase(), notBefore, timeoutHeight });
  let over = await look();
  // The blocks that fall due are made by the node's own timer.
  while (over.standing === "pending") {
    await setTimeout(20);
    over = await look();
  }
  assert.equal(over.standing, "expired");
  assert.ok(over.standing === "expired" && over.height > timeoutHeight);
  assert.equal((await chain.accounts.account(address))?.sequence, sequence);
});
