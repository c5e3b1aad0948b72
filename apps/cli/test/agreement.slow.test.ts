import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { create, toBinary } from "@bufbuild/protobuf";
import { privateKeyFromMnemonic, publicKeyFromBase64 } from "@p8e/crypto";
import { environmentProfile } from "@p8e/environment";
import { DEVELOPMENT_SIGNING_PATH, developmentParties, openParty, profileText } from "@p8e/party";
import * as scope from "@p8e/proto/scope";
import { eventually } from "@p8e/testkit";
import { CommandLine } from "./support/p8e.ts";

const source = fileURLToPath(new URL("fixtures/agreed.ts", import.meta.url));

interface Requested {
  readonly session: string;
  readonly execution: string;
  readonly scope: string;
  readonly signers: readonly { readonly address: string; readonly messages: number }[];
}

interface Session {
  readonly execution: string;
  readonly role: string;
  readonly state: string;
  readonly reason?: string;
  readonly invokerParty?: string;
}

interface Shown extends Session {
  readonly contract: string;
  readonly scope: string;
  readonly participants: readonly { readonly role: string; readonly party: string }[];
  readonly signers: readonly { readonly party: string; readonly stand: string }[];
}

describe("the commands for sessions that several parties sign", () => {
  const p8e = new CommandLine();

  before(async () => {
    writeFileSync(p8e.path("ada.json"), '{"name":"Ada"}');
    await p8e.up();
    await p8e.json(["contract", "publish", source, "--as", "lender", "--for", "bank"]);
  });
  after(() => p8e[Symbol.asyncDispose]());

  const ask = (...more: string[]) =>
    p8e.json<Requested>([
      ...["contract", "execute", "test.agreed.Greet", "--as", "lender", "--new-scope", "test.agreed"],
      ...["--input", "person=ada.json", "--participant", "OWNER=lender", "--participant", "SERVICER=bank", ...more],
    ]);

  const listed = async (as: string, ...more: string[]) =>
    (await p8e.json<{ sessions: readonly Session[] }>(["session", "list", "--as", as, ...more])).sessions;

  /** Until the mail is there. */
  const inbox = (as: string, execution: string) =>
    eventually(
      "the request is in the inbox",
      () => p8e.json<{ waiting: readonly Session[] }>(["inbox", "--as", as]),
      ({ waiting }) => waiting.some((each) => each.execution === execution),
    );

  const becomes = (as: string, execution: string, state: string) =>
    eventually(
      `it is ${state} at ${as}`,
      async () => {
        await p8e.json(["inbox", "--as", as]);
        return p8e.json<Session>(["session", "show", execution, "--as", as]);
      },
      (session) => session.state === state,
    );

  it("lead one to the ledger: asked, listed, approved, written, verified", async () => {
    const { execution, scope, session, signers } = await ask();
    assert.deepEqual(
      signers.map(({ messages }) => messages),
      [2],
    );
    assert.deepEqual(
      (await listed("lender")).map(({ role, state }) => [role, state]),
      [["invoker", "requested"]],
    );
    // Under the address that it will have on the ledger, too; the one who asks sees what it is about.
    const own = await p8e.json<Shown>(["session", "show", session, "--as", "lender"]);
    assert.deepEqual([own.execution, own.contract, own.scope], [execution, "test.agreed.Greet", scope]);
    assert.deepEqual(
      own.participants.map(({ role, party }) => [role, party]),
      [
        ["OWNER", "lender"],
        ["SERVICER", "bank"],
      ],
    );
    assert.deepEqual(
      own.signers.map(({ party, stand }) => [party, stand]),
      [["bank", "asked"]],
    );
    assert.equal((await p8e.refused(10, ["session", "show", session, "--as", "bank"])).code, "session.not_found");
    const { waiting } = await inbox("bank", execution);
    assert.equal(waiting[0]?.invokerParty, "lender");
    assert.deepEqual(
      (await listed("bank")).map(({ role, state }) => [role, state]),
      [["approver", "received"]],
    );
    assert.equal((await p8e.json<Shown>(["session", "show", session, "--as", "bank"])).execution, execution);
    const shown = await p8e.json<{
      request: { outputs: readonly { record: string }[]; leave: readonly { count: number }[] };
    }>(["session", "show", execution, "--as", "bank"]);
    assert.deepEqual([shown.request.outputs.length, shown.request.leave[0]?.count], [1, 2]);
    const unasked = await p8e.refused(2, ["session", "approve", execution, "--as", "bank"]);
    assert.equal(unasked.hint, "--yes signs without asking.");
    const approved = await p8e.text(["session", "approve", execution, "--as", "bank", "--yes"]);
    assert.match(approved, /Lender may write 2 MsgWriteSessionRequest messages on any scope of yours until 20\d\d-/);
    const taken = await eventually(
      "the lender's inbox says what it took in and did",
      () => p8e.text(["inbox", "--as", "lender"]),
      (text) => text.includes("has signed"),
    );
    assert.ok(taken.includes(`✔ ${execution} is on the ledger\n`), taken);
    assert.match(taken, /^✔ (?:one mail that was due|\d+ mails that were due) went out$/m);
    await becomes("lender", execution, "committed");
    await becomes("bank", execution, "committed");
    await p8e.json(["verify", scope, "--as", "bank"]);
    assert.deepEqual(await listed("bank"), []);
    assert.deepEqual(
      (await listed("lender", "--all")).map(({ state }) => state),
      ["committed"],
    );
  });

  it("refuse one, with a reason that both know, and cancel another", async () => {
    const { execution } = await ask("--deadline", "2h");
    await inbox("bank", execution);
    const error = await p8e.refused(2, ["session", "reject", execution, "--as", "bank", "--reason", " "]);
    assert.equal(error.code, "input.invalid");
    await p8e.json(["session", "reject", execution, "--as", "bank", "--reason", "the rate is wrong"]);
    assert.equal((await becomes("lender", execution, "rejected")).reason, "the rate is wrong");
    assert.equal(
      (await p8e.refused(13, ["session", "approve", execution, "--as", "bank", "--yes"])).code,
      "session.rejected",
    );

    const other = await ask();
    await p8e.json(["session", "resend", other.execution, "--as", "lender"]);
    await p8e.json(["session", "cancel", other.execution, "--as", "lender"]);
    await becomes("bank", other.execution, "cancelled");
    assert.equal(
      (await p8e.refused(13, ["session", "cancel", other.execution, "--as", "lender"])).code,
      "session.too_late",
    );
    const unknown = "00000000-0000-4000-8000-000000000000";
    assert.equal((await p8e.refused(10, ["session", "show", unknown, "--as", "bank"])).code, "session.not_found");
  });

  it("name all parties that are not known, before anything is looked for or run", async () => {
    const { code, message, facts } = await p8e.refused(10, [
      ...["contract", "execute", "test.agreed.Nothing", "--as", "lender", "--new-scope", "test.agreed"],
      ...["--participant", "OWNER=lender", "--participant", "SERVICER=nobody", "--share", "bank,noone,nobody"],
    ]);
    assert.equal(code, "key.unavailable");
    assert.equal(message, 'no parties "nobody", "noone" are known here');
    assert.deepEqual(facts["missing"], ["nobody", "noone"]);
  });

  it("cancel one that the other has signed, as long as the signature was not taken in", async () => {
    const { execution, scope } = await ask();
    await inbox("bank", execution);
    await p8e.json(["session", "approve", execution, "--as", "bank", "--yes"]);
    assert.match(
      await p8e.text(["session", "approve", execution, "--as", "bank", "--yes"]),
      /you have signed it already/,
    );
    await p8e.json(["session", "cancel", execution, "--as", "lender"]);
    await becomes("bank", execution, "cancelled");
    await p8e.refused(10, ["scope", "show", scope]);
  });

  it("sign only when so many people have said yes as the profile wants", async () => {
    const { profile } = await environmentProfile(p8e.data, "bank");
    const people = ["validator", "servicer"].map((of, at) => {
      const { mnemonic } = developmentParties.find(({ name }) => name === of)!;
      const name = ["ada", "ben"][at]!;
      writeFileSync(join(p8e.data, "keys", name), mnemonic, { mode: 0o600 });
      using key = privateKeyFromMnemonic(mnemonic, DEVELOPMENT_SIGNING_PATH);
      return { name, signingKey: key.publicKey().base64, key: `mnemonic-file:keys/${name}` };
    });
    const file = join(p8e.data, "four-eyes.json");
    writeFileSync(file, profileText({ ...profile, approvers: { needed: 2, people } }));
    const by = { profile: file };
    const { execution, scope } = await ask();
    await eventually(
      "the request is in the inbox",
      () => p8e.json<{ waiting: readonly Session[] }>(["inbox"], by),
      ({ waiting }) => waiting.some((each) => each.execution === execution),
    );
    const approve = ["session", "approve", execution, "--yes"];
    const nobody = await p8e.refused(13, approve, {}, by);
    assert.equal(nobody.code, "session.approvers_missing");
    assert.equal(nobody.hint, "Say whose yes it is: --approver ada, or --approver ben.");
    assert.equal((await p8e.refused(10, [...approve, "--approver", "cleo"], {}, by)).code, "key.unavailable");
    for (const _again of [1, 2]) {
      const first = await p8e.json<{ state: string; missing: readonly string[] }>(
        [...approve, "--approver", "ada"],
        by,
      );
      assert.deepEqual([first.state, first.missing], ["inspected", ["ben"]]);
    }
    const { code, stdout, stderr } = await p8e.call([...approve, "--approver", "ben"], by);
    assert.equal(code, 0, stderr);
    assert.match(stdout.toString(), /ben has said yes: 2 of 2/);
    await becomes("lender", execution, "committed");
    await p8e.json(["verify", scope, "--as", "bank"]);
  });

  it("show what a party of the JVM's SDK asks for, and reject it", async () => {
    const execution = randomUUID();
    {
      await using lender = openParty(await environmentProfile(p8e.data, "lender"), { variables: {} });
      const bank = lender.profile.partners.find(({ name }) => name === "bank")!;
      const recitals = [lender.self, bank].map(({ signingKey, encryptionKey }, at) => ({
        signerRole: [scope.PartyType.OWNER, scope.PartyType.SERVICER][at]!,
        signer: {
          signingPublicKey: { publicKeyBytes: publicKeyFromBase64(signingKey).uncompressed },
          encryptionPublicKey: { publicKeyBytes: publicKeyFromBase64(encryptionKey).uncompressed },
        },
      }));
      const asks = create(scope.EnvelopeSchema, {
        executionUuid: { value: execution },
        ref: { scopeUuid: { value: randomUUID() }, sessionUuid: { value: randomUUID() } },
        newScope: true,
        newSession: true,
        contract: {
          invoker: recitals[0]!.signer,
          recitals,
          definition: { resourceLocation: { classname: "com.example.NoteContract" } },
        },
      });
      const { signing, encryption } = await lender.keys();
      await (await lender.store()).put(toBinary(scope.EnvelopeSchema, asks), {
        ...{ owner: encryption.publicKey, signer: signing, audience: [publicKeyFromBase64(bank.encryptionKey)] },
        mailType: "FRAGMENT_REQUEST",
      });
    }
    const { jvm } = await eventually(
      "it is in the inbox",
      () => p8e.json<{ jvm: readonly (Session & { by: string })[] }>(["inbox", "--as", "bank"]),
      (found) => found.jvm.length === 1,
    );
    assert.deepEqual([jvm[0]?.execution, jvm[0]?.by, jvm[0]?.state], [execution, "jvm", "received"]);
    const shown = await p8e.text(["session", "show", execution, "--as", "bank"]);
    assert.match(shown, /com\.example\.NoteContract, whose code does not run here/);
    const refused = await p8e.refused(22, ["session", "approve", execution, "--as", "bank", "--yes"]);
    assert.equal(refused.code, "session.not_supported");
    await p8e.json(["session", "reject", execution, "--as", "bank", "--reason", "we run no archives"]);
    const after_ = await p8e.json<Session>(["session", "show", execution, "--as", "bank"]);
    assert.deepEqual([after_.state, after_.reason], ["rejected", "we run no archives"]);
  });

  it("say who may do what, of a session that is known", async () => {
    const { execution } = await ask();
    await inbox("bank", execution);
    for (const [command, as] of [
      ["approve", "lender"],
      ["cancel", "bank"],
    ] as const) {
      const error = await p8e.refused(2, [
        "session",
        command,
        execution,
        "--as",
        as,
        ...(command === "approve" ? ["--yes"] : []),
      ]);
      assert.equal(error.code, "session.invalid");
    }
    assert.match(await p8e.text(["inbox", "--as", "lender"]), /of yours waits? for others/);
    await p8e.json(["session", "cancel", execution, "--as", "lender"]);
  });

  it("say what a deadline must be before anything is run", async () => {
    for (const [deadline, code] of [
      ["soon", "input.invalid"],
      ["90d", "session.invalid"],
    ] as const) {
      const error = await p8e.refused(2, [
        ...["contract", "execute", "test.agreed.Greet", "--as", "lender", "--new-scope", "test.agreed"],
        ...["--input", "person=ada.json", "--participant", "OWNER=lender", "--participant", "SERVICER=bank"],
        ...["--deadline", deadline],
      ]);
      assert.equal(error.code, code);
    }
  });
});
