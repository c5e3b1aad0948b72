import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { clone, create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { ChainClient, ScopeView } from "@p8e/chain";
import {
  concatBytes,
  contentHashToBytes,
  contractSpecificationAddress,
  hashContent,
  isP8eError,
  metadataAddressToBytes,
  randomUuid,
  type ScopeAddress,
  sessionAddress,
  uuidFromBytes,
} from "@p8e/core";
import { type KeyReference, signMessage, systemRandom } from "@p8e/crypto";
import { greet, PersonSchema } from "@p8e/example-hello";
import { ObjectClient } from "@p8e/object-client";
import { javaClassName } from "@p8e/proto/java-class-name";
import * as metadata from "@p8e/proto/metadata";
import * as scope from "@p8e/proto/scope";
import {
  EVIDENCE_CONTEXT_VERSION,
  type ExecutedSession,
  evidenceContext,
  requireHolds,
  type SessionScope,
  type Verification,
  verifyObject,
  verifyScope,
} from "@p8e/sdk";
import { encodeEvidence } from "../src/session/evidence.ts";
import { publishHello } from "./support/publish-hello.ts";
import { openWorld, type World, type WorldParty } from "./world-fixture.ts";

describe("verifying a scope", () => {
  let world: World;
  let executed: ExecutedSession;
  let address: ScopeAddress;

  before(async () => {
    world = await openWorld();
    const { affiliate } = world.lender;
    const { sessions } = world.lender.client;
    const at: SessionScope = { kind: "new", specification: await publishHello(world) };
    const prepared = await sessions.prepare({
      ...{ contract: await sessions.find(greet, at), scope: at },
      participants: new Map([["OWNER", affiliate]]),
      proposals: { person: create(PersonSchema, { name: "Ada" }) },
    });
    executed = await sessions.execute(prepared);
    address = (await sessions.memorialize(await sessions.price(executed))).scope;
  });
  after(() => world?.[Symbol.asyncDispose]());

  /** The ledger with another answer for the scope. */
  function ledgerThatSays(change: (view: ScopeView) => ScopeView): ChainClient {
    const { metadata: queries } = world.chain;
    const lying = {
      contractSpecification: queries.contractSpecification.bind(queries),
      scopeSpecification: queries.scopeSpecification.bind(queries),
      scope: async (...asked: Parameters<typeof queries.scope>) => change((await queries.scope(...asked))!),
    };
    return new Proxy(world.chain, { get: (chain, name) => (name === "metadata" ? lying : Reflect.get(chain, name)) });
  }

  async function failings(change: (view: ScopeView) => ScopeView = (view) => view): Promise<string[]> {
    const { store, party } = world.lender;
    const reader = { chain: ledgerThatSays(change), store, key: party.encryption, sandbox: world.sandbox };
    const { ok, findings } = await verifyScope(reader, address);
    const broken = findings.filter(({ outcome }) => outcome !== "holds");
    assert.equal(ok, broken.length === 0);
    return broken.map(({ what, code }) => `${what}: ${code}`);
  }

  /** What a dishonest lender can do: sign another contract, store it as evidence, and name it in the session. */
  async function failingsOfEvidence(bytes: Uint8Array, version = EVIDENCE_CONTEXT_VERSION): Promise<string[]> {
    const { store, party } = world.lender;
    const { hash } = await store.put(bytes, { owner: party.encryption.publicKey, signer: party.signing });
    return failings(({ sessions, ...rest }) => ({
      ...rest,
      sessions: sessions.map((session) => ({
        ...session,
        context: Uint8Array.of(version, ...evidenceContext(hash).subarray(1)),
      })),
    }));
  }

  async function forged(
    change: (contract: scope.Contract) => void,
    signers: readonly KeyReference[] = [world.lender.party.signing],
  ): Promise<Uint8Array> {
    const contract = clone(scope.ContractSchema, executed.envelope.contract!);
    change(contract);
    const bytes = toBinary(scope.ContractSchema, contract);
    const signatures = await Promise.all(signers.map((signer) => signMessage(signer, bytes)));
    return encodeEvidence({ ...executed.envelope, contract, signatures });
  }

  const record = (change: (record: metadata.Record) => void) => (view: ScopeView) => ({
    ...view,
    records: view.records.map((each) => {
      const changed = clone(metadata.RecordSchema, each);
      change(changed);
      return changed;
    }),
  });
  const session = (change: (session: metadata.Session) => void) => (view: ScopeView) => ({
    ...view,
    sessions: view.sessions.map((each) => {
      const changed = clone(metadata.SessionSchema, each);
      change(changed);
      return changed;
    }),
  });

  const EVIDENCE = "evidence of session example.hello.Greet";
  const CONTRACT = "contract example.hello.Greet";

  it("finds nothing wrong with what was done right", async () => {
    assert.deepEqual(await failings(), []);
    assert.deepEqual(await failingsOfEvidence(await forged(() => undefined)), []);
  });

  it("holds without fuel in evidence of version 1, and with fuel in version 2, and not the other way round", async () => {
    const withoutFuel = await forged(({ considerations }) => {
      for (const { result } of considerations) if (result !== undefined) result.fuel = 0n;
    });
    assert.deepEqual(await failingsOfEvidence(withoutFuel, 1), []);
    assert.deepEqual(await failingsOfEvidence(withoutFuel, 2), [`${EVIDENCE}: verify.failed`]);
    assert.deepEqual(await failingsOfEvidence(await forged(() => undefined), 1), [`${EVIDENCE}: verify.failed`]);
    assert.deepEqual(await failingsOfEvidence(withoutFuel, 3), [`${EVIDENCE}: signature.invalid`]);
    assert.deepEqual(await failingsOfEvidence(withoutFuel, 4), [`${EVIDENCE}: verify.unchecked`]);
  });

  it("does not believe a contract that stands beside the signed one", async () => {
    const evil = toBinary(
      scope.ContractSchema,
      create(scope.ContractSchema, { considerations: executed.envelope.contract!.considerations }),
    );
    const honest = encodeEvidence(executed.envelope);
    const smuggled = new BinaryWriter().tag(2, WireType.Varint).uint32(evil.length).finish();
    for (const bytes of [concatBytes(smuggled, evil, honest), concatBytes(honest, smuggled, evil)]) {
      assert.deepEqual(await failingsOfEvidence(bytes), [`${EVIDENCE}: envelope.malformed`]);
    }
    const twice = new BinaryWriter().tag(2, WireType.LengthDelimited).bytes(evil).finish();
    assert.deepEqual(await failingsOfEvidence(concatBytes(honest, twice)), [`${EVIDENCE}: envelope.malformed`]);
  });

  it("does not believe a signed contract that decoders read differently", async () => {
    const { party } = world.lender;
    const contract = toBinary(scope.ContractSchema, executed.envelope.contract!);
    const more = toBinary(scope.DefinitionSpecSchema, create(scope.DefinitionSpecSchema, { name: "Greet" }));
    const merged = new BinaryWriter().tag(1, WireType.LengthDelimited).bytes(more).finish();
    const contractBytes = concatBytes(contract, merged);
    const { contract: _left, ...rest } = executed.envelope;
    const around = { ...rest, signatures: [await signMessage(party.signing, contractBytes)] };
    const reordered = concatBytes(
      encodeEvidence(around),
      new BinaryWriter().tag(2, WireType.LengthDelimited).bytes(contractBytes).finish(),
    );
    assert.deepEqual(
      fromBinary(scope.EnvelopeSchema, reordered).contract,
      fromBinary(scope.ContractSchema, contractBytes),
    );
    assert.deepEqual(await failingsOfEvidence(reordered), [`${EVIDENCE}: envelope.malformed`]);
  });

  it("wants the signatures of the session's parties, and not any number of them", async () => {
    const { signing } = world.bank.party;
    const own = world.lender.party.signing;
    assert.deepEqual(await failingsOfEvidence(await forged(() => undefined, [])), [`${EVIDENCE}: signature.missing`]);
    assert.deepEqual(await failingsOfEvidence(await forged(() => undefined, [signing])), [
      `${EVIDENCE}: signature.missing`,
    ]);
    assert.deepEqual(await failingsOfEvidence(await forged(() => undefined, Array(101).fill(own))), [
      `${EVIDENCE}: input.too_large`,
    ]);
  });

  it("does not take a result that did not pass for one that did", async () => {
    const { FAIL, SKIP, UNKNOWN } = scope.ExecutionResult_Result;
    for (const result of [FAIL, SKIP, UNKNOWN]) {
      const bytes = await forged((contract) => {
        contract.considerations[0]!.result!.result = result;
      });
      const [broken, ...more] = await failingsOfEvidence(bytes);
      assert.match(broken ?? "nothing", new RegExp(`^${EVIDENCE}: (verify.failed|object.not_found)$`));
      assert.deepEqual(more, []);
    }
  });

  it("does not choose between two considerations of one name", async () => {
    for (const add of ["push", "unshift"] as const) {
      const bytes = await forged((contract) => {
        contract.considerations[add](
          create(scope.ConsiderationProtoSchema, {
            considerationName: "greet",
            result: { result: scope.ExecutionResult_Result.PASS, output: { name: "greeting", hash: "x" } },
          }),
        );
      });
      assert.deepEqual(await failingsOfEvidence(bytes), [`${EVIDENCE}: session.invalid`]);
    }
  });

  it("wants the contract that was signed to be the one that the session names", async () => {
    const changes: ((contract: scope.Contract) => void)[] = [
      (contract) => {
        contract.spec!.dataLocation!.ref!.hash = hashContent(Uint8Array.of(1)).slice(0, 22).concat("==");
      },
      (contract) => {
        contract.definition!.name = "Other";
      },
      (contract) => {
        contract.recitals[0]!.signerRole = scope.PartyType.SERVICER;
      },
      (contract) => {
        contract.recitals = [];
      },
    ];
    for (const change of changes) {
      const [broken, ...more] = await failingsOfEvidence(await forged(change));
      assert.match(broken ?? "nothing", new RegExp(`^${EVIDENCE}: (session.invalid|verify.failed)$`));
      assert.deepEqual(more, []);
    }
  });

  it("does not take evidence that reads another scope's records, or is another session's", async () => {
    const elsewhere = await forged((contract) => {
      contract.inputs = [
        create(scope.RecordSchema, {
          name: "terms",
          dataLocation: {
            ref: { hash: hashContent(new Uint8Array()), scopeUuid: { value: randomUuid(systemRandom) } },
          },
        }),
      ];
    });
    assert.deepEqual(await failingsOfEvidence(elsewhere), [`${EVIDENCE}: verify.failed`]);
    const other = sessionAddress(randomUuid(systemRandom), randomUuid(systemRandom));
    const foreign = (view: ScopeView) => {
      const sessionId = metadataAddressToBytes(other);
      return record((each) => Object.assign(each, { sessionId }))(
        session((each) => Object.assign(each, { sessionId }))(view),
      );
    };
    assert.deepEqual(await failings(foreign), [`${EVIDENCE}: verify.failed`]);
  });

  it("names a record that was changed in any part", async () => {
    const { FAIL } = metadata.ResultStatus;
    const changes: Record<string, (record: metadata.Record) => void> = {
      "no output": (each) => {
        each.outputs = [];
      },
      "a failed output": (each) => {
        each.outputs[0]!.status = FAIL;
      },
      "no inputs": (each) => {
        each.inputs = [];
      },
      "an input twice": (each) => {
        each.inputs.push(each.inputs[0]!);
      },
      "an input of another name": (each) => {
        each.inputs[0]!.name = "somebody";
      },
      "another method": (each) => {
        each.process!.method = "other";
      },
      "another name": (each) => {
        each.name = "farewell";
      },
      "no process": (each) => {
        delete (each as { process?: unknown }).process;
      },
    };
    for (const [what, change] of Object.entries(changes)) {
      const broken = await failings(record(change));
      assert.ok(broken.includes(`${EVIDENCE}: verify.failed`), `${what}: ${broken.join("; ")}`);
    }
    const untyped = await failings(
      record((each) => {
        each.inputs[0]!.typeName = javaClassName(PersonSchema).replace("Person", "Greeting");
      }),
    );
    assert.deepEqual(untyped, [`${EVIDENCE}: verify.failed`]);
    const byRecord = await failings(
      record((each) => {
        each.inputs[0]!.source = { case: "recordId", value: new Uint8Array(33) };
      }),
    );
    assert.deepEqual(byRecord, ['input "person" of record "greeting": verify.failed', `${EVIDENCE}: verify.failed`]);
  });

  it("names a session whose parties, roles or name are not those of the contract", async () => {
    const role = session((each) => {
      each.parties[0]!.role = metadata.PartyType.SERVICER;
    });
    assert.deepEqual(await failings(role), [`${EVIDENCE}: verify.failed`]);
    const none = session((each) => {
      each.parties = [];
    });
    assert.deepEqual(await failings(none), [`${EVIDENCE}: verify.failed`]);
    const name = session((each) => {
      each.name = "example.loan.RecordLoan";
    });
    assert.deepEqual(await failings(name), ["contract example.loan.RecordLoan: verify.failed"]);
  });

  it("names a record that no session of the scope accounts for", async () => {
    const lost = (view: ScopeView) => ({ ...view, sessions: [] });
    assert.deepEqual(await failings(lost), ['record "greeting": verify.failed', "sessions: verify.unchecked"]);
  });

  it("names a session that says nothing of its contract or evidence, and goes on", async () => {
    const mute = session((each) => {
      each.specificationId = new Uint8Array();
      each.context = new Uint8Array();
    });
    const broken = await failings(mute);
    assert.deepEqual(
      broken.map((each) => each.split(":")[0]),
      [CONTRACT, EVIDENCE],
    );
  });

  describe("comes to one outcome, the worst found", () => {
    const outcomes = ({ findings }: Verification) => findings.map(({ what, outcome }) => `${what}: ${outcome}`);
    const verdict = (report: Verification) => {
      try {
        requireHolds(report);
      } catch (error) {
        assert.ok(isP8eError(error));
        return `${error.code} ${error.status.exit}`;
      }
      return "holds 0";
    };
    const reader = ({ store, party }: WorldParty, chain = world.chain) => ({
      ...{ chain, store, key: party.encryption, sandbox: world.sandbox },
    });
    const PERSON = 'input "person" of record "greeting"';
    const noEvidence = session((each) => {
      each.context = new Uint8Array();
    });

    it("holds", async () => {
      const report = await verifyScope(reader(world.lender), address);
      assert.deepEqual(outcomes(report), [
        `${CONTRACT}: holds`,
        'record "greeting": holds',
        `${PERSON}: holds`,
        `${EVIDENCE}: holds`,
      ]);
      assert.deepEqual([report.outcome, verdict(report)], ["holds", "holds 0"]);
    });

    it("not shown to a reader whose store has nothing of it, or not for its key", async () => {
      const stranger = { ...reader(world.lender), key: world.bank.party.encryption };
      for (const each of [reader(world.bank), stranger]) {
        const report = await verifyScope(each, address);
        assert.deepEqual(new Set(report.findings.map(({ outcome }) => outcome)), new Set(["not_shown"]));
        assert.deepEqual([report.outcome, verdict(report)], ["not_shown", "verify.not_shown 12"]);
      }
    });

    it("cannot be checked without evidence", async () => {
      const report = await verifyScope(reader(world.lender, ledgerThatSays(noEvidence)), address);
      assert.equal(outcomes(report).at(-1), `${EVIDENCE}: unchecked`);
      assert.deepEqual([report.outcome, verdict(report)], ["unchecked", "verify.unchecked 22"]);
    });

    it("cannot be checked where other readers read a record's bytes otherwise: nobody forged it", async () => {
      const { store, party } = world.lender;
      // The field 1, a text, as a number.
      const { hash } = await store.put(Uint8Array.of(8, 1), {
        owner: party.encryption.publicKey,
        signer: party.signing,
      });
      const found = await failings(record((each) => Object.assign(each.outputs[0]!, { hash })));
      assert.deepEqual(found, ['record "greeting": verify.unchecked', `${EVIDENCE}: verify.failed`]);
    });

    it("cannot be checked where the code is an archive, as the JVM's; what the hashes say holds", async () => {
      const { store, party } = world.lender;
      const to = { owner: party.encryption.publicKey, signer: party.signing };
      const code = (await store.put(Uint8Array.of(0x50, 0x4b, 3, 4, 20, 0), to)).hash;
      const specification = create(scope.ContractSpecSchema, {
        definition: { resourceLocation: { ref: { hash: code } } },
      });
      const { hash } = await store.put(toBinary(scope.ContractSpecSchema, specification), to);
      const uuid = uuidFromBytes(contentHashToBytes(hash).subarray(0, 16));
      const id = metadataAddressToBytes(contractSpecificationAddress(uuid));
      const chain = ledgerThatSays((view) =>
        noEvidence(session((each) => Object.assign(each, { specificationId: id }))(view)),
      );
      const { metadata: queries } = chain;
      const others = {
        ...queries,
        scopeSpecification: async () => ({ specification: { contractSpecIds: [id] } }),
        contractSpecification: async () => ({
          specification: { specificationId: id, className: "", source: { case: "hash", value: hash } },
        }),
      };
      const jvm = new Proxy(chain, { get: (of, name) => (name === "metadata" ? others : Reflect.get(of, name)) });
      const report = await verifyScope(reader(world.lender, jvm), address);
      assert.deepEqual(outcomes(report), [
        `${CONTRACT}: unchecked`,
        'record "greeting": holds',
        `${PERSON}: holds`,
        `${EVIDENCE}: unchecked`,
      ]);
      assert.deepEqual([report.outcome, verdict(report)], ["unchecked", "verify.unchecked 22"]);
    });

    it("not shown before unchecked, broken before both", async () => {
      const hidden = await verifyScope(reader(world.bank, ledgerThatSays(noEvidence)), address);
      assert.ok(outcomes(hidden).includes(`${EVIDENCE}: unchecked`));
      assert.equal(verdict(hidden), "verify.not_shown 12");
      const lying = ledgerThatSays((view) =>
        record((each) => {
          each.inputs[0]!.source = { case: "recordId", value: new Uint8Array(33) };
        })(noEvidence(view)),
      );
      const broken = await verifyScope(reader(world.bank, lying), address);
      assert.deepEqual(
        new Set(broken.findings.map(({ outcome }) => outcome)),
        new Set(["not_shown", "broken", "unchecked"]),
      );
      assert.equal(verdict(broken), "verify.failed 20");
    });

    it("none at all when the store cannot be asked", async () => {
      await using away = new ObjectClient({ url: "grpc://127.0.0.1:9", patienceMs: 0 });
      await assert.rejects(verifyScope({ ...reader(world.lender), store: away }, address), { code: "rpc.unavailable" });
      const { party } = world.lender;
      const object = hashContent(Uint8Array.of(1));
      await assert.rejects(verifyObject({ store: away, key: party.encryption }, object), { code: "rpc.unavailable" });
    });

    it("of a single object too", async () => {
      const { store, party } = world.lender;
      const to = { owner: party.encryption.publicKey, signer: party.signing };
      const { hash } = await store.put(Uint8Array.of(1, 2, 3), to);
      const found = await verifyObject({ store, key: party.encryption }, hash);
      assert.deepEqual([found.outcome, found.plaintextBytes], ["holds", 3]);
      assert.ok(found.signer?.equals(party.signing.publicKey));
      const hidden = await verifyObject({ store, key: world.bank.party.encryption }, hash);
      assert.deepEqual([hidden.outcome, hidden.findings[0].code], ["not_shown", "object.not_found"]);
    });
  });
});
