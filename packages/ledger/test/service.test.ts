import assert from "node:assert/strict";
import { connect } from "node:http2";
import { after, before, describe, it } from "node:test";
import { networks } from "@p8e/core";
import { type ServedLedger, serveLedger } from "@p8e/ledger";
import * as cosmos from "@p8e/proto/cosmos";
import * as metadata from "@p8e/proto/metadata";
import { connectRpc, serviceClient } from "@p8e/rpc";
import { probePort, World } from "@p8e/testkit";
import { faucetKey } from "./fixtures.ts";
import { TestNetwork } from "./network.ts";

const UNKNOWN = 2;
const INTERNAL = 13;
const INVALID_ARGUMENT = 3;
const UNIMPLEMENTED = 12;

describe("the served ledger", () => {
  let network: TestNetwork;
  let served: ServedLedger;
  let world: World;

  before(async () => {
    network = await TestNetwork.open();
    served = await serveLedger(network.ledger, { host: "127.0.0.1", port: 0 });
    const target = { ...networks.local, faucet: faucetKey(), seed: "service" } as const;
    world = new World({ ...target, url: served.address });
  });
  after(async () => {
    world[Symbol.dispose]();
    await served.close();
    await network[Symbol.asyncDispose]();
  });

  it("says which chain it is and whose rules it follows", async () => {
    const info = await world.endpoint.ask(cosmos.tendermint.Service.method.getNodeInfo, {});
    assert.equal(info.defaultNodeInfo?.network, "chain-local");
    assert.equal(info.applicationVersion?.version, "1.30.0");
  });

  it("is not moved by 1,000 probes of its port", async () => {
    await probePort("127.0.0.1", served.port, 1000);
    const info = await world.endpoint.ask(cosmos.tendermint.Service.method.getNodeInfo, {});
    assert.equal(info.defaultNodeInfo?.network, "chain-local");
  });

  it("answers a service it does not have with a sentence", async () => {
    const { Query } = cosmos.bank;
    const method = {
      ...Query.method.balance,
      parent: { ...Query, typeName: "cosmos.gov.v1.Query" },
      name: "Proposals",
    };
    await assert.rejects(world.endpoint.ask(method, {}), (error: { status?: number; message?: string }) => {
      assert.equal(error.status, UNIMPLEMENTED);
      assert.match(error.message ?? "", /cosmos\.gov\.v1\.Query\/Proposals is not supported by the embedded ledger/);
      return true;
    });
    await assert.rejects(world.endpoint.ask(cosmos.tx.Service.method.getTxsEvent, {}), { status: UNIMPLEMENTED });
  });

  it("answers for the height that a query names, and says which it was", async () => {
    const address = network.actor("rich").address;
    const { balance } = cosmos.bank.Query.method;
    const request = { address, denom: "nhash" };
    const heights: bigint[] = [];
    for (const amount of [5n, 7n]) {
      await network.run([network.faucet], [network.send(network.faucet, { address }, amount)]);
      heights.push(network.ledger.height);
    }
    await network.ledger.advance();
    const amountAt = async (height?: bigint) => {
      const { message, headers } = await world.endpoint.call(balance, request, height === undefined ? {} : { height });
      return [message.balance?.amount, headers.get("x-cosmos-block-height")];
    };
    assert.deepEqual(await amountAt(), ["12", network.ledger.height.toString()]);
    assert.deepEqual(await amountAt(heights[0]), ["5", heights[0]?.toString()]);
    assert.deepEqual(await amountAt(1n), ["0", "1"]);
    await assert.rejects(amountAt(1_000_000n), { status: UNKNOWN, message: /codespace sdk code 26/ });
  });

  it("shows a block with its transactions, and an empty one", async () => {
    const { hash, response } = await network.run([network.faucet], [network.send(network.faucet, network.faucet, 1n)]);
    await network.ledger.advance();
    const height = response?.height ?? 0n;
    const { getBlockWithTxs } = cosmos.tx.Service.method;
    const full = await world.endpoint.ask(getBlockWithTxs, { height });
    assert.equal(full.txs.length, 1);
    assert.equal(full.block?.header?.height, height);
    assert.equal(full.block?.data?.txs.length, 1);
    const empty = await world.endpoint.ask(getBlockWithTxs, { height: height + 1n });
    assert.equal(empty.txs.length, 0);
    assert.deepEqual(empty.block?.header?.appHash, full.block?.header?.appHash);
    await assert.rejects(world.endpoint.ask(getBlockWithTxs, { height: height + 9n }), { status: UNKNOWN });
    const { getBlockByHeight } = cosmos.tendermint.Service.method;
    await assert.rejects(world.endpoint.ask(getBlockByHeight, { height: height + 9n }), { status: INVALID_ARGUMENT });
    const found = await world.endpoint.ask(cosmos.tx.Service.method.getTx, { hash });
    assert.equal(found.tx?.body?.messages[0]?.typeUrl, "/cosmos.bank.v1beta1.MsgSend");
    assert.equal(found.txResponse?.tx?.typeUrl, "/cosmos.tx.v1beta1.Tx");
  });

  it("pages through a list in both directions", async () => {
    const { totalSupply, denomOwners } = cosmos.bank.Query.method;
    const all = await world.endpoint.ask(denomOwners, { denom: "nhash" });
    assert.equal(all.pagination?.total, BigInt(all.denomOwners.length));
    const seen: string[] = [];
    let key = new Uint8Array(0) as Uint8Array;
    do {
      const page = await world.endpoint.ask(denomOwners, { denom: "nhash", pagination: { limit: 3n, key } });
      seen.push(...page.denomOwners.map(({ address }) => address));
      key = page.pagination?.nextKey ?? new Uint8Array(0);
    } while (key.length > 0);
    assert.deepEqual(
      seen,
      all.denomOwners.map(({ address }) => address),
    );
    const reverse = await world.endpoint.ask(denomOwners, { denom: "nhash", pagination: { limit: 2n, reverse: true } });
    assert.deepEqual(
      reverse.denomOwners.map(({ address }) => address),
      seen.toReversed().slice(0, 2),
    );
    const supply = await world.endpoint.ask(totalSupply, {});
    assert.deepEqual(
      supply.supply.map(({ denom, amount }) => [denom, amount]),
      [["nhash", "100000000000000000000"]],
    );
    const both = { limit: 1n, offset: 1n, key: Uint8Array.of(1) };
    await assert.rejects(world.endpoint.ask(totalSupply, { pagination: both }), { status: INTERNAL });
  });

  it("tells kinds of accounts apart, and what is no address from what is no account", async () => {
    const { account } = cosmos.auth.Query.method;
    const typeOf = async (address: string) => (await world.endpoint.ask(account, { address })).account?.typeUrl;
    assert.equal(await typeOf(network.faucet.address), "/cosmos.auth.v1beta1.BaseAccount");
    assert.equal(await typeOf("tp17xpfvakm2amg962yls6f84z3kell8c5l2udfyt"), "/cosmos.auth.v1beta1.ModuleAccount");
    assert.equal(await typeOf("tp1pr93cqdh4kfnmrknhwa87a5qrwxw9k3dhkszp0"), "/provenance.marker.v1.MarkerAccount");
    await assert.rejects(typeOf(world.stranger().address), { status: 5 });
    await assert.rejects(typeOf("pb1nothing"), { status: UNKNOWN });
    await assert.rejects(typeOf(""), { status: INVALID_ARGUMENT });
  });

  it("sorts addresses into what they name and what is not there", async () => {
    const { getByAddr } = metadata.Query.method;
    const addrs = ["scope1qzge0zaztu65tx5x5llv5xc9ztsqxlkwel", "no address"];
    assert.deepEqual((await world.endpoint.ask(getByAddr, { addrs })).notFound, addrs);
    const many = Array.from({ length: 1001 }, () => addrs[1]!);
    assert.equal((await world.endpoint.ask(getByAddr, { addrs: many.slice(1) })).notFound.length, 1000);
    await assert.rejects(world.endpoint.ask(getByAddr, { addrs: many }), { status: UNKNOWN });
  });

  it("talks to our own client as well, and its errors name the height they come from", async () => {
    await using client = connectRpc({ url: served.address });
    assert.equal((await serviceClient(cosmos.tendermint.Service, client).getSyncing({})).syncing, false);
    const heights: (string | undefined)[] = [];
    const missing = serviceClient(cosmos.auth.Query, client).accountInfo(
      { address: world.stranger().address },
      { onHeader: (header) => heights.push(header.get("x-cosmos-block-height")) },
    );
    await assert.rejects(missing, { code: "rpc.not_found" });
    assert.deepEqual(heights, [network.ledger.height.toString()]);
  });

  it("refuses a request over ten megabytes", async () => {
    const { broadcastTx } = cosmos.tx.Service.method;
    const request = { txBytes: new Uint8Array(11 * 1024 * 1024), mode: cosmos.tx.BroadcastMode.SYNC };
    await assert.rejects(world.endpoint.ask(broadcastTx, request), { status: 8 });
    const large = { ...request, txBytes: new Uint8Array(2 * 1024 * 1024) };
    const { txResponse } = await world.endpoint.ask(broadcastTx, large);
    assert.equal(`${txResponse?.codespace}/${txResponse?.code}`, "sdk/21");
  });

  it("lets go of its clients when it closes", async () => {
    const other = await serveLedger(network.ledger, { host: "127.0.0.1", port: 0 });
    const session = connect(`http://127.0.0.1:${other.port}`);
    session.on("error", () => undefined);
    await new Promise((resolve) => session.once("connect", resolve));
    const closed = new Promise((resolve) => session.once("close", resolve));
    await other.close();
    await closed;
    await assert.rejects(serveLedger(network.ledger, { host: "127.0.0.1", port: served.port }), {
      code: "environment.in_use",
    });
  });
});
