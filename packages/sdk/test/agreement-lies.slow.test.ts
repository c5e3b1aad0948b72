import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { clone, create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { hasCode, P8eError, randomUuid, type Uuid } from "@p8e/core";
import { generatePrivateKey, localKey, signMessage, systemRandom } from "@p8e/crypto";
import * as wire from "@p8e/proto/agreement";
import { packAny } from "@p8e/proto/any";
import * as metadata from "@p8e/proto/metadata";
import * as scope from "@p8e/proto/scope";
import { encodeWords, requestOf } from "../src/agreement/agreement-mail.ts";
import { checkReply } from "../src/agreement/check-reply.ts";
import { unexecuted } from "../src/agreement/request-envelope.ts";
import { encodeEvidence } from "../src/session/evidence.ts";
import {
  type AgreeWorld,
  asked,
  openAgreeWorld,
  request,
  stateAt,
  takeMail,
  turnsUntil,
} from "./support/agree-world.ts";
import type { WorldParty } from "./world-fixture.ts";

const other = "11111111-1111-4111-8111-111111111111";
const SHA = `${"A".repeat(43)}=`;

describe("a partner that lies", () => {
  let world: AgreeWorld;
  before(async () => {
    world = await openAgreeWorld(undefined, { three: false });
  });
  after(() => world?.[Symbol.asyncDispose]());

  async function honest(name: string): Promise<Uuid> {
    const { lender, bank } = world;
    const participants = { OWNER: lender.affiliate, SERVICER: bank.affiliate };
    return (await request(world, { contract: "two", participants, name })).executionUuid;
  }

  /** A mail as a party's own store would send it. */
  async function send(from: WorldParty, to: WorldParty, content: Uint8Array, key = from.party.signing): Promise<void> {
    const { publicKey } = from.party.encryption;
    const audience = [to.party.encryption.publicKey];
    await from.store.put(content, { owner: publicKey, signer: key, audience, mailType: "FRAGMENT_RESPONSE" });
  }

  /** What becomes of the next mail that has no effect. */
  async function refusal(of: WorldParty): Promise<P8eError> {
    let found: P8eError | undefined;
    await turnsUntil([], async () => {
      found ??= (await takeMail(of)).refused[0];
      return found !== undefined;
    });
    return found!;
  }

  type Lie = (envelope: scope.Envelope) => void;

  /** What stands around the contract, and what a lie about it is called. */
  const around: readonly (readonly [field: string, lie: Lie])[] = [
    ["scope", (envelope) => (envelope.ref!.scopeUuid = create(scope.UUIDSchema, { value: other }))],
    ["session", (envelope) => (envelope.ref!.sessionUuid = create(scope.UUIDSchema, { value: other }))],
    ["new scope", (envelope) => (envelope.newScope = false)],
    ["new session", (envelope) => (envelope.newSession = false)],
    ["network", (envelope) => (envelope.mainNet = true)],
    ["deadline", (envelope) => (envelope.expirationTime = timestampFromMs(Date.now() + 7_200_000))],
    ["scope specification", (envelope) => (envelope.scopeSpecUuid = create(scope.UUIDSchema, { value: other }))],
    [
      "data access",
      (envelope) => {
        const publicKeyBytes = localKey(generatePrivateKey(systemRandom)).publicKey.uncompressed;
        envelope.dataAccess = [create(scope.PublicKeySchema, { publicKeyBytes })];
      },
    ],
    [
      "scope before",
      (envelope) => (envelope.scope = packAny(metadata.ScopeResponseSchema, create(metadata.ScopeResponseSchema))),
    ],
    ["envelope", (envelope) => (envelope.prevExecutionUuid = create(scope.UUIDSchema, { value: other }))],
  ];
  /** Signed anew after the lie, so that only its content gives it away. */
  const inside: readonly (readonly [found: string, lie: Lie])[] = [
    ["recitals", ({ contract }) => void contract!.recitals.reverse()],
    ["proposed inputs", ({ contract }) => (contract!.considerations[0]!.inputs[0]!.hash = SHA)],
    ["start time", ({ contract }) => (contract!.startTime!.seconds += 1n)],
    ["definition", ({ contract }) => (contract!.definition!.name = "Other")],
    ["session.result_differs", ({ contract }) => (contract!.considerations[0]!.result!.output!.hash = SHA)],
    ["contract.metering_differs", ({ contract }) => (contract!.considerations[0]!.result!.fuel += 1n)],
  ];

  it("in a reply is found out, by what the lie is about, and nothing is merged", async () => {
    const { lender, bank } = world;
    const execution = await honest("lied to");
    const words = requestOf((await lender.client.agreements.agreement(execution)).request);
    const true_ = fromBinary(scope.EnvelopeSchema, words.envelope);
    const requestHash = await import("../src/agreement/agreement-mail.ts").then((mail) => mail.requestHash(words));
    const replyWith = async (lie: Lie, change: Partial<wire.AgreementReply> = {}, key = bank.party.signing) => {
      const envelope = clone(scope.EnvelopeSchema, true_);
      lie(envelope);
      const contractBytes = toBinary(scope.ContractSchema, envelope.contract!);
      envelope.signatures = [await signMessage(key, contractBytes)];
      const said = { chainId: words.chainId, requestHash, envelope: encodeEvidence(envelope), ...change };
      return create(wire.AgreementReplySchema, said as wire.AgreementReply);
    };
    const sender = bank.party.signing.publicKey;
    const lied = (reply: wire.AgreementReply, by = sender) => {
      try {
        checkReply(words, reply, by);
      } catch (error) {
        const { code, facts } = P8eError.from(error);
        return code === "session.differs" ? facts.field : code;
      }
      return "believed";
    };
    assert.equal(lied(await replyWith(() => undefined)), "believed");
    for (const [field, lie] of around) assert.equal(lied(await replyWith(lie)), field);
    for (const [found, lie] of inside) assert.equal(lied(await replyWith(lie)), found);
    assert.equal(lied(await replyWith((envelope) => (envelope.executionUuid!.value = other))), "execution");
    assert.equal(lied(await replyWith(() => undefined, { chainId: "pio-mainnet-1" })), "network");
    assert.equal(lied(await replyWith(() => undefined, { requestHash: new Uint8Array(32) })), "request");
    const stranger = localKey(generatePrivateKey(systemRandom));
    assert.equal(lied(await replyWith(() => undefined, {}, stranger)), "session.foreign_signer");

    const bad = await replyWith(() => undefined);
    const unsigned = fromBinary(scope.EnvelopeSchema, bad.envelope);
    unsigned.signatures[0]!.signature = true_.signatures[0]!.signature;
    assert.equal(lied({ ...bad, envelope: encodeEvidence(unsigned) }), "signature.invalid");
    unsigned.signatures = [];
    assert.equal(lied({ ...bad, envelope: encodeEvidence(unsigned) }), "signature.missing");

    // As mail: the true reply under a key that nobody asked, and one that lies.
    await send(bank, lender, encodeWords({ case: "reply", value: await replyWith(() => undefined) }), stranger);
    assert.equal((await refusal(lender)).code, "session.foreign_signer");
    await send(bank, lender, encodeWords({ case: "reply", value: await replyWith(inside[4]![1]) }));
    assert.equal((await refusal(lender)).code, "session.result_differs");
    assert.equal(await stateAt(lender, execution), "requested");
    assert.deepEqual(
      (await lender.client.agreements.agreement(execution)).signers.map(({ stand }) => stand),
      ["asked"],
    );
    await lender.client.agreements.cancel(execution);
  });

  it("in a request is found out before anything is signed or granted", async () => {
    const { lender, bank, chain } = world;
    const execution = await honest("asked with a lie");
    const words = requestOf((await lender.client.agreements.agreement(execution)).request);
    const true_ = fromBinary(scope.EnvelopeSchema, words.envelope);
    const told: Record<string, string> = {};
    const expected: Record<string, string> = {};
    const lies: readonly (readonly [name: string, found: string, lie: Lie])[] = [
      ["output", "session.result_differs", inside[4]![1]],
      ["fuel", "contract.metering_differs", inside[5]![1]],
      ["input", "object.not_found", inside[1]![1]],
      ["clock", "start time", ({ contract }) => (contract!.startTime = timestampFromMs(Date.now() - 2 * 86_400_000))],
      ["reference", "contract before it ran", (envelope) => (envelope.ref!.hash = SHA)],
      ["definition", "definition", inside[3]![1]],
      ["scope specification", "contract.not_published", around[6]![1]],
    ];
    for (const [name, found, lie] of lies) {
      const envelope = clone(scope.EnvelopeSchema, true_);
      const executionUuid = randomUuid(systemRandom);
      envelope.executionUuid!.value = executionUuid;
      lie(envelope);
      const contractBytes = toBinary(scope.ContractSchema, envelope.contract!);
      envelope.signatures = [await signMessage(lender.party.signing, contractBytes)];
      const value = { ...words, envelope: encodeEvidence(envelope) };
      await send(lender, bank, encodeWords({ case: "request", value }));
      await asked(bank, executionUuid);
      expected[name] = found;
      await bank.client.agreements.approve(executionUuid, { waitMs: 0 }).then(
        () => (told[name] = "approved"),
        (error: unknown) => {
          const { code, facts } = P8eError.from(error);
          told[name] = code === "session.differs" ? String(facts.field) : code;
        },
      );
      assert.equal(await stateAt(bank, executionUuid), "received", name);
      assert.equal((await bank.client.agreements.approval(executionUuid)).answer, undefined);
    }
    assert.deepEqual(told, expected);
    const [granter, grantee] = [bank.client.parts.state.origin.party, lender.client.parts.state.origin.party];
    assert.deepEqual(await chain.accounts.grants(granter, grantee), []);
    await lender.client.agreements.cancel(execution);
  });

  it("asks in somebody else's name, or for somebody else, in vain", async () => {
    const { lender, bank } = world;
    const execution = await honest("another's name");
    const words = requestOf((await lender.client.agreements.agreement(execution)).request);
    await asked(bank, execution);
    // The true request, sent by another key.
    const stranger = localKey(generatePrivateKey(systemRandom));
    await send(lender, bank, encodeWords({ case: "request", value: words }, 7), stranger);
    assert.equal((await refusal(bank)).code, "key.unavailable");
    // The same execution with other words.
    const envelope = fromBinary(scope.EnvelopeSchema, words.envelope);
    envelope.dataAccess = [create(scope.PublicKeySchema, { publicKeyBytes: stranger.publicKey.uncompressed })];
    const value = { ...words, envelope: encodeEvidence(envelope) };
    await send(lender, bank, encodeWords({ case: "request", value }));
    const second = await refusal(bank);
    assert.deepEqual([second.code, second.facts.field], ["session.differs", "request"]);
    // Fewer signers than the ledger wants.
    const fewer = { ...words, signers: words.signers.slice(0, 1) };
    await send(lender, bank, encodeWords({ case: "request", value: fewer }));
    const few = await refusal(bank);
    assert.deepEqual([few.code, few.facts.field], ["session.differs", "signers"]);
    // The end of a session, told by the other party.
    const end = { executionUuid: execution, chainId: words.chainId, outcome: wire.AgreementEnd_Outcome.CANCELLED };
    const { requestHash } = await import("../src/agreement/agreement-mail.ts");
    const told = create(wire.AgreementEndSchema, { ...end, requestHash: requestHash(words) });
    await send(lender, bank, encodeWords({ case: "end", value: told }), bank.party.signing);
    assert.equal((await refusal(bank)).code, "session.foreign_signer");
    assert.equal(await stateAt(bank, execution), "received");
    await lender.client.agreements.cancel(execution);
  });

  it("whose contract was not run at all is not mistaken for one that was", async () => {
    const { lender, bank } = world;
    const execution = await honest("unrun");
    const words = requestOf((await lender.client.agreements.agreement(execution)).request);
    const envelope = fromBinary(scope.EnvelopeSchema, words.envelope);
    envelope.contract = unexecuted(envelope.contract!);
    envelope.signatures = [await signMessage(bank.party.signing, toBinary(scope.ContractSchema, envelope.contract))];
    const { requestHash } = await import("../src/agreement/agreement-mail.ts");
    const reply = create(wire.AgreementReplySchema, {
      ...{ chainId: words.chainId, requestHash: requestHash(words), envelope: encodeEvidence(envelope) },
    });
    assert.throws(
      () => checkReply(words, reply, bank.party.signing.publicKey),
      (error) => hasCode(error, "session.result_differs"),
    );
    await lender.client.agreements.cancel(execution);
  });
});
