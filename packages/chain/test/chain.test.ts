import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { create } from "@bufbuild/protobuf";
import {
  accountAddressFromBytes,
  accountAddressToBytes,
  contractSpecificationAddress,
  networks,
  type P8eError,
  randomUuid,
  recordAddress,
  recordSpecificationAddress,
  scopeAddress,
  scopeSpecificationAddress,
  sessionAddress,
} from "@p8e/core";
import { packAny } from "@p8e/proto/any";
import * as cosmos from "@p8e/proto/cosmos";
import {
  addContractSpecificationToScopeSpecification,
  addScopeDataAccess,
  type ChainClient,
  isSilentAccount,
  type LedgerSigner,
  ledgerMessage,
  sendCoins,
  type TransactionCost,
  writeContractSpecification,
  writeRecord,
  writeRecordSpecification,
  writeScope,
  writeScopeSpecification,
  writeSession,
} from "../src/index.ts";
import { alice, bob, carol, connectTo, type EmbeddedNode, nobody, startNode, stranger } from "./embedded-node.ts";
import { proxyNode } from "./node-proxy.ts";

const uuid = () => randomUuid((length) => new Uint8Array(randomBytes(length)));
const nhash = (amount: bigint) => [{ denomination: "nhash", amount }];
const send = (from: LedgerSigner, to: LedgerSigner, amount = 1n) =>
  sendCoins({ from: from.address, to: to.address, amounts: nhash(amount) });

async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/** A contract with one function, published, and what a session on it writes. */
function loan(owner: LedgerSigner) {
  const signers = [owner.address];
  const [scopeUuid, contractUuid] = [uuid(), uuid()];
  const scope = scopeAddress(scopeUuid);
  const session = sessionAddress(scopeUuid, uuid());
  const scopeSpecification = scopeSpecificationAddress(uuid());
  const contractSpecification = contractSpecificationAddress(contractUuid);
  const inputs = [{ name: "loan", typeName: "io.p8e.Loan", source: { hash: "aW5wdXQ=" } }];
  const owners = [{ address: owner.address, role: "OWNER" as const }];
  return {
    scope,
    session,
    record: recordAddress(scopeUuid, "loan"),
    scopeSpecification,
    contractSpecification,
    recordSpecification: recordSpecificationAddress(contractUuid, "loan"),
    publication: [
      writeScopeSpecification({
        specification: scopeSpecification,
        owners: signers,
        partiesInvolved: ["OWNER"],
        signers,
      }),
      writeContractSpecification({
        specification: contractSpecification,
        owners: signers,
        partiesInvolved: ["OWNER"],
        source: { hash: "YnVuZGxl" },
        className: "io.p8e.LoanContract",
        signers,
      }),
      writeRecordSpecification({
        specification: recordSpecificationAddress(contractUuid, "loan"),
        name: "loan",
        inputs,
        typeName: "io.p8e.Loan",
        resultType: "RECORD",
        responsibleParties: ["OWNER"],
        signers,
      }),
      addContractSpecificationToScopeSpecification({ contractSpecification, scopeSpecification, signers }),
    ],
    newScope: writeScope({ scope, specification: scopeSpecification, owners, valueOwner: owner.address, signers }),
    newSession: writeSession({
      session,
      contractSpecification,
      parties: owners,
      name: "io.p8e.LoanContract",
      context: Uint8Array.of(1),
      signers,
    }),
    newRecord: writeRecord({
      session,
      name: "loan",
      process: { source: { hash: "YnVuZGxl" }, name: "io.p8e.LoanContract", method: "recordLoan" },
      inputs,
      outputs: [{ hash: "b3V0cHV0", status: "PASS" }],
      signers,
    }),
  };
}

describe("a client of a node", () => {
  let node: EmbeddedNode;
  let chain: ChainClient;
  before(async () => {
    node = await startNode();
    chain = await connectTo(node.url);
    // An account that never signed counts as a smart contract.
    for (const signer of [alice, bob]) await chain.submit([send(signer, signer)], { signer });
  });
  after(async () => {
    await chain[Symbol.asyncDispose]();
    await node[Symbol.asyncDispose]();
  });

  it("refuses a node of another chain", async () => {
    await assert.rejects(connectTo(node.url, { chainId: "pio-mainnet-1" }), {
      code: "ledger.wrong_network",
      facts: { expected: "pio-mainnet-1", actual: "chain-local" },
    });
  });

  it("refuses a node without flat fees", async () => {
    await using proxy = await proxyNode(node.url);
    proxy.fault("Params", { status: 12, message: "unknown service" });
    await assert.rejects(connectTo(proxy.url), { code: "ledger.unsupported_version" });
  });

  it("sends its headers with every call", async () => {
    await using proxy = await proxyNode(node.url);
    await using other = await connectTo(proxy.url, { headers: { "x-token": "t" } });
    await other.height();
    assert.equal(proxy.header("GetLatestBlock", "x-token"), "t");
  });

  it("knows accounts, and that an address nobody used has none", async () => {
    const account = await chain.accounts.account(alice.address);
    assert.deepEqual(account?.publicKey, alice.publicKey);
    assert.ok(account.sequence > 0n);
    assert.equal(await chain.accounts.account(stranger.address), undefined);
    assert.equal(await chain.accounts.balance(stranger.address), 0n);
  });

  it("tells silent accounts from those that have signed", async () => {
    const [silent, loud] = [await chain.accounts.account(carol.address), await chain.accounts.account(alice.address)];
    assert.deepEqual([silent && isSilentAccount(silent), loud && isSilentAccount(loud)], [true, false]);
  });

  it("pays exactly the fee that it named before", async () => {
    const before = await chain.accounts.balance(bob.address);
    let named: TransactionCost | undefined;
    const receipt = await chain.submit([send(bob, alice, 5n)], {
      signer: bob,
      onCost: (cost) => {
        named = cost;
      },
    });
    assert.equal(named?.fee, receipt.fee);
    assert.equal(await chain.accounts.balance(bob.address), before - receipt.fee - 5n);
  });

  it("prices by the chain's list: the sum is what the node says", async () => {
    const { publication } = loan(alice);
    const simulated = await chain.estimate(publication.slice(0, 1), [alice]);
    const listed = await chain.estimate(publication.slice(0, 1), [alice], { pricing: "listed" });
    assert.equal(simulated.fee, listed.fee);
    assert.deepEqual(simulated.perMessage, [
      { typeUrl: "/provenance.metadata.v1.MsgWriteScopeSpecificationRequest", cost: simulated.fee },
    ]);
    assert.ok(simulated.gasLimit > 0n && simulated.gasLimit <= 4_000_000n);
  });

  it("stops before anything is sent when the cost is not accepted", async () => {
    const before = await chain.accounts.account(bob.address);
    const tooMuch = new Error("too much");
    await assert.rejects(
      chain.submit([send(bob, alice)], {
        signer: bob,
        onCost: () => {
          throw tooMuch;
        },
      }),
      tooMuch,
    );
    assert.deepEqual(await chain.accounts.account(bob.address), before);
  });

  it("writes specifications, scope, session and record, and reads them back", async () => {
    const file = loan(alice);
    await chain.submit(file.publication, { signer: alice });
    const receipt = await chain.submit([file.newScope, file.newSession, file.newRecord], { signer: alice });
    assert.equal(receipt.confirmation, "result");
    assert.deepEqual(
      receipt.responses.map((response) => response.typeUrl),
      ["WriteScope", "WriteSession", "WriteRecord"].map((name) => `/provenance.metadata.v1.Msg${name}Response`),
    );
    assert.ok(receipt.events.some((event) => event.type === "provenance.metadata.v1.EventRecordCreated"));

    const view = await chain.metadata.scope(file.scope, { sessions: true, records: true });
    assert.equal(view?.scope.valueOwnerAddress, alice.address);
    assert.deepEqual([view?.sessions.length, view?.records.length], [1, 1]);
    assert.equal((await chain.metadata.scope(file.scope))?.sessions.length, 0);
    assert.equal((await chain.metadata.session(file.session))?.name, "io.p8e.LoanContract");
    assert.equal((await chain.metadata.record(file.record))?.outputs[0]?.hash, "b3V0cHV0");
    assert.equal((await chain.metadata.recordsOfSession(file.session)).length, 1);
    const contract = await chain.metadata.contractSpecification(file.contractSpecification);
    assert.deepEqual(
      contract?.recordSpecifications.map(({ name }) => name),
      ["loan"],
    );
    assert.equal((await chain.metadata.recordSpecification(file.recordSpecification))?.typeName, "io.p8e.Loan");
    const specification = await chain.metadata.scopeSpecification(file.scopeSpecification, {
      contractSpecifications: true,
      recordSpecifications: true,
    });
    assert.deepEqual(
      [specification?.contractSpecifications.length, specification?.recordSpecifications.length],
      [1, 1],
    );
    const missing = scopeAddress(uuid());
    const found = await chain.metadata.byAddress([file.scope, file.record, missing]);
    assert.deepEqual([found.scopes.length, found.records.length, found.notFound], [1, 1, [missing]]);
    assert.ok((await collected(chain.metadata.scopesOf(alice.address))).includes(file.scope));
    assert.ok((await collected(chain.metadata.scopesValuedBy(alice.address))).includes(file.scope));
    const past = await chain.metadata.scope(file.scope, { height: receipt.height - 1n });
    assert.equal(past, undefined);
  });

  it("gives undefined for what is not there", async () => {
    const file = loan(alice);
    assert.equal(await chain.metadata.scope(file.scope), undefined);
    assert.equal(await chain.metadata.session(file.session), undefined);
    assert.equal(await chain.metadata.record(file.record), undefined);
    assert.equal(await chain.metadata.scopeSpecification(file.scopeSpecification), undefined);
    assert.equal(await chain.metadata.contractSpecification(file.contractSpecification), undefined);
    assert.equal(await chain.metadata.recordSpecification(file.recordSpecification), undefined);
  });

  it("refuses before sending, with the cause, what the simulation shows to fail", async () => {
    const file = loan(alice);
    await assert.rejects(chain.submit([file.newScope], { signer: alice }), (error: P8eError) => {
      assert.equal(error.code, "ledger.transaction_refused");
      assert.deepEqual([error.facts["phase"], error.facts["kind"]], ["simulate", "NotFound"]);
      assert.deepEqual(error.facts["ids"], [file.scopeSpecification]);
      return true;
    });
  });

  it("names the addresses whose signature is missing", async () => {
    const file = loan(alice);
    await chain.submit([...file.publication, file.newScope], { signer: alice });
    const intrusion = addScopeDataAccess({
      scope: file.scope,
      dataAccess: [carol.address],
      signers: [bob.address],
    });
    await assert.rejects(chain.submit([intrusion], { signer: bob }), (error: P8eError) => {
      assert.deepEqual([error.facts["kind"], error.facts["missingAddresses"]], ["MissingSignature", [alice.address]]);
      return true;
    });
  });

  it("tells a failure in the block from a refusal, with its hash and height", async () => {
    const file = loan(alice);
    const failing = chain.submit([file.newScope], { signer: alice, pricing: "listed" });
    await assert.rejects(failing, (error: P8eError) => {
      assert.equal(error.code, "ledger.transaction_failed");
      assert.deepEqual([error.facts["phase"], error.facts["codespace"], error.facts["code"]], ["deliver", "sdk", 18]);
      assert.match(String(error.facts["hash"]), /^[0-9A-F]{64}$/);
      assert.ok((error.facts["height"] as bigint) > 0n);
      return true;
    });
    // Its sequence is used; the next one follows.
    await chain.submit([send(alice, bob)], { signer: alice });
  });

  it("says who has too little to pay", async () => {
    await chain.submit([send(alice, stranger, 10n)], { signer: alice });
    await assert.rejects(chain.submit([send(stranger, alice)], { signer: stranger }), {
      code: "ledger.insufficient_funds",
    });
  });

  it("says whose account does not exist", async () => {
    await assert.rejects(chain.submit([send(nobody, alice)], { signer: nobody }), {
      code: "ledger.account_not_found",
      facts: { address: nobody.address },
    });
  });

  it("lets a fee granter pay", async () => {
    const grant = ledgerMessage(cosmos.feegrant.MsgGrantAllowanceSchema, {
      granter: alice.address,
      grantee: bob.address,
      allowance: packAny(cosmos.feegrant.BasicAllowanceSchema, create(cosmos.feegrant.BasicAllowanceSchema)),
    });
    assert.equal(await chain.accounts.hasFeeAllowance(alice.address, bob.address), false);
    await chain.submit([grant], { signer: alice });
    assert.equal(await chain.accounts.hasFeeAllowance(alice.address, bob.address), true);
    const before = await chain.accounts.balance(bob.address);
    await chain.submit([send(bob, alice, 1n)], { signer: bob, feeGranter: alice.address });
    assert.equal(await chain.accounts.balance(bob.address), before - 1n);
  });

  it("signs with several accounts, in the order the messages name them", async () => {
    const receipt = await chain.submit([send(bob, alice, 3n), send(alice, bob, 3n)], {
      signer: alice,
      coSigners: [bob],
    });
    assert.ok(receipt.height > 0n);
  });

  it("wants every signer that the messages name, and no other", async () => {
    await assert.rejects(chain.submit([send(bob, alice), send(alice, bob)], { signer: alice }), (error: P8eError) => {
      assert.deepEqual([error.code, error.facts["phase"]], ["ledger.transaction_refused", "build"]);
      assert.deepEqual(error.facts["missingAddresses"], [bob.address]);
      return true;
    });
    await assert.rejects(chain.submit([send(bob, alice)], { signer: bob, coSigners: [alice] }), {
      code: "input.invalid",
    });
    await assert.rejects(chain.submit([], { signer: alice }), { code: "input.invalid" });
  });

  it("hands out the bytes before they are sent, and finds the transaction by their hash", async () => {
    let hash = "";
    const receipt = await chain.submit([send(alice, bob)], {
      signer: alice,
      memo: "for the record",
      onSigned: async (signed) => {
        hash = signed.hash;
        assert.equal(await chain.transaction(hash), undefined);
      },
    });
    assert.equal(receipt.hash, hash);
    assert.deepEqual(await chain.transaction(hash.toLowerCase()), receipt);
  });

  it("does not wait when it is told not to", async () => {
    const accepted = await chain.submit([send(alice, bob)], { signer: alice, waitForInclusion: false });
    const receipt = await accepted.included();
    assert.deepEqual([receipt.hash, receipt.fee], [accepted.hash, accepted.cost.fee]);
  });

  it("sends prepared bytes once, however often they are sent", async () => {
    const before = await chain.accounts.balance(stranger.address);
    await using prepared = await chain.prepare([send(alice, stranger, 4n)], { signer: alice });
    assert.equal(await chain.transaction(prepared.hash), undefined);
    const receipt = await prepared.broadcast();
    assert.equal(receipt.hash, prepared.hash);
    assert.deepEqual(await chain.broadcast(prepared.bytes), receipt);
    assert.equal(await chain.accounts.balance(stranger.address), before + 4n);
  });

  it("sends bytes kept by an earlier process", async () => {
    const before = await chain.accounts.balance(stranger.address);
    let bytes = new Uint8Array();
    {
      await using earlier = await connectTo(node.url);
      await using prepared = await earlier.prepare([send(alice, stranger, 6n)], { signer: alice });
      bytes = new Uint8Array(prepared.bytes);
    }
    await Promise.all([chain.broadcast(bytes), chain.broadcast(bytes)]);
    assert.equal(await chain.accounts.balance(stranger.address), before + 6n);
  });

  it("frees the account when a prepared transaction is let go", async () => {
    {
      await using _prepared = await chain.prepare([send(alice, bob)], { signer: alice });
    }
    await chain.submit([send(alice, bob)], { signer: alice });
  });

  it("stops waiting when told, and names the hash to ask for later", async () => {
    await using proxy = await proxyNode(node.url);
    await using other = await connectTo(proxy.url);
    const stop = new AbortController();
    const waiting = other.submit([send(alice, bob)], { signer: alice, signal: stop.signal });
    proxy.fault("GetTx", { status: 14, message: "away" }, Number.POSITIVE_INFINITY);
    proxy.fault("GetLatestBlock", { status: 14, message: "away" }, Number.POSITIVE_INFINITY);
    while (proxy.calls("BroadcastTx") === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    setTimeout(() => stop.abort(), 50);
    await assert.rejects(waiting, (error: P8eError) => {
      assert.equal(error.code, "rpc.cancelled");
      assert.match(String(error.facts["hash"]), /^[0-9A-F]{64}$/);
      return true;
    });
  });

  it("refuses to be used for an account of another network", async () => {
    const foreign = {
      ...alice,
      address: accountAddressFromBytes(networks.mainnet.accountPrefix, accountAddressToBytes(alice.address)),
    };
    await assert.rejects(chain.submit([send(foreign, bob)], { signer: foreign }), { code: "address.invalid" });
  });
});
