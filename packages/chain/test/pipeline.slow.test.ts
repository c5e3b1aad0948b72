import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { type P8eError, randomUuid, scopeAddress, scopeSpecificationAddress } from "@p8e/core";
import * as cosmos from "@p8e/proto/cosmos";
import { grantAuthorization, type LedgerSigner, sendCoins, writeScope, writeScopeSpecification } from "../src/index.ts";
import { alice, bob, carol, connectTo, startNode, stranger } from "./embedded-node.ts";
import { proxyNode } from "./node-proxy.ts";

const EVER = Number.POSITIVE_INFINITY;
const uuid = () => randomUuid((length) => new Uint8Array(randomBytes(length)));
const send = (from: LedgerSigner, to: LedgerSigner, amount: bigint) =>
  sendCoins({ from: from.address, to: to.address, amounts: [{ denomination: "nhash", amount }] });

describe("many transactions", () => {
  it("of one account share blocks, and each is included once", async () => {
    await using node = await startNode();
    await using chain = await connectTo(node.url);
    const receipts = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        chain.submit([send(alice, stranger, BigInt(index + 1))], { signer: alice }),
      ),
    );
    assert.equal(new Set(receipts.map(({ hash }) => hash)).size, 50);
    assert.ok(new Set(receipts.map(({ height }) => height)).size < 50);
    assert.equal(await chain.accounts.balance(stranger.address), 1275n);
    assert.equal((await chain.accounts.account(alice.address))?.sequence, 50n);
  });

  it("of two accounts do not wait for each other", async () => {
    await using node = await startNode();
    await using chain = await connectTo(node.url);
    await using held = await chain.prepare([send(alice, stranger, 1n)], { signer: alice });
    await Promise.all(Array.from({ length: 20 }, () => chain.submit([send(bob, stranger, 2n)], { signer: bob })));
    await held.broadcast();
    assert.equal(await chain.accounts.balance(stranger.address), 41n);
  });

  it("of one account from two programs are all included", async () => {
    await using node = await startNode();
    await using one = await connectTo(node.url);
    await using two = await connectTo(node.url);
    await Promise.all(
      [one, two].flatMap((chain) =>
        Array.from({ length: 15 }, () => chain.submit([send(alice, stranger, 1n)], { signer: alice })),
      ),
    );
    assert.equal(await one.accounts.balance(stranger.address), 30n);
  });

  it("that build on each other go one after the other without waiting, priced by the list", async () => {
    await using node = await startNode();
    await using chain = await connectTo(node.url);
    await chain.submit([send(alice, alice, 1n)], { signer: alice });
    const [scope, specification] = [scopeAddress(uuid()), scopeSpecificationAddress(uuid())];
    const [owners, signers] = [[alice.address], [alice.address]];
    const options = { signer: alice, pricing: "listed", waitForInclusion: false } as const;
    const accepted = await Promise.all([
      chain.submit([writeScopeSpecification({ specification, owners, partiesInvolved: ["OWNER"], signers })], options),
      chain.submit(
        [writeScope({ scope, specification, owners: [{ address: alice.address, role: "OWNER" }], signers })],
        options,
      ),
    ]);
    await Promise.all(accepted.map((one) => one.included()));
    assert.ok(await chain.metadata.scope(scope));
  });
});

describe("a transaction survives", () => {
  it("a torn connection", async () => {
    await using node = await startNode(100);
    await using proxy = await proxyNode(node.url);
    await using chain = await connectTo(proxy.url);
    const pending = Promise.all(
      Array.from({ length: 8 }, () => chain.submit([send(alice, stranger, 1n)], { signer: alice })),
    );
    for (let times = 0; times < 6; times += 1) {
      await delay(25);
      proxy.tear();
    }
    await pending;
    assert.equal(await chain.accounts.balance(stranger.address), 8n);
  });

  it("a lost reply: the same bytes are sent again", async () => {
    await using node = await startNode();
    await using proxy = await proxyNode(node.url);
    await using chain = await connectTo(proxy.url);
    proxy.fault("BroadcastTx", "lose reply");
    let signed = 0;
    await chain.submit([send(alice, stranger, 1n)], {
      signer: alice,
      onSigned: () => {
        signed += 1;
      },
    });
    assert.deepEqual([signed, proxy.calls("BroadcastTx")], [1, 2]);
    assert.equal(await chain.accounts.balance(stranger.address), 1n);
  });

  it("a request that is lost as often as it is sent at first", async () => {
    await using node = await startNode();
    await using proxy = await proxyNode(node.url);
    await using chain = await connectTo(proxy.url);
    proxy.fault("BroadcastTx", "lose request", 3);
    await chain.submit([send(alice, stranger, 1n)], { signer: alice });
    assert.equal(proxy.calls("BroadcastTx"), 4);
    assert.equal(await chain.accounts.balance(stranger.address), 1n);
  });

  it("a node that is restarted with transactions in its pool", async () => {
    await using node = await startNode(400);
    await using chain = await connectTo(node.url);
    await chain.submit([send(alice, stranger, 1n)], { signer: alice });
    const accepted = [];
    for (let index = 0; index < 5; index += 1) {
      accepted.push(await chain.submit([send(alice, stranger, 10n)], { signer: alice, waitForInclusion: false }));
    }
    await node.restart();
    const last = await chain.submit([send(alice, stranger, 100n)], { signer: alice });
    const receipts = await Promise.all(accepted.map((one) => one.included()));
    assert.ok(receipts.every(({ height }) => height <= last.height));
    assert.equal(await chain.accounts.balance(stranger.address), 151n);
  });

  it("a look that missed its block and a replica that did not have it yet", async () => {
    await using node = await startNode();
    await using proxy = await proxyNode(node.url);
    await using chain = await connectTo(proxy.url);
    const accepted = await chain.submit([send(alice, stranger, 1n)], { signer: alice, waitForInclusion: false });
    proxy.fault("GetLatestBlock", { status: 14, message: "away" }, 6);
    proxy.fault("GetTx", { status: 5, message: "tx not found" }, 1);
    const receipt = await accepted.included();
    assert.equal(receipt.hash, accepted.hash);
  });

  it("the loss of its sequence to another program: it is signed again", async () => {
    await using node = await startNode();
    await using proxy = await proxyNode(node.url);
    await using chain = await connectTo(proxy.url);
    await using other = await connectTo(node.url);
    proxy.fault("BroadcastTx", "lose request", 3);
    const hashes: string[] = [];
    const pending = chain.submit([send(alice, stranger, 1n)], {
      signer: alice,
      onSigned: ({ hash }) => {
        hashes.push(hash);
      },
    });
    while (proxy.calls("BroadcastTx") < 3) await delay(5);
    await other.submit([send(alice, stranger, 10n)], { signer: alice });
    const receipt = await pending;
    assert.equal(hashes.length, 2);
    assert.equal(receipt.hash, hashes[1]);
    assert.equal(await chain.accounts.balance(stranger.address), 11n);
  });

  it("a block that held another with its sequence before it: it did nothing, and is signed again", async () => {
    await using node = await startNode();
    await using proxy = await proxyNode(node.url);
    await using chain = await connectTo(proxy.url);
    await chain.submit([send(alice, stranger, 1n)], { signer: alice });
    // No embedded ledger puts such a block together: the first answer is made to say so.
    let said = false;
    const lateComer = (bytes: Uint8Array) => {
      const reply = fromBinary(cosmos.tx.GetTxResponseSchema, bytes);
      if (said || reply.txResponse === undefined) return bytes;
      said = true;
      Object.assign(reply.txResponse, {
        code: 32,
        codespace: "sdk",
        rawLog: "account sequence mismatch, expected 3, got 2",
      });
      return toBinary(cosmos.tx.GetTxResponseSchema, reply);
    };
    proxy.fault("GetTx", { reply: lateComer }, EVER);
    const hashes: string[] = [];
    const receipt = await chain.submit([send(alice, stranger, 10n)], {
      signer: alice,
      onSigned: ({ hash }) => {
        hashes.push(hash);
      },
    });
    assert.equal(hashes.length, 2);
    assert.equal(receipt.hash, hashes[1]);
  });
});

describe("a transaction that never arrives", () => {
  it("expires once its timeout height has passed, and is then safe to submit again", async () => {
    await using node = await startNode();
    await using proxy = await proxyNode(node.url);
    await using chain = await connectTo(proxy.url);
    proxy.fault("BroadcastTx", "lose request", EVER);
    const pending = chain.submit([send(alice, stranger, 1n)], { signer: alice });
    while (proxy.calls("BroadcastTx") < 3) await delay(5);
    node.skip(600_000);
    await assert.rejects(pending, (error: P8eError) => {
      assert.deepEqual([error.code, error.facts["retry"]], ["ledger.transaction_expired", "rebuild"]);
      assert.ok((error.facts["height"] as bigint) > (error.facts["timeoutHeight"] as bigint));
      return true;
    });
    proxy.fault("BroadcastTx", "lose request", 0);
    await chain.submit([send(alice, stranger, 1n)], { signer: alice });
    assert.equal(await chain.accounts.balance(stranger.address), 1n);
  });

  it("is refused by the chain when it comes too late after all", async () => {
    await using node = await startNode();
    await using chain = await connectTo(node.url);
    await using prepared = await chain.prepare([send(alice, stranger, 1n)], { signer: alice });
    node.skip(600_000);
    await assert.rejects(prepared.broadcast(), { code: "ledger.transaction_expired" });
    await prepared[Symbol.asyncDispose]();
    await assert.rejects(chain.broadcast(prepared.bytes), { code: "ledger.transaction_expired" });
    await chain.submit([send(alice, stranger, 1n)], { signer: alice });
  });
});

describe("a node without an index of transactions", () => {
  it("is followed by its blocks, and success read from the state", async () => {
    await using node = await startNode();
    await using proxy = await proxyNode(node.url);
    await using chain = await connectTo(proxy.url);
    proxy.fault("GetTx", { status: 2, message: "transaction indexing is disabled" }, EVER);
    await chain.submit([send(alice, alice, 1n)], { signer: alice });
    const [scope, specification] = [scopeAddress(uuid()), scopeSpecificationAddress(uuid())];
    const signers = [alice.address];
    const receipt = await chain.submit(
      [
        writeScopeSpecification({ specification, owners: signers, partiesInvolved: ["OWNER"], signers }),
        writeScope({ scope, specification, owners: [{ address: alice.address, role: "OWNER" }], signers }),
      ],
      { signer: alice },
    );
    assert.equal(receipt.confirmation, "state");
    assert.ok(receipt.height > 0n);

    const grant = grantAuthorization({
      granter: alice.address,
      grantee: carol.address,
      messageTypeUrl: "/provenance.metadata.v1.MsgWriteSessionRequest",
      expiresAtMs: Date.now() + 3_600_000,
    });
    assert.equal((await chain.submit([grant], { signer: alice })).confirmation, "state");
  });

  it("shows no more than inclusion for messages that leave nothing to look at", async () => {
    await using node = await startNode();
    await using proxy = await proxyNode(node.url);
    await using chain = await connectTo(proxy.url);
    proxy.fault("GetTx", { status: 2, message: "transaction indexing is disabled" }, EVER);
    const receipt = await chain.submit([send(alice, stranger, 1n)], { signer: alice });
    assert.equal(receipt.confirmation, "block");
    assert.equal(await chain.transaction(receipt.hash), undefined);
  });

  it("does not pass off a failure as success", async () => {
    await using node = await startNode();
    await using proxy = await proxyNode(node.url);
    await using chain = await connectTo(proxy.url);
    proxy.fault("GetTx", { status: 2, message: "transaction indexing is disabled" }, EVER);
    const specification = scopeSpecificationAddress(uuid());
    const orphan = writeScope({
      scope: scopeAddress(uuid()),
      specification,
      owners: [{ address: alice.address, role: "OWNER" }],
      signers: [alice.address],
    });
    await assert.rejects(chain.submit([orphan], { signer: alice, pricing: "listed" }), {
      code: "ledger.transaction_failed",
    });
  });

  it("is told from one whose look-ups keep failing for another reason, which is followed by its blocks too", async () => {
    await using node = await startNode();
    await using proxy = await proxyNode(node.url);
    await using chain = await connectTo(proxy.url);
    proxy.fault("GetTx", { status: 2, message: "disk on fire" }, EVER);
    const receipt = await chain.submit([send(alice, stranger, 1n)], { signer: alice });
    assert.equal(receipt.confirmation, "block");
  });

  it("finds bytes of an earlier process in the blocks since", async () => {
    await using node = await startNode();
    await using proxy = await proxyNode(node.url);
    let bytes = new Uint8Array();
    {
      await using earlier = await connectTo(node.url);
      await using prepared = await earlier.prepare([send(alice, stranger, 1n)], { signer: alice });
      bytes = new Uint8Array(prepared.bytes);
      await prepared.broadcast();
    }
    await using chain = await connectTo(proxy.url);
    proxy.fault("GetTx", { status: 2, message: "transaction indexing is disabled" }, EVER);
    const receipt = await chain.broadcast(bytes);
    assert.equal(receipt.confirmation, "block");
    assert.equal(await chain.accounts.balance(stranger.address), 1n);
  });
});
