import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create } from "@bufbuild/protobuf";
import {
  type AccountAddress,
  accountAddressFromBytes,
  contractSpecificationAddress,
  metadataAddressToBytes,
  networks,
  type Role,
  recordSpecificationAddress,
  roles,
  scopeAddress,
  scopeSpecificationAddress,
  sessionAddress,
} from "@p8e/core";
import * as metadata from "@p8e/proto/metadata";
import {
  authorize,
  isAuthorized,
  type MetadataSnapshot,
  neededAuthorities,
  neededGrants,
  writeRecord,
  writeSession,
} from "../src/index.ts";
import { uuid } from "./world.ts";

const [a, b, c, d] = [1, 2, 3, 4].map((byte) =>
  accountAddressFromBytes(networks.local.accountPrefix, new Uint8Array(20).fill(byte)),
) as [AccountAddress, AccountAddress, AccountAddress, AccountAddress];
const [scope, contract, specification, oldSession, newSession] = [uuid(), uuid(), uuid(), uuid(), uuid()];
const bytes = (address: Parameters<typeof metadataAddressToBytes>[0]) =>
  new Uint8Array(metadataAddressToBytes(address));
const party = (address: AccountAddress, role: Role, optional = false) =>
  create(metadata.PartySchema, { address, role: roles[role], optional });

function snapshot(
  requirePartyRollup: boolean,
  owners: metadata.Party[],
  oldParties: metadata.Party[],
): MetadataSnapshot {
  const scopeSpecification = bytes(scopeSpecificationAddress(specification));
  const contractSpecification = bytes(contractSpecificationAddress(contract));
  const session = bytes(sessionAddress(scope, oldSession));
  return {
    scopes: [
      create(metadata.ScopeSchema, {
        scopeId: bytes(scopeAddress(scope)),
        specificationId: scopeSpecification,
        owners,
        requirePartyRollup,
      }),
    ],
    sessions: [
      create(metadata.SessionSchema, {
        sessionId: session,
        specificationId: contractSpecification,
        parties: oldParties,
      }),
    ],
    records: [create(metadata.RecordSchema, { name: "loan", sessionId: session })],
    scopeSpecifications: [
      create(metadata.ScopeSpecificationSchema, {
        specificationId: scopeSpecification,
        partiesInvolved: [roles.OWNER],
        contractSpecIds: [contractSpecification],
      }),
    ],
    contractSpecifications: [
      create(metadata.ContractSpecificationSchema, {
        specificationId: contractSpecification,
        partiesInvolved: [roles.OWNER, roles.SERVICER],
      }),
    ],
    recordSpecifications: [
      create(metadata.RecordSpecificationSchema, {
        specificationId: bytes(recordSpecificationAddress(contract, "loan")),
        name: "loan",
        responsibleParties: [roles.OWNER],
      }),
    ],
  };
}

/** A session that replaces the record of the one before. */
const messages = [
  writeSession({
    session: sessionAddress(scope, newSession),
    contractSpecification: contractSpecificationAddress(contract),
    parties: [
      { address: a, role: "OWNER" },
      { address: b, role: "SERVICER" },
    ],
    name: "io.p8e.LoanContract",
    signers: [a],
  }),
  writeRecord({
    session: sessionAddress(scope, newSession),
    name: "loan",
    process: { source: { hash: "YnVuZGxl" }, name: "io.p8e.LoanContract", method: "recordLoan" },
    inputs: [],
    outputs: [{ hash: "b3V0cHV0", status: "PASS" }],
    signers: [a],
  }),
];

describe("whose authority messages need", () => {
  it("is all owners for a session, and all its parties and those of the superseded one for a record", () => {
    const known = snapshot(false, [party(a, "OWNER"), party(c, "OWNER")], [party(d, "OWNER")]);
    const needed = neededAuthorities(messages, known);
    assert.deepEqual(
      needed.map(({ name, everyOf, roles, obstacles }) => ({ name, everyOf, roles, obstacles })),
      [
        { name: "WriteSession", everyOf: [a, c], roles: [], obstacles: [] },
        { name: "WriteRecord", everyOf: [a, b, d], roles: [], obstacles: [] },
      ],
    );
    assert.equal(isAuthorized(needed, new Set([a]), new Set([b, c])), false);
    assert.equal(isAuthorized(needed, new Set([a]), new Set([b, c, d])), true);
    assert.deepEqual(
      neededGrants(needed, new Set([a]), new Set([b, c, d])).map(({ granter, count }) => [granter, count]),
      [
        [c, 1],
        [b, 1],
        [d, 1],
      ],
    );
  });

  it("is with rollup those that are not optional, and of each role as many as it needs", () => {
    const owners = [party(a, "OWNER"), party(b, "SERVICER", true), party(c, "SERVICER", true)];
    const needed = neededAuthorities(messages, snapshot(true, owners, [party(c, "SERVICER", true)]));
    assert.deepEqual(
      needed.map(({ everyOf, roles }) => [everyOf, roles.map(({ role, candidates }) => [role, candidates.length])]),
      [
        [
          [a],
          [
            ["OWNER", 1],
            ["SERVICER", 1],
          ],
        ],
        [[a, b], [["OWNER", 1]]],
      ],
    );
    const [session] = needed as [(typeof needed)[0]];
    assert.deepEqual(authorize(session, new Set([a]), new Set()).missingRoles, [
      { role: "SERVICER", count: 1, candidates: [{ address: b, isRequired: false }] },
    ]);
    assert.deepEqual(neededGrants(needed, new Set([a]), new Set([b])), [
      { granter: b, message: "WriteSession", count: 2 },
    ]);
  });

  it("is nobody's where no signature helps, and says why", () => {
    const strangers = neededAuthorities(messages, snapshot(true, [party(a, "OWNER")], []));
    assert.deepEqual(strangers[0]?.obstacles, [`${b} (SERVICER) is no owner of the scope`]);
    assert.deepEqual(neededAuthorities(messages, {})[0]?.obstacles, ["the scope does not exist"]);
    assert.equal(isAuthorized(strangers, new Set([a, b, c, d]), new Set()), false);
  });
});
