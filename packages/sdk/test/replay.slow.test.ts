import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { clone, create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { ChainClient, ScopeView } from "@p8e/chain";
import {
  type ContentHash,
  hasCode,
  hashContent,
  metadataAddressFromBytes,
  P8eError,
  randomUuid,
  type ScopeAddress,
  type SessionAddress,
  SHA256_TRUNCATED_FORM,
  sessionAddress,
} from "@p8e/core";
import { signMessage, systemRandom } from "@p8e/crypto";
import { GreetingSchema, greet, PersonSchema } from "@p8e/example-hello";
import type { ObjectClient } from "@p8e/object-client";
import * as metadata from "@p8e/proto/metadata";
import * as scope from "@p8e/proto/scope";
import {
  type ExecutedSession,
  evidenceContext,
  type MemorializedSession,
  type Replay,
  type Replayer,
  type ReplayOptions,
  replayScope,
  type SessionScope,
} from "@p8e/sdk";
import { encodeEvidence } from "../src/session/evidence.ts";
import { publishHello } from "./support/publish-hello.ts";
import { openWorld, type World } from "./world-fixture.ts";

const GREET = "example.hello.Greet";

describe("replaying a scope", () => {
  let world: World;
  let executed: ExecutedSession;
  let first: MemorializedSession;
  let address: ScopeAddress;
  let kind: SessionScope;

  before(async () => {
    world = await openWorld();
    kind = { kind: "new", specification: await publishHello(world) };
    ({ executed, memorialized: first } = await greeted("Ada", kind));
    address = first.scope;
  });
  after(() => world?.[Symbol.asyncDispose]());

  async function greeted(name: string, at: SessionScope) {
    const { sessions } = world.lender.client;
    const prepared = await sessions.prepare({
      ...{ contract: await sessions.find(greet, at), scope: at },
      participants: new Map([["OWNER", world.lender.affiliate]]),
      proposals: { person: create(PersonSchema, { name }) },
    });
    const done = await sessions.execute(prepared);
    return { executed: done, memorialized: await sessions.memorialize(await sessions.price(done)) };
  }

  function lender(changes: Partial<Replayer> = {}): Replayer {
    const { store, party } = world.lender;
    return { chain: world.chain, store, key: party.encryption, sandbox: world.sandbox, ...changes };
  }

  async function failings(replayer: Replayer, options: ReplayOptions = {}): Promise<string[]> {
    const { ok, findings } = await replayScope(replayer, address, options);
    const found = findings.filter(({ outcome }) => outcome !== "holds");
    assert.equal(ok, found.length === 0);
    return found.map(({ what, outcome, code }) => `${what}: ${outcome} (${code})`);
  }

  /** The ledger with another evidence for the session, and other outputs for its records. */
  function ledgerThatNames(evidence: ContentHash, output?: ContentHash): ChainClient {
    const { metadata: queries } = world.chain;
    const changed = ({ sessions, records, ...rest }: ScopeView): ScopeView => ({
      ...rest,
      sessions: sessions.map((each) => ({ ...each, context: evidenceContext(evidence) })),
      records: records.map((each) => {
        const record = clone(metadata.RecordSchema, each);
        if (output !== undefined) record.outputs[0]!.hash = output;
        return record;
      }),
    });
    const scopeOf = async (...asked: Parameters<typeof queries.scope>) => changed((await queries.scope(...asked))!);
    const lying = { scope: scopeOf };
    return new Proxy(world.chain, { get: (chain, name) => (name === "metadata" ? lying : Reflect.get(chain, name)) });
  }

  async function stored(bytes: Uint8Array, hashForm?: typeof SHA256_TRUNCATED_FORM): Promise<ContentHash> {
    const { store, party } = world.lender;
    const receipt = await store.put(bytes, {
      ...{ owner: party.encryption.publicKey, signer: party.signing },
      ...(hashForm === undefined ? {} : { hashForm }),
    });
    return receipt.hash;
  }

  /** What a lender can do who did not run the contract that it signs. */
  async function signedOtherwise(change: (contract: scope.Contract) => void): Promise<ContentHash> {
    const contract = clone(scope.ContractSchema, executed.envelope.contract!);
    change(contract);
    const signature = await signMessage(world.lender.party.signing, toBinary(scope.ContractSchema, contract));
    return await stored(encodeEvidence({ ...executed.envelope, contract, signatures: [signature] }));
  }

  /** The lender's store with other bytes under a hash, or without the object. */
  function storeWith(hash: string, bytes: Uint8Array | undefined): ObjectClient {
    const getBytes: ObjectClient["getBytes"] = async (wanted, options) => {
      if (wanted !== hash) return await world.lender.store.getBytes(wanted, options);
      if (bytes === undefined) throw new P8eError("object.not_found", "the store has no such object");
      return bytes;
    };
    return new Proxy(world.lender.store, {
      get: (store, name) => (name === "getBytes" ? getBytes : Reflect.get(store, name)),
    });
  }

  it("comes to what was signed, function by function, with outputs and fuel", async () => {
    const replay: Replay = await replayScope(lender(), address);
    assert.equal(replay.ok, true, JSON.stringify(replay.findings));
    const [session, ...more] = replay.sessions;
    assert.deepEqual(more, []);
    assert.deepEqual([session?.session, session?.contract, session?.source], [first.session, GREET, "ledger"]);
    const [result] = executed.results;
    assert.ok(result?.outcome === "PASS");
    const same = { outcome: "PASS", hash: result.hash, fuel: BigInt(result.fuel) };
    assert.deepEqual(session?.functions, [{ function: "greet", record: "greeting", signed: same, replayed: same }]);
    assert.deepEqual(
      replay.findings.map(({ what }) => what),
      [
        `evidence of session ${GREET}`,
        `code of ${GREET}`,
        `input "person" of ${GREET}`,
        `execution of ${GREET}`,
        "function greet",
        'record "greeting"',
      ],
    );
  });

  it("names an output that was signed and recorded though the contract gives another", async () => {
    const output = await stored(toBinary(GreetingSchema, create(GreetingSchema, { text: "Hello, somebody else" })));
    const evidence = await signedOtherwise((contract) => {
      contract.considerations[0]!.result!.output!.hash = output;
    });
    assert.deepEqual(await failings(lender({ chain: ledgerThatNames(evidence, output) })), [
      "output of greet: broken (verify.failed)",
      'record "greeting": broken (verify.failed)',
    ]);
  });

  it("names fuel that was signed though the contract takes another amount", async () => {
    const evidence = await signedOtherwise((contract) => {
      contract.considerations[0]!.result!.fuel += 1n;
    });
    assert.deepEqual(await failings(lender({ chain: ledgerThatNames(evidence) })), [
      "fuel of greet: broken (contract.metering_differs)",
    ]);
  });

  it("names a result that was signed though the contract refuses", async () => {
    const nobody = await stored(toBinary(PersonSchema, create(PersonSchema, { name: " " })));
    const evidence = await signedOtherwise((contract) => {
      contract.considerations[0]!.inputs[0]!.hash = nobody;
    });
    const replay = await replayScope(lender({ chain: ledgerThatNames(evidence) }), address);
    const outcome = replay.findings.find(({ what }) => what === "outcome of greet");
    assert.equal(outcome?.outcome, "broken");
    assert.match(outcome?.says ?? "", /signed as PASS and comes to FAIL \(RuleViolation name-given at person\.name/);
  });

  it("names evidence that is not signed, and executes nothing on it", async () => {
    const bytes = encodeEvidence({ ...executed.envelope, signatures: [] });
    const unsigned = await failings(lender({ chain: ledgerThatNames(await stored(bytes)) }));
    assert.deepEqual(unsigned, [`evidence of session ${GREET}: broken (signature.missing)`]);
  });

  it("names an object that the reader's store does not show, and executes nothing without it", async () => {
    const { hash } = executed.envelope.contract!.considerations[0]!.inputs[0]!;
    assert.deepEqual(await failings(lender({ store: storeWith(hash, undefined) })), [
      `input "person" of ${GREET}: not_shown (object.not_found)`,
    ]);
    const code = executed.envelope.contract!.definition!.resourceLocation!.ref!.hash;
    assert.deepEqual(await failings(lender({ store: storeWith(code, undefined) })), [
      `code of ${GREET}: not_shown (object.not_found)`,
    ]);
  });

  it("names code that is not what was signed", async () => {
    const { hash } = executed.envelope.contract!.definition!.resourceLocation!.ref!;
    const { store, party } = world.lender;
    const bundle = await store.getBytes(hash as ContentHash, { key: party.encryption });
    const other = new TextEncoder().encode(new TextDecoder().decode(bundle).replace("Hello, ", "Adieu, "));
    assert.notEqual(hashContent(other), hash);
    assert.deepEqual(await failings(lender({ store: storeWith(hash, other) })), [
      `code of ${GREET}: broken (contract.bundle_corrupt)`,
    ]);
  });

  it("cannot check a session whose code needs an interpreter that is gone, and says so", async () => {
    const { store, party } = world.lender;
    const contract = executed.envelope.contract!;
    const read = (hash: string) => store.getBytes(hash as ContentHash, { key: party.encryption });
    const bundle = new TextDecoder().decode(await read(contract.definition!.resourceLocation!.ref!.hash));
    const old = await stored(new TextEncoder().encode(bundle.replace("abi=2", "abi=1")));
    const specification = fromBinary(scope.ContractSpecSchema, await read(contract.spec!.dataLocation!.ref!.hash));
    specification.definition!.resourceLocation!.ref!.hash = old;
    const named = await stored(toBinary(scope.ContractSpecSchema, specification), SHA256_TRUNCATED_FORM);
    const evidence = await signedOtherwise((signed) => {
      signed.spec!.dataLocation!.ref!.hash = named;
    });
    const { findings } = await replayScope(lender({ chain: ledgerThatNames(evidence) }), address);
    const code = findings.find(({ what }) => what === `code of ${GREET}`);
    assert.deepEqual([code?.outcome, code?.code], ["unchecked", "verify.unchecked"]);
    assert.match(code?.says ?? "", /version 1 of the contract ABI/);
  });

  it("replays a session whose records were replaced: from memory, or as of a block at which it was there", async () => {
    const height = await world.chain.height();
    const { memorialized: second } = await greeted("Grace", { kind: "existing", address });
    const { sessions } = await world.lender.client.reader.scope(address);
    assert.deepEqual(
      sessions.map(({ sessionId }) => metadataAddressFromBytes(sessionId)),
      [second.session],
    );
    const session = first.session as SessionAddress;
    await assert.rejects(replayScope(lender(), address, { session }), (error) => {
      return hasCode(error, "ledger.not_found") && /--height/.test((error as P8eError).hint ?? "");
    });
    const { state } = world.lender.client.parts;
    const remembered = await replayScope(lender({ state }), address, { session });
    assert.equal(remembered.ok, true, JSON.stringify(remembered.findings));
    assert.deepEqual(
      remembered.sessions.map((each) => [each.source, each.functions.length]),
      [["memory", 1]],
    );
    const past = await replayScope(lender(), address, { session, height });
    assert.equal(past.ok, true, JSON.stringify(past.findings));
    assert.equal(past.sessions[0]?.source, "ledger");
    const unknown = sessionAddress(randomUuid(systemRandom), randomUuid(systemRandom));
    await assert.rejects(replayScope(lender({ state }), address, { session: unknown }), { code: "ledger.not_found" });
  });
});
