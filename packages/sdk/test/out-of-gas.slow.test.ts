import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type ChainClient, connectChain } from "@p8e/chain";
import { buildContract } from "@p8e/contract";
import { networks, P8eError } from "@p8e/core";
import { contractEntry, greet, PersonSchema, scopeSpecification } from "@p8e/example-hello";
import * as fees from "@p8e/proto/fees";
import { type NewSession, P8eClient, type SessionScope } from "@p8e/sdk";
import { type NodeProxy, proxyNode } from "../../chain/test/node-proxy.ts";
import { openWorld, type World } from "./world-fixture.ts";

describe("a session whose transaction runs out of gas in its block", () => {
  let world: World;
  let proxy: NodeProxy;
  let chain: ChainClient;
  let request: NewSession<typeof greet>;

  before(async () => {
    world = await openWorld();
    const { publisher, sessions } = world.lender.client;
    const built = await buildContract({ entry: contractEntry, describe: (bundle) => world.sandbox.describe(bundle) });
    const plan = await publisher.plan({ built, scopes: [scopeSpecification], audience: [] });
    await publisher.publish(plan);
    proxy = await proxyNode(world.ledgerUrl);
    chain = await connectChain({ url: proxy.url, ...networks.local });
    const scope: SessionScope = { kind: "new", specification: plan.scopes[0]! };
    request = {
      ...{ contract: await sessions.find(greet, scope), scope },
      proposals: { person: create(PersonSchema, { name: "Ada" }) },
      participants: new Map([["OWNER", world.lender.affiliate]]),
    };
    // The node thinks that next to nothing is needed: what is added to that is enough to be admitted, and no more.
    const reply = (bytes: Uint8Array) => {
      const said = fromBinary(fees.flat.QueryCalculateTxFeesResponseSchema, bytes);
      return toBinary(fees.flat.QueryCalculateTxFeesResponseSchema, { ...said, estimatedGas: 1n });
    };
    proxy.fault("CalculateTxFees", { reply }, Number.POSITIVE_INFINITY);
  });
  after(async () => {
    await chain?.[Symbol.asyncDispose]();
    await proxy?.[Symbol.asyncDispose]();
    await world?.[Symbol.asyncDispose]();
  });

  it("is written with twice the gas, and remembered as that transaction", async () => {
    const client = new P8eClient({ ...world.lender.client.parts, chain });
    const { receipt, executionUuid } = await client.sessions.run(request);
    assert.equal(receipt.gasLimit, receipt.outOfGas!.gasLimit * 2n);
    const execution = await world.lender.client.parts.state.get(executionUuid);
    assert.deepEqual([execution?.state, execution?.transaction?.hash], ["committed", receipt.hash]);
  });

  it("is written with more gas by whoever completes it after a crash", async () => {
    let sent = "";
    const crashing = new Proxy(chain, {
      get: (of, name) => {
        const own: unknown = Reflect.get(of, name, of);
        if (name !== "submit") return typeof own === "function" ? own.bind(of) : own;
        return async (...[messages, options]: Parameters<ChainClient["submit"]>) => {
          const accepted = await of.submit(messages, { ...options, waitForInclusion: false });
          sent = accepted.hash;
          throw new P8eError("rpc.cancelled", "the process ended");
        };
      },
    });
    const { sessions } = new P8eClient({ ...world.lender.client.parts, chain: crashing });
    await assert.rejects(sessions.run(request), { code: "rpc.cancelled" });
    const [resumed, ...others] = await world.lender.client.sessions.resume();
    assert.deepEqual([others.length, resumed?.execution.state], [0, "committed"]);
    assert.equal(resumed?.session?.receipt.outOfGas?.hash, sent);
  });
});
