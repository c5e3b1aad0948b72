import assert from "node:assert/strict";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { networks } from "@p8e/core";
import { openLedger } from "@p8e/ledger";
import { TestNetwork } from "./network.ts";

describe("opening a ledger", () => {
  it("gives back state, height and transactions, from the checkpoint and without it", async () => {
    await using network = await TestNetwork.open();
    const alice = await network.warm("alice");
    const { hash, response } = await network.run([alice], [network.send(alice, network.faucet, 5n)]);
    await network.ledger.advance();
    const [stateHash, height] = [network.ledger.stateHash(), network.ledger.height];
    await network.reopen();
    assert.equal(network.ledger.stateHash(), stateHash);
    assert.equal(network.ledger.height, height);
    assert.deepEqual((await network.ledger.findTransaction(hash))?.response, response);
    await network.ledger[Symbol.asyncDispose]();
    await rm(join(network.folder, "checkpoint"));
    await network.reopen();
    assert.equal(network.ledger.stateHash(), stateHash);
    assert.deepEqual((await network.ledger.findTransaction(hash))?.response, response);
  });

  it("does not trust a damaged checkpoint", async () => {
    await using network = await TestNetwork.open();
    await network.warm("alice");
    const stateHash = network.ledger.stateHash();
    await network.ledger[Symbol.asyncDispose]();
    const path = join(network.folder, "checkpoint");
    const bytes = await readFile(path);
    bytes[bytes.length >>> 1]! ^= 1;
    await writeFile(path, bytes);
    await network.reopen();
    assert.equal(network.ledger.stateHash(), stateHash);
  });

  it("runs the journal's tail after a checkpoint", async () => {
    await using network = await TestNetwork.open({ checkpointBlocks: 3 });
    const alice = await network.warm("alice");
    for (let count = 0; count < 5; count++) await network.run([alice], [network.send(alice, alice, BigInt(count + 1))]);
    const stateHash = network.ledger.stateHash();
    const checkpoint = await readFile(join(network.folder, "checkpoint"));
    await network.ledger[Symbol.asyncDispose]();
    await writeFile(join(network.folder, "checkpoint"), checkpoint);
    await network.reopen();
    assert.equal(network.ledger.stateHash(), stateHash);
  });

  it("refuses damage in the middle of the journal and names the place", async () => {
    await using network = await TestNetwork.open();
    await network.warm("alice");
    await network.ledger[Symbol.asyncDispose]();
    await rm(join(network.folder, "checkpoint"));
    const path = join(network.folder, "journal");
    const whole = await readFile(path);
    const damaged = Buffer.from(whole);
    damaged[whole.length >>> 1]! ^= 1;
    await writeFile(path, damaged);
    await assert.rejects(network.reopen(), (error: { code?: string; facts?: { offset?: number } }) => {
      assert.equal(error.code, "ledger.journal_corrupt");
      assert.ok((error.facts?.offset ?? 0) > 0);
      return true;
    });
    await writeFile(path, whole);
    await network.reopen();
  });

  it("checks an old block again when it is read", async () => {
    await using network = await TestNetwork.open();
    const alice = network.actor("alice");
    const { hash } = await network.run([network.faucet], [network.send(network.faucet, alice, 5n)]);
    await network.ledger[Symbol.asyncDispose]();
    const path = join(network.folder, "journal");
    const damaged = await readFile(path);
    damaged[damaged.length - 10]! ^= 1;
    await writeFile(path, damaged);
    await network.reopen();
    await assert.rejects(network.ledger.findTransaction(hash), { code: "ledger.journal_corrupt" });
  });

  it("refuses the folder of another chain and of another genesis", async () => {
    await using network = await TestNetwork.open();
    await network.ledger[Symbol.asyncDispose]();
    const options = {
      dataDir: network.folder,
      clock: network.clock,
      blockIntervalMs: 0,
      accountPrefix: networks.local.accountPrefix,
    } as const;
    await assert.rejects(openLedger({ ...options, chainId: "another" }), { code: "configuration.invalid" });
    const accounts = [{ address: network.actor("alice").address, amount: 1n }];
    await assert.rejects(openLedger({ ...options, chainId: "chain-local", genesis: { accounts } }), {
      code: "configuration.invalid",
    });
    await network.reopen();
  });

  it("is refused while another has the folder", async () => {
    await using network = await TestNetwork.open();
    const options = {
      dataDir: network.folder,
      clock: network.clock,
      blockIntervalMs: 0,
      accountPrefix: networks.local.accountPrefix,
    } as const;
    await assert.rejects(openLedger({ ...options, chainId: "chain-local" }), { code: "environment.in_use" });
  });

  it("seeds the local network's accounts, and more when asked to", async () => {
    const address = "tp1qurswpc8qurswpc8qurswpc8qurswpc8fkfn0h";
    await using network = await TestNetwork.open({ genesis: { accounts: [{ address, amount: 7n }] } });
    assert.equal(network.balance(address), 7n);
    assert.equal(network.balance(network.faucet.address), 12_500_000_000_000_000_000n);
    assert.equal(network.account(network.faucet.address)?.number, 0n);
    assert.equal(network.account("tp1pr93cqdh4kfnmrknhwa87a5qrwxw9k3dhkszp0")?.kind, "marker");
  });

  it("ends with its signal", async () => {
    const stop = new AbortController();
    await using network = await TestNetwork.open({ signal: stop.signal });
    const followed: bigint[] = [];
    const following = (async () => {
      for await (const block of network.ledger.blocks({ fromHeight: 1n })) followed.push(block.height);
    })();
    await network.run([network.faucet], [network.send(network.faucet, network.faucet, 1n)]);
    stop.abort();
    await following;
    assert.deepEqual(followed, [2n]);
    assert.throws(() => network.ledger.read(), { code: "ledger.unavailable" });
  });
});
