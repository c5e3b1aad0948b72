import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import {
  type AccountAddress,
  contractSpecificationAddress,
  metadataAddressToBytes,
  type P8eError,
  type Role,
  recordAddress,
  recordSpecificationAddress,
  roles,
  scopeAddress,
  scopeSpecificationAddress,
  sessionAddress,
  type Uuid,
} from "@p8e/core";
import * as metadata from "@p8e/proto/metadata";
import {
  addContractSpecificationToScopeSpecification,
  addScopeDataAccess,
  authorize,
  countGrant,
  deleteScopeDataAccess,
  isAuthorized,
  type LedgerMessage,
  type LedgerParty,
  type LedgerSigner,
  ledgerMessage,
  metadataMessageType,
  type NeededAuthority,
  neededAuthorities,
  neededGrants,
  readAuthoritySnapshot,
  updateValueOwners,
  writeContractSpecification,
  writeRecord,
  writeRecordSpecification,
  writeScope,
  writeScopeSpecification,
  writeSession,
} from "../src/index.ts";
import { uuid, type World } from "./world.ts";

/** What a transaction of these signers would hold. */
type Write = (signers: readonly AccountAddress[]) => readonly LedgerMessage[];

/**
 * Who must sign, as we say it and as a ledger does: every message of a scope's parties, signed by every group of four
 * accounts, and by one with the grants of every group of others, is tried; the ledger takes exactly those of which
 * `neededAuthorities` says so.
 */
export function authoritySuite(ledger: string, open: () => Promise<World>): void {
  describe(`who must sign on ${ledger}`, () => {
    let world: World;
    let all: readonly LedgerSigner[];
    let lines: Lines;
    before(async () => {
      world = await open();
      all = await world.actors(4);
      lines = await writeLines(world, all);
    });
    after(() => world[Symbol.asyncDispose]());

    async function compare(what: string, write: Write): Promise<void> {
      const [first] = all as [LedgerSigner];
      const snapshot = await readAuthoritySnapshot(world.chain.metadata, write([first.address]));
      const needed = neededAuthorities(write([first.address]), snapshot);
      for (const signers of groups(all)) await agree(what, write, needed, signers, []);
      for (const granters of groups(all.slice(1))) await agree(what, write, needed, [first], granters);
    }

    async function agree(
      what: string,
      write: Write,
      needed: readonly NeededAuthority[],
      signers: readonly LedgerSigner[],
      granters: readonly LedgerSigner[],
    ): Promise<void> {
      const named = new Set(addressesOf(signers));
      const granted = new Set(addressesOf(granters));
      const expected = isAuthorized(needed, named, granted);
      const grants = neededGrants(needed, named, granted);
      const where = `${what}, signed by ${namesOf(signers)}, granted by ${namesOf(granters)}`;
      const expiresAtMs = (await world.chain.newestBlock()).timeMs + 3_600_000;
      // As often as we say and no more: where that is too few, the ledger refuses what we expect it to take.
      const given = grants.map(({ granter, message, count }) =>
        countGrant({
          granter,
          grantee: (signers[0] as LedgerSigner).address,
          messageTypeUrl: metadataMessageType(message),
          count,
          expiresAtMs,
        }),
      );
      const answer = await tried([...given, ...write(addressesOf(signers))], [...signers, ...granters]);
      assert.equal(answer === undefined, expected, `${where}: ${answer?.message ?? "taken"}`);
      const obstacles = needed.flatMap((one) => one.obstacles);
      if (answer !== undefined && obstacles.length === 0) {
        const kinds = ["MissingSignature", "MissingRoleSignature", "MissingValueOwnerSignature"];
        assert.ok(kinds.includes(String(answer.facts["kind"])), `${where}: ${answer.message}`);
      }
    }

    /** What the ledger says against it, without sending it. */
    async function tried(messages: readonly LedgerMessage[], signers: readonly LedgerSigner[]) {
      const wanted = signers.filter(({ address }) => messages.some((message) => message.signers.includes(address)));
      try {
        await world.chain.estimate(messages, wanted);
        return undefined;
      } catch (error) {
        return error as P8eError;
      }
    }

    const namesOf = (signers: readonly LedgerSigner[]) =>
      signers.map((signer) => "abcd"[all.indexOf(signer)]).join("") || "nobody";

    for (const kind of ["classic", "rollup"] as const) {
      for (const what of Object.keys(messagesOf({} as never, {} as never, true)) as (keyof ReturnType<
        typeof messagesOf
      >)[]) {
        it(`of ${kind} scopes: ${what}`, () =>
          compare(what, (signers) => messagesOf(lines, lines[kind], false, signers)[what]()));
      }
    }

    it("counts the messages that need each party, and no more", async () => {
      const [a, b, , d] = addressesOf(all) as [AccountAddress, AccountAddress, AccountAddress, AccountAddress];
      const write = messagesOf(lines, lines.classic, false, [a])["a session with its records"];
      const needed = neededAuthorities(write(), await readAuthoritySnapshot(world.chain.metadata, write()));
      assert.deepEqual(
        needed.map(({ name, everyOf }) => [name, everyOf]),
        [
          ["WriteSession", [a, b]],
          ["WriteRecord", [a, b, d]],
          ["WriteRecord", [a, b]],
        ],
      );
      assert.deepEqual(neededGrants(needed, new Set([a]), new Set([b, d])), [
        { granter: b, message: "WriteSession", count: 3 },
        { granter: d, message: "WriteSession", count: 1 },
      ]);
      assert.deepEqual(authorize(needed[1] as NeededAuthority, new Set([a]), new Set([b])).missing, [d]);
      // One fewer is refused by the ledger.
      const expiresAtMs = (await world.chain.newestBlock()).timeMs + 3_600_000;
      const grant = (granter: AccountAddress, count: number) =>
        countGrant({ granter, grantee: a, messageTypeUrl: metadataMessageType("WriteSession"), count, expiresAtMs });
      const answer = await tried([grant(b, 2), grant(d, 1), ...write()], all);
      assert.deepEqual([answer?.facts["kind"], answer?.facts["missingAddresses"]], ["MissingSignature", [b]]);
    });
  });
}

function addressesOf(signers: readonly LedgerSigner[]): AccountAddress[] {
  return signers.map(({ address }) => address);
}

/** Every group with somebody in it. */
function groups<T>(items: readonly T[]): T[][] {
  return Array.from({ length: 2 ** items.length - 1 }, (_, bits) =>
    items.filter((_item, at) => (bits + 1) & (1 << at)),
  );
}

/** One scope of each kind, with a session and a record in it. */
interface Line {
  readonly scope: Uuid;
  readonly owners: readonly LedgerParty[];
  readonly parties: readonly LedgerParty[];
  readonly session: Uuid;
  readonly requirePartyRollup: boolean;
}

interface Lines {
  readonly classic: Line;
  readonly rollup: Line;
  readonly specification: Uuid;
  readonly contract: Uuid;
  readonly accounts: readonly AccountAddress[];
}

const inputs = [{ name: "loan", typeName: "io.p8e.Loan", source: { hash: "aW5wdXQ=" } }];

async function writeLines({ chain }: World, all: readonly LedgerSigner[]): Promise<Lines> {
  const accounts = addressesOf(all);
  const [a, b, c, d] = accounts as [AccountAddress, AccountAddress, AccountAddress, AccountAddress];
  const party = (address: AccountAddress, role: Role, optional = false): LedgerParty => ({ address, role, optional });
  const classic: Line = {
    scope: uuid(),
    session: uuid(),
    owners: [party(a, "OWNER"), party(b, "SERVICER")],
    // A session's parties need not be owners.
    parties: [party(a, "OWNER"), party(b, "SERVICER"), party(d, "INVESTOR")],
    requirePartyRollup: false,
  };
  const rollup: Line = {
    scope: uuid(),
    session: uuid(),
    owners: [party(a, "OWNER"), party(b, "SERVICER", true), party(c, "SERVICER", true), party(d, "INVESTOR", true)],
    parties: [party(a, "OWNER"), party(b, "SERVICER", true)],
    requirePartyRollup: true,
  };
  const lines = { classic, rollup, specification: uuid(), contract: uuid(), accounts };
  const scopeSpecification = scopeSpecificationAddress(lines.specification);
  const contractSpecification = contractSpecificationAddress(lines.contract);
  const partiesInvolved: Role[] = ["OWNER", "SERVICER"];
  const signers = [a];
  const recordSpecification = (name: string, responsible: Role) =>
    writeRecordSpecification({
      specification: recordSpecificationAddress(lines.contract, name),
      name,
      inputs,
      typeName: "io.p8e.Loan",
      resultType: "RECORD",
      responsibleParties: [responsible],
      signers,
    });
  await chain.submit(
    [
      writeScopeSpecification({ specification: scopeSpecification, owners: signers, partiesInvolved, signers }),
      writeContractSpecification({
        specification: contractSpecification,
        owners: signers,
        partiesInvolved,
        source: { hash: "YnVuZGxl" },
        className: "io.p8e.LoanContract",
        signers,
      }),
      recordSpecification("loan", "OWNER"),
      recordSpecification("note", "SERVICER"),
      addContractSpecificationToScopeSpecification({ contractSpecification, scopeSpecification, signers }),
    ],
    { signer: all[0] as LedgerSigner },
  );
  for (const line of [classic, rollup]) {
    await chain.submit(
      [
        writeScope({
          scope: scopeAddress(line.scope),
          specification: scopeSpecification,
          owners: line.owners,
          dataAccess: [d],
          valueOwner: c,
          requirePartyRollup: line.requirePartyRollup,
          signers: accounts,
        }),
        sessionOf(lines, line, line.session, line.parties, accounts),
        recordOf(line, line.session, "loan", accounts),
      ],
      { signer: all[0] as LedgerSigner, coSigners: all.slice(1) },
    );
  }
  return lines;
}

function sessionOf(
  lines: Lines,
  line: Line,
  session: Uuid,
  parties: readonly LedgerParty[],
  signers: readonly AccountAddress[],
) {
  return writeSession({
    session: sessionAddress(line.scope, session),
    contractSpecification: contractSpecificationAddress(lines.contract),
    parties,
    name: "io.p8e.LoanContract",
    signers,
  });
}

function recordOf(line: Line, session: Uuid, name: string, signers: readonly AccountAddress[]) {
  return writeRecord({
    session: sessionAddress(line.scope, session),
    name,
    process: { source: { hash: "YnVuZGxl" }, name: "io.p8e.LoanContract", method: "recordLoan" },
    inputs,
    outputs: [{ hash: "b3V0cHV0", status: "PASS" }],
    signers,
  });
}

/** Every kind of message that parties sign; for their names alone, nothing need be known. */
function messagesOf(lines: Lines, line: Line, namesOnly: boolean, signers: readonly AccountAddress[] = []) {
  const [, b, c, d] = lines.accounts ?? [];
  const scope = namesOnly ? ("" as never) : scopeAddress(line.scope);
  const specification = namesOnly ? ("" as never) : scopeSpecificationAddress(lines.specification);
  const id = namesOnly ? new Uint8Array() : new Uint8Array(metadataAddressToBytes(scope));
  const { owners, requirePartyRollup } = line;
  const common = { scope, specification, requirePartyRollup, signers };
  const [two, three] = [uuid(), uuid()];
  const parties = line.requirePartyRollup ? line.parties : (line.owners ?? []);
  const servicer = { address: d as AccountAddress, role: "SERVICER" as const };
  const party = ({ address, role, optional = false }: LedgerParty) => ({ address, role: roles[role], optional });
  return {
    "a new scope": () => [
      writeScope({ ...common, scope: scopeAddress(uuid()), owners, ...(b === undefined ? {} : { valueOwner: b }) }),
    ],
    "a new scope that lacks a role": () => [
      writeScope({ ...common, scope: scopeAddress(uuid()), owners: owners.slice(0, 1) }),
    ],
    "a scope as it is": () => [writeScope({ ...common, owners, dataAccess: [d as AccountAddress] })],
    "a scope with another value owner alone": () => [
      writeScope({ ...common, owners, dataAccess: [d as AccountAddress], valueOwner: b as AccountAddress }),
    ],
    "a scope with another value owner and data access": () => [
      writeScope({ ...common, owners, dataAccess: [], valueOwner: b as AccountAddress }),
    ],
    "a scope that changes its rollup": () => [
      writeScope({
        ...common,
        owners: owners.map((one) => ({ ...one, optional: false })),
        requirePartyRollup: !requirePartyRollup,
      }),
    ],
    "more data access": () => [addScopeDataAccess({ scope, dataAccess: [c as AccountAddress], signers })],
    "data access that is there": () => [addScopeDataAccess({ scope, dataAccess: [d as AccountAddress], signers })],
    "less data access": () => [deleteScopeDataAccess({ scope, dataAccess: [d as AccountAddress], signers })],
    "another owner": () => [
      ledgerMessage(metadata.MsgAddScopeOwnerRequestSchema, {
        scopeId: id,
        owners: [party(servicer)],
        signers: [...signers],
      }),
    ],
    "an owner less": () => [
      ledgerMessage(metadata.MsgDeleteScopeOwnerRequestSchema, {
        scopeId: id,
        owners: [b as string],
        signers: [...signers],
      }),
    ],
    "the value to another": () => [updateValueOwners({ scopes: [scope], valueOwner: b as AccountAddress, signers })],
    "a session": () => [sessionOf(lines, line, two, parties, signers)],
    "a session of a stranger": () => [
      sessionOf(lines, line, two, [...parties, { address: b as AccountAddress, role: "CUSTODIAN" }], signers),
    ],
    "the session that is there": () => [sessionOf(lines, line, line.session, parties, signers)],
    "the record that is there": () => [recordOf(line, line.session, "loan", signers)],
    "a session with its records": () => [
      sessionOf(lines, line, two, parties, signers),
      recordOf(line, two, "loan", signers),
      recordOf(line, two, "note", signers),
    ],
    "two sessions on one another": () => [
      sessionOf(lines, line, two, parties, signers),
      recordOf(line, two, "note", signers),
      sessionOf(lines, line, three, parties.slice(0, 2), signers),
      recordOf(line, three, "note", signers),
      recordOf(line, three, "loan", signers),
    ],
    "no record any more": () => [
      ledgerMessage(metadata.MsgDeleteRecordRequestSchema, {
        recordId: new Uint8Array(metadataAddressToBytes(recordAddress(line.scope, "loan"))),
        signers: [...signers],
      }),
    ],
    "no scope any more": () => [
      ledgerMessage(metadata.MsgDeleteScopeRequestSchema, { scopeId: id, signers: [...signers] }),
    ],
    "account data": () => [
      ledgerMessage(metadata.MsgSetAccountDataRequestSchema, {
        metadataAddr: id,
        value: "a note",
        signers: [...signers],
      }),
    ],
    "a net asset value": () => [
      ledgerMessage(metadata.MsgAddNetAssetValuesRequestSchema, {
        scopeId: scope,
        netAssetValues: [{ price: { denom: "usd", amount: "5" }, volume: 1n }],
        signers: [...signers],
      }),
    ],
  };
}
