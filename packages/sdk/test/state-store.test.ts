import assert from "node:assert/strict";
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { DatabaseSync } from "node:sqlite";
import { after, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { sourcePlaces } from "@p8e/contract";
import { hashContent, networks, parseUuid, scopeSpecificationAddress } from "@p8e/core";
import { accountAddress, generatePrivateKey, localKey, parsePrivateKey, systemRandom } from "@p8e/crypto";
import fc from "fast-check";
import { type ExecutionState, executionStates, isFinal, mayFollow } from "../src/state/execution.ts";
import { migrations } from "../src/state/migrations/migrations.ts";
import { migrate, versionOf } from "../src/state/sqlite/migrate.ts";
import { openSqliteStateStore } from "../src/state/sqlite/sqlite-state-store.ts";
import type { StateChange, StateStore } from "../src/state/state-store.ts";

const folder = mkdtempSync(join(tmpdir(), "p8e-state-"));
after(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const path = () => join(folder, `${++files}.sqlite`);
const uuid = (n: number) => parseUuid(`00000000-0000-4000-8000-${String(n).padStart(12, "0")}`);
const execution = (n: number) => ({
  uuid: uuid(n),
  scopeUuid: uuid(1000 + n),
  sessionUuid: uuid(2000 + n),
  contract: "example.loan.RecordLoan",
  envelope: Uint8Array.of(1, 2, 3),
  price: [
    { denomination: "nhash", amount: 10n ** 12n },
    { denomination: "musd", amount: 5n },
  ],
});
const someAddress = () =>
  accountAddress(localKey(generatePrivateKey(systemRandom)).publicKey, networks.local.accountPrefix);
const origin = {
  party: someAddress(),
  network: networks.local.chainId,
};
const clock = () => {
  let now = 1;
  return { origin, random: systemRandom, nowMs: () => now++ };
};

describe("the state of executions", () => {
  it("survives closing and opening, transaction and all", async () => {
    const file = path();
    {
      await using store = openSqliteStateStore(file, clock());
      await store.create(execution(1));
      await store.advance(uuid(1), "created", { to: "signed", envelope: Uint8Array.of(9) });
      await store.advance(uuid(1), "signed", {
        to: "broadcasting",
        transaction: { hash: "AB", bytes: Uint8Array.of(7), timeoutHeight: 2n ** 60n, sessions: 1 },
      });
    }
    await using store = openSqliteStateStore(file, clock());
    assert.deepEqual(await store.get(uuid(1)), {
      ...execution(1),
      ...origin,
      state: "broadcasting",
      envelope: Uint8Array.of(9),
      transaction: { hash: "AB", bytes: Uint8Array.of(7), timeoutHeight: 2n ** 60n, sessions: 1 },
      createdAtMs: 1,
      updatedAtMs: 4,
    });
    assert.deepEqual(
      (await store.list(["broadcasting"])).map((each) => each.uuid),
      [uuid(1)],
    );
    assert.deepEqual(await store.list(["signed", "created"]), []);
  });

  it("keeps a transaction of several sessions once, as long as one of them has it, and moves them together or not at all", async () => {
    const file = path();
    await using store = openSqliteStateStore(file, clock());
    assert.deepEqual(await store.createAll([execution(1), execution(2), execution(3)]), []);
    const moves = (numbers: readonly number[], from: ExecutionState, change: StateChange) =>
      store.advanceAll(numbers.map((n) => ({ uuid: uuid(n), from, change })));
    await moves([1, 2], "created", { to: "signed" });
    await assert.rejects(moves([1, 2, 3], "signed", { to: "failed" }), { code: "state.conflict" });
    const kept = () => {
      const database = new DatabaseSync(file, { readOnly: true });
      const found = database.prepare("SELECT hash FROM outbox ORDER BY hash").all();
      database.close();
      return found.map(({ hash }) => hash);
    };
    const shared = { hash: "AB", bytes: Uint8Array.of(7), timeoutHeight: 9n, sessions: 2 };
    await moves([1, 2], "signed", { to: "broadcasting", transaction: shared });
    assert.deepEqual(
      [(await store.get(uuid(1)))?.transaction, (await store.get(uuid(2)))?.transaction],
      [shared, shared],
    );
    const alone = { ...shared, hash: "CD", sessions: 1 };
    await moves([1], "broadcasting", { to: "broadcasting", transaction: alone });
    assert.deepEqual([(await store.get(uuid(1)))?.transaction, kept()], [alone, ["AB", "CD"]]);
    await moves([2], "broadcasting", { to: "broadcasting", transaction: alone });
    assert.deepEqual(kept(), ["CD"]);
    await assert.rejects(store.createAll([execution(8), execution(1)]), { code: "state.conflict" });
    assert.equal(await store.get(uuid(8)), undefined, "none is there");
  });

  it("gives a row of a tape to one execution, and to another only when that one ended with nothing on the ledger", async () => {
    const file = path();
    await using first = openSqliteStateStore(file, clock());
    await using second = openSqliteStateStore(file, clock());
    const of = { specification: scopeSpecificationAddress(uuid(77)), contract: "example.loan.RecordLoan" };
    const row = (name: string, value: string) => ({
      ...of,
      name,
      content: hashContent(new TextEncoder().encode(value)),
    });
    const taking = (n: number, name: string) => ({ ...execution(n), row: row(name, String(n)) });
    assert.equal(await first.takenRow(row("1", "")), undefined);
    assert.deepEqual(await first.createAll([taking(1, "1"), taking(2, "2")]), []);
    assert.deepEqual(await second.createAll([taking(3, "1"), taking(4, "4")]), [uuid(3)]);
    assert.equal(await first.get(uuid(3)), undefined);
    const taken = await second.takenRow(row("1", ""));
    assert.deepEqual([taken?.execution.uuid, taken?.content], [uuid(1), row("1", "1").content]);
    await first.advance(uuid(1), "created", { to: "failed", reason: "x" });
    assert.deepEqual(await second.createAll([taking(5, "1")]), []);
    await second.advance(uuid(5), "created", { to: "signed" });
    const transaction = { hash: "AB", bytes: Uint8Array.of(7), timeoutHeight: 9n, sessions: 1 };
    await second.advance(uuid(5), "signed", { to: "broadcasting", transaction });
    await second.advance(uuid(5), "broadcasting", { to: "committed" });
    assert.deepEqual(await first.createAll([taking(6, "1")]), [uuid(6)]);
    assert.equal((await first.takenRow(row("1", "")))?.execution.uuid, uuid(5));
    const other = { ...taking(7, "1"), row: { ...row("1", "7"), contract: "example.loan.UpdateENote" } };
    assert.deepEqual(await first.createAll([other]), [], "for another contract it is another row");
  });

  it("remembers who pays", async () => {
    await using store = openSqliteStateStore(path(), clock());
    const feeGranter = someAddress();
    await store.create({ ...execution(1), feeGranter });
    assert.equal((await store.get(uuid(1)))?.feeGranter, feeGranter);
  });

  it("lets only one of two processes take a step", async () => {
    const file = path();
    await using first = openSqliteStateStore(file, clock());
    await using second = openSqliteStateStore(file, clock());
    await first.create(execution(2));
    await first.advance(uuid(2), "created", { to: "signed" });
    await assert.rejects(second.advance(uuid(2), "created", { to: "failed" }), {
      code: "state.conflict",
      facts: { execution: uuid(2), expected: "created", found: "signed" },
    });
    await assert.rejects(second.create(execution(2)), { code: "state.conflict" });
  });

  it("never leaves an end, and never skips the outbox", () => {
    for (const state of executionStates) {
      if (isFinal(state)) for (const to of executionStates) assert.equal(mayFollow(state, to), false);
    }
    for (const from of executionStates) if (from !== "broadcasting") assert.equal(mayFollow(from, "committed"), false);
  });

  it("follows its transitions whatever is asked of it", async () => {
    await using store = openSqliteStateStore(path(), clock());
    let count = 100;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...executionStates), { maxLength: 8 }), async (wishes) => {
        const id = uuid(count++);
        await store.create({ ...execution(0), uuid: id });
        let state: ExecutionState = "created";
        for (const to of wishes) {
          if (mayFollow(state, to)) {
            await store.advance(id, state, { to });
            state = to;
          } else {
            await assert.rejects(store.advance(id, state, { to }), { code: "session.invalid" });
          }
          assert.equal((await store.get(id))?.state, state);
        }
      }),
      { numRuns: 30 },
    );
  });

  it("is readable by its owner only", { skip: process.platform === "win32" && "no modes on Windows" }, async () => {
    const file = path();
    await using store = openSqliteStateStore(file, clock());
    await store.create(execution(7));
    const names = readdirSync(folder).filter((name) => join(folder, name).startsWith(file));
    assert.ok(names.length > 1);
    for (const name of names) assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600, name);
  });

  it("cannot be kept where there is no folder", () => {
    assert.throws(() => openSqliteStateStore(join(folder, "absent", "x"), clock()), { code: "configuration.invalid" });
  });

  it("is not read from a file that is something else", () => {
    const file = path();
    writeFileSync(file, "this is not a database, whatever its name says, and it is long enough to have a header.....");
    assert.throws(() => openSqliteStateStore(file, clock()), { code: "state.corrupt" });
  });

  it("gives an execution one owner, and another only when that one let go or is gone", async () => {
    const file = path();
    await using first = openSqliteStateStore(file, clock());
    await using second = openSqliteStateStore(file, clock());
    await first.create(execution(3));
    assert.deepEqual(await second.abandoned(), []);
    assert.equal(await second.claim(uuid(3)), undefined);
    await assert.rejects(second.advance(uuid(3), "created", { to: "signed" }), { code: "state.conflict" });
    await second.release(uuid(3));
    assert.equal(await second.claim(uuid(3)), undefined);

    await first.release(uuid(3));
    assert.deepEqual(
      (await second.abandoned()).map((each) => each.uuid),
      [uuid(3)],
    );
    assert.equal((await second.claim(uuid(3)))?.uuid, uuid(3));
    assert.equal(await first.claim(uuid(3)), undefined);
    await second.advance(uuid(3), "created", { to: "signed" });

    await second[Symbol.asyncDispose]();
    assert.equal((await first.claim(uuid(3)))?.state, "signed");
    await first.advance(uuid(3), "signed", { to: "failed", reason: "x" });
    assert.deepEqual(await first.abandoned(), []);
    assert.equal(await first.claim(uuid(3)), undefined);
  });

  it("keeps its owner when something is remembered of it that does not move it", async () => {
    const file = path();
    await using own = openSqliteStateStore(file, clock());
    await using other = openSqliteStateStore(file, clock());
    const { publicKey } = localKey(generatePrivateKey(systemRandom));
    const mail = { content: Uint8Array.of(1), signature: Uint8Array.of(2), signer: publicKey };
    const keys = { signingKey: publicKey, encryptionKey: publicKey };
    const signers = [{ address: origin.party, ...keys, stand: "signed", mail }] as const;
    await own.create(execution(1));
    await own.agreements.commit({ begin: { uuid: uuid(1), deadlineMs: 100, request: mail, signers } });
    const { revision } = (await own.agreements.agreement(uuid(1)))!;
    const signed = { uuid: uuid(1), revision, from: "requested", to: "signed", signers, cause: "signed" } as const;
    await own.agreements.commit({ agreement: signed });
    assert.ok(await own.claim(uuid(1)));
    const transaction = { hash: "AB", bytes: Uint8Array.of(7), timeoutHeight: 9n, sessions: 1 };
    await own.advance(uuid(1), "signed", { to: "broadcasting", transaction });
    for (const store of [own, other]) {
      const seen = (await store.agreements.agreement(uuid(1)))!;
      const crossed = { from: "broadcasting", to: "broadcasting", signers, cause: "refused on its way" } as const;
      await store.agreements.commit({ agreement: { uuid: uuid(1), revision: seen.revision, ...crossed } });
      assert.deepEqual(await other.abandoned(), []);
    }
    assert.equal((await own.advance(uuid(1), "broadcasting", { to: "committed" })).state, "committed");
    assert.deepEqual(
      (await own.agreements.transitions(uuid(1))).slice(-3).map(({ to, cause }) => [to, cause]),
      [
        ["broadcasting", "refused on its way"],
        ["broadcasting", "refused on its way"],
        ["committed", "committed"],
      ],
    );
  });

  it("leaves no files of owners that are gone", async () => {
    const file = path();
    const owners = () => readdirSync(folder).filter((name) => join(folder, name).startsWith(`${file}-owner-`));
    await using store = openSqliteStateStore(file, clock());
    await store.list(["created"]);
    assert.deepEqual(owners(), [], "who only looks owns nothing");
    await store.create(execution(4));
    assert.equal(owners().length, 1);
    await store[Symbol.asyncDispose]();
    assert.deepEqual(owners(), []);
  });

  it("clears away what was left by one that died while it became an owner", async () => {
    const file = path();
    await using store = openSqliteStateStore(file, clock());
    writeFileSync(`${file}-owner-${uuid(1)}`, "");
    assert.deepEqual(await store.abandoned(), []);
    assert.equal(existsSync(`${file}-owner-${uuid(1)}`), false);
  });
});

describe("a state file", () => {
  /** Of each format, made by the p8e that wrote it. */
  const fixture = (version: number) => fileURLToPath(new URL(`fixtures/state-v${version}.sqlite`, import.meta.url));
  const fixtureParty = localKey(parsePrivateKey(new Uint8Array(32).fill(1)));
  const fixtureOrigin = {
    party: accountAddress(fixtureParty.publicKey, networks.local.accountPrefix),
    network: "chain-local",
  };
  const schemaOf = (file: string) => {
    const database = new DatabaseSync(file, { readOnly: true });
    const found = database.prepare("SELECT name, sql FROM sqlite_schema ORDER BY name").all();
    database.close();
    return found.map(({ name, sql }) => ({ name, sql }));
  };

  for (const { version } of migrations) {
    it(`of format ${version} is read by today's p8e, and becomes what a new one is`, async () => {
      const file = path();
      copyFileSync(fixture(version), file);
      await using store = openSqliteStateStore(file, { ...clock(), origin: fixtureOrigin });
      const all = await store.list(executionStates);
      assert.deepEqual(
        all.map(({ uuid: id, state }) => [id, state]),
        [
          [uuid(1), "created"],
          [uuid(2), "signed"],
          [uuid(3), "broadcasting"],
          [uuid(4), "committed"],
          [uuid(5), "failed"],
        ],
      );
      const { updatedAtMs, price, ...third } = all[2]!;
      assert.deepEqual(third, {
        ...fixtureOrigin,
        ...{ uuid: uuid(3), scopeUuid: uuid(103), sessionUuid: uuid(203), state: "broadcasting" },
        ...{ contract: "example.loan.RecordLoan", envelope: Uint8Array.of(3, 3, 3) },
        transaction: { hash: "3".repeat(64), bytes: Uint8Array.of(3, 3), timeoutHeight: 2n ** 60n + 3n, sessions: 1 },
        createdAtMs: 1_764_000_000_002 + (version === 1 ? 0 : 1),
      });
      assert.ok(updatedAtMs > third.createdAtMs);
      // Format 1 did not remember it.
      assert.deepEqual(price, version === 1 ? undefined : [{ denomination: "nhash", amount: 66_000_000_000n }]);
      assert.equal(all[4]?.reason, "store.unavailable");
      assert.deepEqual(
        (await store.abandoned()).map((each) => each.uuid),
        [uuid(1), uuid(2), uuid(3)],
      );
      if (version >= 3) await requireAgreements(store);
      assert.equal((await store.quarantine.list()).length, version >= 4 ? 1 : 0);
      const map = await store.sourceMaps.find(hashContent(Uint8Array.of(6)));
      assert.equal(
        map === undefined ? undefined : sourcePlaces(map).placeOf(2, 1)?.file,
        version >= 6 ? "contract.ts" : undefined,
      );
      const [watch] = await store.leaveWatches.list();
      const somebody = { grantee: "tp1somebody", height: 7n, explained: 0 };
      // What older formats say is left of leave may be out of date.
      const older = { ...somebody, changedHeight: 0n, uses: undefined, changes: 1 };
      const newer = { ...somebody, changedHeight: 8n, uses: 2, changes: 2 };
      assert.deepEqual(watch, version >= 7 ? (version >= 10 ? newer : older) : undefined);
      const [misuse] = await store.leaveWatches.unapproved();
      const session = { scopeUuid: uuid(107), sessionUuid: uuid(207), onLedger: true };
      const known = { session, writtenBy: "tp1somebody", height: 7n, atMs: 1_764_000_000_000 };
      assert.deepEqual(misuse, version >= 7 ? known : undefined);
      const consents = (await store.agreements.consents(uuid(6))).map(({ signature, atMs }) => [...signature, atMs]);
      assert.deepEqual(consents, version >= 8 ? [[8, 8, 1_764_000_000_000]] : []);
      const asked = (await store.agreements.jvmRequests(true)).map(({ uuid: of, state, reason }) => [
        of,
        state,
        reason,
      ]);
      assert.deepEqual(asked, version >= 9 ? [[uuid(9), "rejected", "no"]] : []);
      const fresh = path();
      await openSqliteStateStore(fresh, clock())[Symbol.asyncDispose]();
      assert.deepEqual(schemaOf(file), schemaOf(fresh));
    });
  }

  /** What the file of format 3 holds beside executions. */
  async function requireAgreements({ agreements }: StateStore): Promise<void> {
    const key = (n: number) => localKey(parsePrivateKey(new Uint8Array(32).fill(n))).publicKey;
    const agreement = (await agreements.agreement(uuid(2)))!;
    assert.deepEqual(
      [agreement.state, agreement.deadlineMs, agreement.sendings, agreement.told, agreement.revision],
      ["signed", 1_765_086_400_000, 1, false, 3],
    );
    const { content, signer } = agreement.request;
    assert.deepEqual([content, signer.equals(key(1))], [Uint8Array.of(2), true]);
    assert.deepEqual(
      agreement.signers.map(({ address, signingKey, encryptionKey, stand, mail }) => ({
        ...{ address, stand, content: mail?.content },
        keys: [signingKey.equals(key(3)), encryptionKey.equals(key(4))],
      })),
      [
        {
          address: accountAddress(key(3), networks.local.accountPrefix),
          ...{ stand: "signed", content: Uint8Array.of(2, 2), keys: [true, true] },
        },
      ],
    );
    const approval = (await agreements.approval(uuid(6)))!;
    assert.deepEqual(
      [approval.state, approval.granted, approval.answer, approval.contract, approval.deadlineMs, approval.revision],
      ["approving", true, Uint8Array.of(6), "example.loan.RecordLoan", 1_765_086_400_000, 3],
    );
    assert.deepEqual(
      (await agreements.outgoing()).map(({ execution: of, type, content, readers }) => [
        of,
        type,
        content,
        readers.length,
      ]),
      [[uuid(6), "FRAGMENT_RESPONSE", Uint8Array.of(6, 6), 2]],
    );
    assert.equal(await agreements.wasReceived(uuid(901)), true);
    assert.deepEqual(
      (await agreements.transitions(uuid(6))).map(({ from, to, cause }) => [from, to, cause]),
      [
        [undefined, "received", "asked"],
        ["received", "inspected", "executed here, with the same results"],
        ["inspected", "approving", "approved"],
      ],
    );
  }

  it("remembers mail that was set aside, of each reason the newest", async () => {
    await using store = openSqliteStateStore(path(), clock());
    const row = (n: number, reason: "stranger" | "unusable") =>
      ({ uuid: uuid(n), atMs: n, reason, code: "envelope.malformed", message: "m", bytes: n }) as const;
    await store.quarantine.add(row(1, "unusable"));
    for (let n = 2; n <= 502; n++) await store.quarantine.add(row(n, "stranger"));
    await store.quarantine.add({ ...row(1, "unusable"), message: "again" });
    const all = await store.quarantine.list(1000);
    assert.deepEqual([all.length, all[0], all.at(-1)], [501, row(502, "stranger"), row(1, "unusable")]);
    assert.deepEqual([await store.quarantine.has(uuid(2)), await store.quarantine.has(uuid(3))], [false, true]);
  });

  it("remembers how far leave was looked after, unless it was given anew meanwhile", async () => {
    await using store = openSqliteStateStore(path(), clock());
    const grantee = origin.party;
    const { leaveWatches } = store;
    await leaveWatches.begin(grantee, 5n);
    const [begun] = await leaveWatches.list();
    const first = { grantee, height: 5n, changedHeight: 5n, uses: undefined, explained: 0, changes: 1 };
    assert.deepEqual(begun, first);
    await leaveWatches.reach({ ...begun!, height: 9n, uses: 2, explained: 1 });
    await leaveWatches.begin(grantee, 11n);
    const found = { session: undefined, writtenBy: grantee, height: 12n, atMs: 1 };
    await leaveWatches.reach({ ...begun!, height: 12n, uses: 2 }, [found]);
    await leaveWatches.end(begun!);
    assert.deepEqual(await leaveWatches.list(), [{ ...first, height: 9n, changes: 2 }]);
    assert.deepEqual(await leaveWatches.unapproved(), [], "it is found again");
    await leaveWatches.given({ grantee, height: 13n, uses: 4, changes: 2 });
    assert.deepEqual(await leaveWatches.list(), [{ ...first, height: 9n, changedHeight: 13n, uses: 4, changes: 3 }]);
    const mine = await leaveWatches.begin(grantee, 14n);
    const other = await leaveWatches.begin(grantee, 14n);
    await leaveWatches.given({ grantee, height: 16n, uses: 5, changes: other });
    await leaveWatches.given({ grantee, height: 15n, uses: 4, changes: mine });
    const both = { ...first, height: 9n, changedHeight: 16n, changes: 7 };
    assert.deepEqual(await leaveWatches.list(), [both], "which of two changes was the later one is not known");
    await leaveWatches.end(both);
    assert.deepEqual(await leaveWatches.list(), []);
  });

  it("remembers unapproved uses of each block and account, the newest of each account, and who was told", async () => {
    await using store = openSqliteStateStore(path(), clock());
    const { leaveWatches } = store;
    const [one, other] = [someAddress(), someAddress()];
    const session = { scopeUuid: uuid(1), sessionUuid: uuid(2), onLedger: true };
    const use = (writtenBy: typeof one, n: number) => ({ session, writtenBy, height: BigInt(n), atMs: n });
    for (const grantee of [one, other]) await leaveWatches.begin(grantee, 1n);
    const watchOf = async (grantee: typeof one) =>
      (await leaveWatches.list()).find((each) => each.grantee === grantee)!;
    await leaveWatches.reach(await watchOf(other), [use(other, 2), use(other, 3), use(other, 3)]);
    assert.deepEqual(await leaveWatches.untold(), [use(other, 2), use(other, 3)]);
    await leaveWatches.noteTold(use(other, 2));
    const seen = await watchOf(other);
    await leaveWatches.reach(seen, [], [uuid(8)]);
    await leaveWatches.reach({ ...seen, changes: 0 }, [], [uuid(9)]);
    const explained = [await leaveWatches.hasExplained(uuid(8)), await leaveWatches.hasExplained(uuid(9))];
    assert.deepEqual(explained, [true, false], "who comes too late has explained nothing");
    assert.deepEqual(await leaveWatches.untold(), [use(other, 3)]);
    const many = Array.from({ length: 150 }, (_, n) => ({ ...use(one, 10 + n), session: undefined }));
    await leaveWatches.reach(await watchOf(one), many);
    assert.deepEqual(await leaveWatches.newestUnapprovedOf(other), use(other, 3));
    assert.deepEqual(await leaveWatches.newestUnapprovedOf(one), many.at(-1));
    const all = await leaveWatches.unapproved(1000);
    assert.deepEqual(
      [one, other].map((by) => all.filter(({ writtenBy }) => writtenBy === by).length),
      [100, 2],
    );
  });

  it("knows sessions that it has said yes to, and no others", async () => {
    await using store = openSqliteStateStore(path(), clock());
    const { publicKey } = localKey(generatePrivateKey(systemRandom));
    const mail = { content: Uint8Array.of(1), signature: Uint8Array.of(2), signer: publicKey };
    const of = { invoker: origin.party, contract: "x", deadlineMs: 1, request: mail };
    const ask = (n: number) => ({ ...of, uuid: uuid(n), scopeUuid: uuid(100 + n), sessionUuid: uuid(200 + n) });
    for (const n of [1, 2]) await store.agreements.commit({ request: ask(n) });
    let revision = 1;
    for (const [from, to] of [
      ["received", "inspected"],
      ["inspected", "approving"],
      ["approving", "revoked"],
    ] as const) {
      await store.agreements.commit({ approval: { uuid: uuid(1), revision, from, to, cause: to } });
      revision += 1;
    }
    const approved = (scope: number, session: number) =>
      store.leaveWatches.approvalOf({ scopeUuid: uuid(scope), sessionUuid: uuid(session) });
    const known = await Promise.all([approved(101, 201), approved(102, 202), approved(103, 203), approved(102, 201)]);
    assert.deepEqual(known, [uuid(1), undefined, undefined, undefined]);
  });

  it("keeps the newest source maps, each bundle's once", async () => {
    let now = 0;
    await using store = openSqliteStateStore(path(), { ...clock(), nowMs: () => (now += 1) });
    const bundle = (n: number) => hashContent(Uint8Array.of(n));
    for (let n = 1; n <= 100; n++) await store.sourceMaps.keep(bundle(n), `map ${n}`);
    await store.sourceMaps.keep(bundle(1), "map 1 again");
    await store.sourceMaps.keep(bundle(101), "map 101");
    const found = await Promise.all([1, 2, 3, 101].map((n) => store.sourceMaps.find(bundle(n))));
    assert.deepEqual(found, ["map 1 again", undefined, "map 3", "map 101"]);
  });

  it("is in the old format, whole, when bringing it to the new one fails", () => {
    const file = path();
    copyFileSync(fixture(1), file);
    const database = new DatabaseSync(file);
    const fails = { version: migrations.length + 1, up: () => assert.fail("the step fails") };
    const before = database.prepare("SELECT sql FROM sqlite_schema").all();
    assert.throws(() => migrate(database, origin, [...migrations, fails]), /the step fails/);
    assert.deepEqual(database.prepare("SELECT sql FROM sqlite_schema").all(), before);
    assert.equal(versionOf(database), 1);
    database.close();
  });

  it("has its steps numbered without a gap", () => {
    assert.deepEqual(
      migrations.map((step) => step.version),
      migrations.map((_, index) => index + 1),
    );
  });

  it("of a newer format is named as newer and left alone, when it is opened and when it becomes so", async () => {
    const file = path();
    await using store = openSqliteStateStore(file, clock());
    await store.create(execution(1));
    const database = new DatabaseSync(file);
    database.exec("PRAGMA user_version = 12");
    const newer = { code: "state.newer", facts: { format: 12, newest: 11 } };
    await assert.rejects(store.get(uuid(1)), newer);
    await assert.rejects(store.create(execution(2)), newer);
    await assert.rejects(store.advance(uuid(1), "created", { to: "failed" }), newer);
    assert.throws(() => openSqliteStateStore(file, clock()), newer);
    assert.equal(database.prepare("SELECT count(*) AS n FROM execution").get()?.n, 1);
    database.close();
  });

  it("of another chain or another party is refused", async () => {
    const file = path();
    await using store = openSqliteStateStore(file, clock());
    // An empty one is nobody's yet.
    const elsewhere = { ...clock(), origin: { ...origin, network: networks.testnet.chainId } };
    await openSqliteStateStore(file, elsewhere)[Symbol.asyncDispose]();
    await store.create(execution(1));
    assert.throws(() => openSqliteStateStore(file, elsewhere), {
      code: "state.foreign",
      message: "the state file holds sessions on the network chain-local, not pio-testnet-1",
      facts: {
        ...{ file, party: origin.party, network: "pio-testnet-1" },
        ...{ foundParty: origin.party, foundNetwork: "chain-local" },
      },
    });
    const party = someAddress();
    assert.throws(() => openSqliteStateStore(file, { ...clock(), origin: { ...origin, party } }), {
      code: "state.foreign",
      message: "the state file holds sessions of another party",
    });
    assert.equal((await store.get(uuid(1)))?.state, "created");
  });

  it("is not a database of something else, which stays as it is", () => {
    const file = path();
    const database = new DatabaseSync(file);
    database.exec("CREATE TABLE execution (everything TEXT)");
    database.close();
    const before = readFileSync(file);
    assert.throws(() => openSqliteStateStore(file, clock()), { code: "state.corrupt" });
    assert.deepEqual(readFileSync(file), before);
  });
});
