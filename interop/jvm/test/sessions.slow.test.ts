// Sessions by the published SDK, sent by the chain's published client, on both kinds of ledger: ours reads what they
// wrote, and they what ours wrote.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, before, describe, test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { buildContract } from "@p8e/contract";
import { isP8eError, randomUuid, type ScopeAddress } from "@p8e/core";
import { systemRandom } from "@p8e/crypto";
import { type Environment, environmentProfile, type LedgerKind, startEnvironment } from "@p8e/environment";
import { affiliateOfParty, type OpenParty, openParty } from "@p8e/party";
import { type Affiliate, type P8eClient, type SessionScope, takeIn, type Verification } from "@p8e/sdk";
import { eventually, optionalProvenanced } from "@p8e/testkit";
import agreedNote, { agreedNotes } from "../contract/agreed-note.ts";
import ourNote, { notes } from "../contract/note.ts";
import { findJvmPeer, findJvmSender, JvmDriver, JvmSender } from "../driver.ts";
import type { Party } from "../ours.ts";
import { SdkParty, scopeOf } from "../sdk-party.ts";

const command = join(import.meta.dirname, "../../../apps/cli/src/main.ts");
const peer = await findJvmPeer();
const chainClient = peer.missing === undefined ? await findJvmSender() : peer;

/** The lender works with the JVM, the bank with ours. */
class Meeting implements AsyncDisposable {
  readonly lender: SdkParty;
  readonly bank: OpenParty;
  /** With ours, too. */
  readonly validator: OpenParty;
  readonly bankKey: Party;
  readonly dataDir: string;
  readonly #stack: AsyncDisposableStack;

  private constructor(
    parts: Pick<Meeting, "lender" | "bank" | "validator" | "bankKey" | "dataDir">,
    stack: AsyncDisposableStack,
  ) {
    [this.lender, this.bank, this.validator] = [parts.lender, parts.bank, parts.validator];
    [this.bankKey, this.dataDir] = [parts.bankKey, parts.dataDir];
    this.#stack = stack;
  }

  static async open(ledger: LedgerKind, classpaths: { driver: string; sender: string }, node?: string) {
    await using stack = new AsyncDisposableStack();
    const dataDir = await mkdtemp(join(tmpdir(), "p8e-interop-"));
    stack.defer(() => rm(dataDir, { recursive: true, force: true }));
    const variables = node === undefined ? process.env : { ...process.env, P8E_PROVENANCED: node };
    const parties = ["lender", "bank", "validator"];
    const environment: Environment = stack.use(await startEnvironment({ dataDir, parties, ledger, variables }));
    const jvm = stack.use(new JvmDriver(classpaths.driver));
    const sender = stack.use(new JvmSender(classpaths.sender));
    const bank = stack.use(openParty(await environmentProfile(dataDir, "bank"), { variables: {} }));
    const validator = stack.use(openParty(await environmentProfile(dataDir, "validator"), { variables: {} }));
    const chain = await bank.chain();
    const nodeUrl = environment.file.ledgerUrl;
    const of = (name: string) => environment.file.parties.find((each) => each.name === name)!;
    const lender = new SdkParty("lender", { jvm, sender, storeUrl: of("lender").storeUrl, nodeUrl, chain });
    const bankKey = new SdkParty("bank", { jvm, sender, storeUrl: of("bank").storeUrl, nodeUrl, chain }).encryption;
    return new Meeting({ lender, bank, validator, bankKey, dataDir }, stack.move());
  }

  /** Ours reads as soon as the bank's store has what it was sent. */
  async notes(scope: ScopeAddress): Promise<string> {
    const { reader } = await this.bank.client();
    const { note } = await arrived(() => reader.hydrate(scope, { note: StringValueSchema }));
    return note.value;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

const arrived = <T>(ask: () => Promise<T>): Promise<T> =>
  eventually("arrival at the other store", ask, undefined, {
    isLater: (error) => isP8eError(error) && error.code === "object.not_found",
  });

/** Mail and what is due. */
async function taken(client: P8eClient): Promise<void> {
  for await (const news of takeIn(client, {})) void news;
}

function runCommand(args: readonly string[]): Promise<{ code: number; stdout: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [command, ...args], (error, stdout) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout });
    });
  });
}

function sessions(ledger: LedgerKind, node?: string): void {
  describe(`sessions on the ${ledger} ledger`, { skip: chainClient.missing ?? false }, () => {
    if (peer.missing !== undefined || chainClient.missing !== undefined) return;
    const classpaths = { driver: peer.classpath, sender: chainClient.classpath };
    const scopeUuid = randomUuid(systemRandom);
    const scope = scopeOf(scopeUuid);
    let meeting: Meeting;
    let publication: Awaited<ReturnType<SdkParty["publish"]>>;
    before(async () => {
      meeting = await Meeting.open(ledger, classpaths, node);
      publication = await meeting.lender.publish([meeting.bankKey.publicKeyHex]);
    });
    after(() => meeting?.[Symbol.asyncDispose]());

    test("by the published SDK: its messages are written, and ours reads the record", async () => {
      const messages = await meeting.lender.note(publication, "first", { scopeUuid }, [meeting.bankKey]);
      assert.deepEqual(
        messages.map(({ typeUrl }) => typeUrl.split(".").at(-1)),
        ["MsgWriteScopeRequest", "MsgWriteSessionRequest", "MsgWriteRecordRequest"],
      );
      assert.equal(await meeting.notes(scope), "noted: first");
    });

    test("the SDK reads its own record, from an answer that has the request in it", async () => {
      const [without, whole] = [await meeting.lender.scope(scope, false), await meeting.lender.scope(scope, true)];
      await assert.rejects(meeting.lender.hydrate(without), { message: "Provided scope must include records" });
      assert.equal(await meeting.lender.hydrate(whole), "noted: first");
    });

    test("a second one on the same scope takes the record's place", async () => {
      const on = { scope: await meeting.lender.scope(scope, true) };
      await meeting.lender.note(publication, "second", on, [meeting.bankKey]);
      assert.equal(await meeting.notes(scope), "noted: second");
      assert.equal(await meeting.lender.hydrate(await meeting.lender.scope(scope, true)), "noted: second");
    });

    test("p8e verify says what holds, and that neither the archive nor evidence can be checked: exit code 22", async () => {
      const args = ["verify", scope, "--as", "bank", "--data", meeting.dataDir, "--json"];
      const { code, stdout } = await runCommand(args);
      const { outcome, findings } = JSON.parse(stdout) as Verification;
      assert.deepEqual([code, outcome], [22, "unchecked"]);
      assert.deepEqual(
        findings.map(({ what, outcome: each }) => [what, each]),
        [
          ["contract p8e.interop.NoteContract", "unchecked"],
          ['record "note"', "holds"],
          ['input "text" of record "note"', "holds"],
          ["evidence of session p8e.interop.NoteContract", "unchecked"],
        ],
      );
    });

    test("by ours: the SDK reads the record out of its own store", async () => {
      const { publisher, sessions: run } = await meeting.bank.client();
      const sandbox = await meeting.bank.sandbox();
      const entry = join(import.meta.dirname, "..", "contract", "note.ts");
      const built = await buildContract({ entry, describe: (bundle) => sandbox.describe(bundle) });
      const { accountPrefix } = meeting.bank.profile.network;
      const [self, lender] = [meeting.bank.self, meeting.bank.profile.partners[0]!].map((each) =>
        affiliateOfParty(each, accountPrefix),
      );
      const plan = await publisher.plan({ built, scopes: [notes], audience: [lender!.encryptionKey] });
      await publisher.publish(plan);
      const fresh: SessionScope = { kind: "new", specification: plan.scopes[0]! };
      const { scope: written } = await run.run({
        ...{ contract: await run.find(ourNote, fresh), scope: fresh, dataAccess: [lender!] },
        participants: new Map([["OWNER", self!]]),
        proposals: { text: create(StringValueSchema, { value: "third" }) },
      });
      const told = await meeting.lender.scope(written, true);
      assert.equal(
        await eventually("arrival at the lender's store", () => meeting.lender.hydrate(told), undefined, {
          isLater: () => true,
        }),
        "noted by ours: third",
      );
    });

    test("by two of ours that agree: the SDK reads the record out of its own store", async () => {
      const { bank, validator } = meeting;
      const [{ publisher, sessions: run, agreements }, other] = [await bank.client(), await validator.client()];
      const sandbox = await bank.sandbox();
      const entry = join(import.meta.dirname, "..", "contract", "agreed-note.ts");
      const built = await buildContract({ entry, describe: (bundle) => sandbox.describe(bundle) });
      const { accountPrefix } = bank.profile.network;
      const known = new Map<string, Affiliate>(
        [bank.self, ...bank.profile.partners].map((each) => [each.name, affiliateOfParty(each, accountPrefix)]),
      );
      const [owner, servicer, lender] = [known.get("bank")!, known.get("validator")!, known.get("lender")!];
      const audience = [lender.encryptionKey, servicer.encryptionKey];
      const plan = await publisher.plan({ built, scopes: [agreedNotes], audience });
      await publisher.publish(plan);
      const fresh: SessionScope = { kind: "new", specification: plan.scopes[0]! };
      const prepared = await run.prepare({
        ...{ contract: await run.find(agreedNote, fresh), scope: fresh, dataAccess: [lender] },
        participants: new Map([
          ["OWNER", owner],
          ["SERVICER", servicer],
        ] as const),
        proposals: { text: create(StringValueSchema, { value: "fifth" }) },
      });
      const asked = await agreements.request(await run.price(await run.execute(prepared)));
      await eventually(
        "the request can be approved",
        async () => {
          await taken(other);
          await other.agreements.approve(asked.executionUuid);
        },
        undefined,
        { isLater: (error) => isP8eError(error) && /not_found/.test(error.code) },
      );
      const state = await bank.state();
      const committed = async () => {
        await taken(await bank.client());
        return (await state.get(asked.executionUuid))?.state;
      };
      await eventually("both have signed", committed, (found) => found === "committed");
      const told = await meeting.lender.scope(asked.scope, true);
      assert.equal(
        await eventually("arrival at the lender's store", () => meeting.lender.hydrate(told), undefined, {
          isLater: () => true,
        }),
        "agreed by ours: fifth",
      );
    });

    test("the chain's client offers the exact price when it asks for fees by message, and by simulation another", async () => {
      const on = { scopeUuid: randomUuid(systemRandom) };
      const messages = await meeting.lender.note(publication, "fourth", on, [meeting.bankKey]);
      const price = await meeting.lender.price(messages);
      assert.equal(await meeting.lender.offer(messages, "MSG_FEE_CALCULATION"), price);
      assert.ok((await meeting.lender.offer(messages, "COSMOS_SIMULATION")) > price);
    });
  });
}

sessions("embedded");
await optionalProvenanced("sessions by the published SDK on a real node", ({ program }) => {
  sessions("provenanced", program);
});
