import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { clone, fromBinary, toBinary } from "@bufbuild/protobuf";
import { P8eError, type Uuid } from "@p8e/core";
import { generatePrivateKey, localKey, systemRandom } from "@p8e/crypto";
import { openMail } from "@p8e/object-client";
import * as scope from "@p8e/proto/scope";
import { type ListenNews, listen, P8eClient, parseApprovalPolicy, viewJvmRequest, viewRequest } from "@p8e/sdk";
import { eventually } from "@p8e/testkit";
import { readJvmRequest } from "../src/agreement/jvm-request.ts";
import { type AgreeWorld, asked, openAgreeWorld, priced, request, stateAt } from "./support/agree-world.ts";
import { writeLetter } from "./support/text-mail.ts";
import type { WorldParty } from "./world-fixture.ts";

describe("a party that listens", () => {
  let world: AgreeWorld;
  before(async () => {
    world = await openAgreeWorld();
  });
  after(() => world?.[Symbol.asyncDispose]());

  function listening(
    party: { readonly client: Parameters<typeof listen>[0] },
    policy?: ReturnType<typeof parseApprovalPolicy>,
  ) {
    const stop = new AbortController();
    const news: ListenNews[] = [];
    const running = (async () => {
      for await (const each of listen(party.client, { policy, signal: stop.signal, everyMs: 100 })) news.push(each);
    })();
    running.catch(() => {}); // end() tells
    const end = async () => {
      stop.abort();
      await running;
    };
    return { news, end, [Symbol.asyncDispose]: end };
  }

  const kindsOf = (news: readonly ListenNews[], execution: Uuid) =>
    news.flatMap((each) => {
      if (each.kind === "received") return each.effect.execution === execution ? [each.effect.kind] : [];
      return "execution" in each && each.execution === execution ? [each.kind] : [];
    });

  const reach = (party: WorldParty, execution: Uuid, state: string) =>
    eventually(
      state,
      () => stateAt(party, execution),
      (found) => found === state,
    );

  async function policyFor(execution: Uuid, limits: { readonly messages: number; readonly perDay?: number }) {
    const { contract, approval } = await world.bank.client.agreements.inspect(execution);
    return parseApprovalPolicy(
      JSON.stringify({
        format: 1,
        rules: [
          {
            name: "two",
            contract: contract.specification.hash,
            invokers: [approval.invoker],
            scopeSpecification: world.specification,
            limits: { hours: 48, perDay: 1, fee: "1000000000000", ...limits },
            newScopes: true,
          },
        ],
      }),
    );
  }

  const newRequest = (name: string) => {
    const { lender, bank } = world;
    const participants = { OWNER: lender.affiliate, SERVICER: bank.affiliate };
    return request(world, { contract: "two", participants, name });
  };

  it("approves by a rule what it has executed itself, as often as the rule says; the rest waits for a person", async () => {
    const { lender, bank } = world;
    const first = (await newRequest("Ada")).executionUuid;
    await asked(bank, first);
    const policy = await policyFor(first, { messages: 2 });
    await using atBank = listening(bank, policy);
    await using _atLender = listening(lender);
    await reach(lender, first, "committed");
    await reach(bank, first, "committed");
    assert.deepEqual(kindsOf(atBank.news, first).slice(0, 1), ["approved"]);
    const steps = await bank.client.agreements.transitions(first);
    assert.ok(steps.some(({ cause }) => cause === "approved by the rule two"));
    const second = (await newRequest("Grace")).executionUuid;
    await eventually(
      "a word on it",
      async () => kindsOf(atBank.news, second),
      (kinds) => kinds.includes("undecided"),
    );
    const undecided = atBank.news.find((each) => each.kind === "undecided");
    assert.deepEqual(undecided?.why, [{ rule: "two", misses: ["limits.perDay"] }]);
    assert.equal(await stateAt(bank, second), "inspected");
    await bank.client.agreements.reject(second, "no more today");
    await reach(lender, second, "rejected");
  });

  it("tries again what its store could not do, and holds it against no request", async () => {
    const { lender, bank } = world;
    const { executionUuid } = await newRequest("Ida");
    await asked(bank, executionUuid);
    const policy = await policyFor(executionUuid, { messages: 2, perDay: 100 });
    let failures = 0;
    const { store } = bank.client.parts;
    const failing = new Proxy(store, {
      get(of, name) {
        const value: unknown = Reflect.get(of, name, of);
        if (name !== "getBytes" || failures++ > 0) return typeof value === "function" ? value.bind(of) : value;
        return async () => Promise.reject(new P8eError("store.storage", "the store cannot read its disk"));
      },
    });
    const client = new P8eClient({ ...bank.client.parts, store: failing });
    await using atBank = listening({ client }, policy);
    await using _atLender = listening(lender);
    await reach(lender, executionUuid, "committed");
    await atBank.end();
    assert.deepEqual(kindsOf(atBank.news, executionUuid).slice(0, 2), ["postponed", "approved"]);
  });

  it("does not say of a request that somebody else has approved that its rule did", async () => {
    const { lender, bank } = world;
    const { executionUuid } = await newRequest("Joan");
    await asked(bank, executionUuid);
    const policy = await policyFor(executionUuid, { messages: 2, perDay: 100 });
    const { agreements, parts } = bank.client;
    const overtaken = new Proxy(agreements, {
      get(of, name) {
        const value: unknown = Reflect.get(of, name, of);
        if (name !== "inspect") return typeof value === "function" ? value.bind(of) : value;
        return async (...given: Parameters<typeof of.inspect>) => {
          await of.approve(given[0], { cause: "approved by hand" });
          return of.inspect(...given);
        };
      },
    });
    await using atBank = listening({ client: { parts, agreements: overtaken } }, policy);
    await using _atLender = listening(lender);
    await reach(bank, executionUuid, "committed");
    await atBank.end();
    assert.ok(!kindsOf(atBank.news, executionUuid).includes("approved"));
  });

  it("signs where several people must say yes only when so many have, each with a key of its own", async () => {
    const { lender, bank } = world;
    const { executionUuid: execution } = await newRequest("Katherine");
    const { executionUuid: another } = await newRequest("Dorothy");
    for (const uuid of [execution, another]) await asked(bank, uuid);
    const [ada, ben, cleo] = [0, 1, 2].map(() => localKey(generatePrivateKey(systemRandom)));
    const people = [
      { name: "ada", key: ada!.publicKey },
      { name: "ben", key: ben!.publicKey },
      { name: "cleo", key: cleo!.publicKey },
    ];
    const strict = new P8eClient({ ...bank.client.parts, approvers: { needed: 2, people } });
    const { agreements } = strict;
    const policy = await policyFor(execution, { messages: 100, perDay: 100 });
    {
      await using atBank = listening({ client: strict }, policy);
      await eventually(
        "a word on it",
        async () => kindsOf(atBank.news, execution),
        (kinds) => kinds.includes("undecided"),
      );
      const undecided = atBank.news.find((each) => each.kind === "undecided" && each.execution === execution);
      assert.deepEqual(undecided?.kind === "undecided" && undecided.why, [{ rule: "two", misses: ["approvers"] }]);
    }
    const missing = { code: "session.approvers_missing" };
    await assert.rejects(agreements.approve(execution), missing);
    const inspection = await agreements.inspect(execution);
    const other = await agreements.inspect(another);
    await assert.rejects(agreements.consent(inspection, "ada", ben!), { code: "session.foreign_signer" });
    await assert.rejects(agreements.consent(inspection, "bank", bank.party.signing), { code: "session.invalid" });
    await agreements.consent(inspection, "ada", ada!);
    const again = await agreements.consent(inspection, "ada", ada!);
    assert.deepEqual([again.given.map(({ name }) => name), again.missing], [["ada"], ["ben", "cleo"]]);
    await assert.rejects(agreements.approveInspected(inspection), missing);
    // A yes to another request is none to this one.
    await agreements.consent(other, "ben", ben!);
    const [forOther] = await bank.client.parts.state.agreements.consents(another);
    const { revision } = await agreements.approval(execution);
    const copied = {
      uuid: execution,
      revision,
      from: "inspected",
      to: "inspected",
      consent: forOther!,
      cause: "copied",
    };
    await bank.client.parts.state.agreements.commit({ approval: copied as never });
    await assert.rejects(agreements.approveInspected(inspection), missing);
    await agreements.consent(inspection, "ben", ben!);
    assert.equal((await agreements.approveInspected(inspection, { cause: "ada and ben" })).state, "approved");
    const causes = (await agreements.transitions(execution)).map(({ cause }) => cause);
    assert.deepEqual(causes.slice(-3), ["ben says yes", "ada and ben", "granted"]);
    await agreements.reject(another, "only one yes");
    await using _atLender = listening(lender);
    await reach(lender, execution, "committed");
    await reach(lender, another, "rejected");
    await eventually(
      "nothing is open",
      async () => {
        await bank.client.agreements.settle();
        return (await bank.client.agreements.approvals()).length;
      },
      (open) => open === 0,
    );
  });

  it("approves nothing without a policy, and sets aside what is no mail of sessions", async () => {
    const { lender, bank } = world;
    await writeLetter(lender.store, lender.party.signing, bank.party.encryption, "not one of ours");
    const { executionUuid } = await newRequest("Hedy");
    await using atBank = listening(bank);
    await reach(bank, executionUuid, "received");
    await eventually(
      "set aside",
      async () => (await bank.client.parts.state.quarantine.list()).length,
      (count) => count === 1,
    );
    await bank.client.agreements.reject(executionUuid, "enough");
    await atBank.end();
    assert.deepEqual(kindsOf(atBank.news, executionUuid), ["asked"]);
    const [row] = await bank.client.parts.state.quarantine.list();
    assert.equal(row?.reason, "unusable");
  });

  it("is not made with approvers who are not several people", () => {
    const { parts } = world.bank.client;
    const [one, other] = [0, 1]
      .map(() => localKey(generatePrivateKey(systemRandom)))
      .map((key, n) => ({ name: `p${n}`, key: key.publicKey }));
    const own = { name: "own", key: parts.party.signing.publicKey };
    for (const approvers of [
      { needed: 0, people: [one!, other!] },
      { needed: 3, people: [one!, other!] },
      { needed: 2, people: [one!, { ...one!, name: "again" }] },
      { needed: 2, people: [one!, { ...other!, name: one!.name }] },
      { needed: 2, people: [one!, own] },
    ]) {
      assert.throws(() => new P8eClient({ ...parts, approvers }), { code: "configuration.invalid" });
    }
    assert.ok(new P8eClient({ ...parts, approvers: { needed: 2, people: [one!, other!] } }));
  });

  it("can look at what a party of the JVM's SDK asks for, and refuse it in that SDK's form", async () => {
    const { lender, bank } = world;
    const { executed } = await priced(world, {
      ...{ contract: "two", participants: { OWNER: lender.affiliate, SERVICER: bank.affiliate }, name: "Grete" },
    });
    // As the JVM's SDK asks: with the envelope that nobody has executed yet.
    const envelope = clone(scope.EnvelopeSchema, executed.prepared.packaged.envelope);
    const content = toBinary(scope.EnvelopeSchema, envelope);
    const owner = lender.party.encryption.publicKey;
    const audience = [bank.party.encryption.publicKey];
    const { signing: signer } = lender.party;
    const ask = (bytes: Uint8Array) =>
      lender.store.put(bytes, { owner, signer, audience, mailType: "FRAGMENT_REQUEST" });
    await using atBank = listening(bank);
    await ask(content);
    const [request] = await eventually(
      "the request is there",
      () => bank.client.agreements.jvmRequests(),
      (found) => found.length === 1,
    );
    const execution = request!.uuid;
    await eventually(
      "it is told",
      async () => kindsOf(atBank.news, execution),
      ([kind]) => kind === "asked-by-jvm",
    );
    const view = viewJvmRequest(request!, bank.client.parts.network.accountPrefix);
    const [invoker, own] = [lender, bank].map(({ client }) => client.parts.state.origin.party);
    assert.deepEqual([view.contract, view.newScope], ["test.agree.Two", true]);
    assert.deepEqual(view.participants, [
      { role: "OWNER", address: invoker },
      { role: "SERVICER", address: own },
    ]);
    assert.deepEqual(
      view.inputs.map(({ name }) => name),
      ["person"],
    );
    await assert.rejects(bank.client.agreements.approve(execution), { code: "session.not_supported" });
    const many = clone(scope.EnvelopeSchema, envelope);
    many.contract!.recitals = Array.from({ length: 101 }, () => many.contract!.recitals[0]!);
    const unusable = clone(scope.EnvelopeSchema, envelope);
    unusable.contract!.recitals[0]!.signer!.encryptionPublicKey!.publicKeyBytes = Uint8Array.of(4);
    for (const bad of [many, unusable]) {
      assert.throws(() => readJvmRequest(toBinary(scope.EnvelopeSchema, bad)), P8eError);
    }
    await assert.rejects(bank.client.agreements.rejectJvm(execution, "\u0000 "), { code: "input.invalid" });
    const rejected = await bank.client.agreements.rejectJvm(execution, "we run\u0007 no archives");
    assert.deepEqual([rejected.state, rejected.reason], ["rejected", "we run no archives"]);
    await assert.rejects(bank.client.agreements.rejectJvm(execution, "again"), { code: "session.rejected" });

    const answer = await eventually(
      "the refusal at the lender",
      async () => {
        for (const mail of await lender.store.mail(lender.party.encryption)) {
          const opened = await openMail(mail, lender.party.encryption);
          await lender.store.acknowledge(mail.uuid, lender.party.encryption.publicKey);
          // Others tell of ends in p8e's own form.
          const { envelope: about } = fromBinary(scope.EnvelopeErrorSchema, opened.plaintext);
          if (about !== undefined) return opened;
        }
        return undefined;
      },
      (found) => found !== undefined,
    );
    const error = fromBinary(scope.EnvelopeErrorSchema, answer!.plaintext);
    assert.ok(answer!.signer.equals(bank.party.signing.publicKey));
    assert.equal(answer!.mailType, "ERROR_RESPONSE");
    assert.deepEqual([error.type, error.message], [scope.EnvelopeError_Type.CONTRACT_REJECTED, "we run no archives"]);
    assert.deepEqual(toBinary(scope.EnvelopeSchema, error.envelope!), content);

    // What does not hold is set aside: another's, one that does not ask for the bank, and an execution that is known.
    const lie = async (change: (of: scope.Envelope) => void) => {
      const lied = clone(scope.EnvelopeSchema, envelope);
      lied.executionUuid!.value = randomUUID();
      change(lied);
      const before = (await bank.client.parts.state.quarantine.list()).length;
      await ask(toBinary(scope.EnvelopeSchema, lied));
      const rows = await eventually(
        "it is set aside",
        () => bank.client.parts.state.quarantine.list(),
        (list) => list.length > before,
      );
      return rows[0]!.code;
    };
    const lies: readonly (readonly [code: string, change: (of: scope.Envelope) => void])[] = [
      [
        "session.foreign_signer",
        ({ contract }) => {
          contract!.invoker = contract!.recitals[1]!.signer!;
        },
      ],
      [
        "session.foreign_signer",
        ({ contract }) => {
          contract!.recitals.pop();
        },
      ],
      [
        "session.differs",
        (of) => {
          of.mainNet = true;
        },
      ],
      [
        "session.differs",
        (of) => {
          of.executionUuid!.value = execution;
          of.newSession = false;
        },
      ],
      [
        "envelope.malformed",
        ({ contract }) => {
          delete contract!.invoker;
        },
      ],
    ];
    for (const [code, change] of lies) assert.equal(await lie(change), code);
  });

  it("shows before signing who signs, what goes in, what comes out, and what signing allows", async () => {
    const { lender, bank } = world;
    const { executionUuid, scope } = await newRequest("Mary\u001b[2J");
    await asked(bank, executionUuid);
    const view = await viewRequest(bank.client.parts, await bank.client.agreements.inspect(executionUuid));
    assert.deepEqual(
      view.signers.map(({ roles, invoker, self, signed }) => [roles, invoker, self, signed]),
      [
        [["OWNER"], true, false, true],
        [["SERVICER"], false, true, false],
      ],
    );
    assert.deepEqual([view.scope.address, view.scope.isNew, view.newReaders], [scope, true, []]);
    assert.deepEqual(
      view.inputs.map(({ name, from, fields }) => [name, from, fields.shown]),
      [["person", "proposal", [{ path: "name", value: '"Mary [2J"' }]]],
    );
    const [output] = view.outputs;
    assert.equal(output?.change.kind, "new");
    assert.equal(view.leave.length, 1);
    assert.match(view.leaveText[0]!, /may write 2 MsgWriteSessionRequest messages on any scope of yours until 20/);
    assert.ok(view.fee > 0n);
    assert.equal(
      JSON.stringify(view, (_, value) => (typeof value === "bigint" ? String(value) : value)).includes("\\u001b"),
      false,
    );
    await bank.client.agreements.reject(executionUuid, "only looked");
    await eventually("told", async () => {
      await lender.client.agreements.settle();
      return true;
    });
  });

  it("shows field by field what a session changes of the records that are there", async () => {
    const { lender, bank } = world;
    await using _atLender = listening(lender);
    await using _atBank = listening(bank);
    const first = await newRequest("Ada");
    await reach(bank, first.executionUuid, "received");
    await bank.client.agreements.approve(first.executionUuid);
    await reach(lender, first.executionUuid, "committed");
    const participants = { OWNER: lender.affiliate, SERVICER: bank.affiliate };
    const next = await request(world, { contract: "two", participants, name: "Grace", scope: first.scope });
    await reach(bank, next.executionUuid, "received");
    const inspection = await eventually(
      "the first session at the bank",
      () => bank.client.agreements.inspect(next.executionUuid),
      () => true,
    );
    const view = await viewRequest(bank.client.parts, inspection);
    const [output] = view.outputs;
    assert.equal(output?.change.kind, "changed");
    const differences = output?.change.kind === "changed" ? output.change.differences.shown : [];
    assert.equal(differences.length, 1);
    assert.match(differences[0]!.before!, /Ada/);
    assert.match(differences[0]!.after!, /Grace/);
    await bank.client.agreements.reject(next.executionUuid, "only looked");
    await reach(lender, next.executionUuid, "rejected");
  });
});
