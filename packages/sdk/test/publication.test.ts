import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { create } from "@bufbuild/protobuf";
import type { ChainClient } from "@p8e/chain";
import { type BuiltContract, buildContract, scopeSpecificationMessage, scopeSpecificationUuid } from "@p8e/contract";
import { metadataAddressToBytes, networks, scopeSpecificationAddress } from "@p8e/core";
import { accountAddress, localKey, parsePrivateKey } from "@p8e/crypto";
import { openSandbox, type Sandbox } from "@p8e/engine";
import { contractEntry, scopeSpecification } from "@p8e/example-hello";
import * as metadata from "@p8e/proto/metadata";
import { publicationOn } from "../src/publish/publication.ts";
import { contractCost } from "../src/publish/publication-cost.ts";

const party = (n: number) =>
  accountAddress(localKey(parsePrivateKey(new Uint8Array(32).fill(n))).publicKey, networks.local.accountPrefix);
const [lender, bank] = [party(1), party(2)];
const lenders = scopeSpecificationAddress(scopeSpecificationUuid(lender, scopeSpecification.name));
const onLedger = new Map([[lenders, scopeSpecificationMessage(scopeSpecification, lender)]]);

describe("a contract on a scope specification that is not defined with it", () => {
  let sandbox: Sandbox;
  let hello: BuiltContract;
  before(async () => {
    sandbox = openSandbox();
    hello = await buildContract({ entry: contractEntry, describe: sandbox.describe });
  });
  after(() => sandbox[Symbol.asyncDispose]());

  const onScopes = (scopes: readonly string[]): BuiltContract => ({
    ...hello,
    manifest: { ...hello.manifest, scopes },
  });
  const request = (built: BuiltContract) => ({ built, scopes: [], audience: [] });
  const links = (steps: readonly { readonly what: string }[]) => steps.filter(({ what }) => what.startsWith("allow "));

  it("is published where the ledger has the publisher's own of this name, and is allowed there", () => {
    const plan = publicationOn(request(hello), lender, { scopes: onLedger, contract: undefined });
    assert.deepEqual(plan.scopes, [lenders]);
    assert.ok(!plan.steps.some(({ what }) => what.startsWith("write the scope specification")));
    assert.equal(links(plan.steps).length, 1);
    assert.deepEqual(plan.differences, []);
  });

  it("is published by the address of anybody's; its owner must allow it, which is said", () => {
    const plan = publicationOn(request(onScopes([lenders])), bank, { scopes: onLedger, contract: undefined });
    assert.deepEqual([plan.scopes, links(plan.steps)], [[lenders], []]);
    assert.match(plan.differences[0] ?? "", new RegExp(`^${lenders} belongs to ${lender}, who must allow `));
    // The owner publishes the same, and allows it.
    const owners = publicationOn(request(onScopes([lenders])), lender, { scopes: onLedger, contract: undefined });
    assert.deepEqual([links(owners.steps).length, owners.differences], [1, []]);
  });

  it("is not allowed there by one of several owners, whose transaction the ledger would refuse; who must is said", () => {
    const shared = create(metadata.ScopeSpecificationSchema, {
      ...onLedger.get(lenders)!,
      ownerAddresses: [lender, bank],
    });
    const plan = publicationOn(request(hello), lender, { scopes: new Map([[lenders, shared]]), contract: undefined });
    assert.deepEqual(links(plan.steps), []);
    const said = plan.differences.find((each) => each.includes("who must allow"));
    assert.match(said ?? "", new RegExp(`belongs to ${lender}, ${bank}, who must allow .* there: all together`));
  });

  it("costs what its owner's publishing costs, and less for anybody else, who cannot allow it", async () => {
    const chain = {
      listedCost: (messages: readonly unknown[]) => Promise.resolve({ fee: BigInt(messages.length) }),
      metadata: { scopeSpecification: () => Promise.resolve({ specification: onLedger.get(lenders)! }) },
    } as unknown as Pick<ChainClient, "listedCost" | "metadata">;
    const built = onScopes([lenders]);
    for (const publisher of [lender, bank]) {
      const { steps } = publicationOn(request(built), publisher, { scopes: onLedger, contract: undefined });
      const cost = await contractCost({ chain, publisher }, { built, scopes: [] });
      assert.equal(cost.publishing.messages, steps.length);
    }
  });

  it("is not written there twice", () => {
    const { contract } = publicationOn(request(hello), lender, { scopes: onLedger, contract: undefined });
    const contractSpecIds = [metadataAddressToBytes(contract)];
    const allowed = create(metadata.ScopeSpecificationSchema, { ...onLedger.get(lenders)!, contractSpecIds });
    const plan = publicationOn(request(hello), lender, { scopes: new Map([[lenders, allowed]]), contract: undefined });
    assert.deepEqual(links(plan.steps), []);
  });

  it("is refused where the ledger has none", () => {
    const nowhere = { scopes: new Map(), contract: undefined };
    for (const built of [hello, onScopes([lenders])]) {
      assert.throws(() => publicationOn(request(built), lender, nowhere), {
        code: "contract.invalid",
        message: /which is neither defined with it nor on the ledger \(scope-known\)/,
      });
    }
    assert.throws(() => publicationOn(request(onScopes(["scopespec1x"])), lender, nowhere), {
      code: "address.invalid",
    });
  });
});
