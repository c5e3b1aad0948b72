import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create } from "@bufbuild/protobuf";
import { isAuthorized, type MetadataSnapshot, neededAuthorities, neededGrants } from "@p8e/chain";
import {
  contentHashToBytes,
  contractSpecificationAddress,
  hashContent,
  metadataAddressToBytes,
  networks,
  parseContentHash,
  parseUuid,
  recordSpecificationAddress,
  scopeAddress,
  scopeSpecificationAddress,
  sessionAddress,
  type Uuid,
  uuidFromBytes,
} from "@p8e/core";
import { accountAddress, localKey, parsePrivateKey } from "@p8e/crypto";
import { packAny } from "@p8e/proto/any";
import * as metadata from "@p8e/proto/metadata";
import * as scope from "@p8e/proto/scope";
import fc from "fast-check";
import { neededSignatures } from "../src/agreement/needed-signatures.ts";
import { keyPairMessage } from "../src/session/affiliate.ts";
import { memorializeMessages } from "../src/session/memorialize-messages.ts";

const prefix = networks.local.accountPrefix;
const people = [1, 2, 3, 4, 5].map((n) => {
  const { publicKey } = localKey(parsePrivateKey(new Uint8Array(32).fill(n)));
  return { publicKey, address: accountAddress(publicKey, prefix) };
});
const roles = [metadata.PartyType.OWNER, metadata.PartyType.SERVICER, metadata.PartyType.INVESTOR];
const recordNames = ["first", "second"];

const uuids = [1, 2, 3, 4].map((n) => parseUuid(`00000000-0000-4000-8000-00000000000${n}`));
const [scopeUuid, sessionUuid, formerUuid, specificationUuid] = uuids as [Uuid, Uuid, Uuid, Uuid];
const contractHash = parseContentHash(Buffer.alloc(16, 7).toString("base64"));
const contractUuid = uuidFromBytes(contentHashToBytes(contractHash));
const scopeId = metadataAddressToBytes(scopeAddress(scopeUuid));
const formerId = metadataAddressToBytes(sessionAddress(scopeUuid, formerUuid));
const specificationId = metadataAddressToBytes(scopeSpecificationAddress(specificationUuid));
const contractId = metadataAddressToBytes(contractSpecificationAddress(contractUuid));

interface Case {
  readonly isNew: boolean;
  readonly rollup: boolean;
  /** Indexes of people, one for each of the contract's roles. */
  readonly parties: readonly number[];
  /** Beside the contract's parties in their roles. */
  readonly otherOwners: readonly { readonly who: number; readonly role: number; readonly optional: boolean }[];
  /** Whether the contract's party owns the scope as an optional one. */
  readonly optional: readonly boolean[];
  readonly former: readonly { readonly who: number; readonly optional: boolean }[];
  readonly records: readonly boolean[];
  readonly written: readonly boolean[];
  readonly reader: boolean;
}

const who = fc.nat({ max: people.length - 1 });
const cases: fc.Arbitrary<Case> = fc.record({
  isNew: fc.boolean(),
  rollup: fc.boolean(),
  parties: fc.array(who, { minLength: 1, maxLength: roles.length }),
  otherOwners: fc.array(fc.record({ who, role: fc.nat({ max: roles.length - 1 }), optional: fc.boolean() }), {
    maxLength: 3,
  }),
  optional: fc.array(fc.boolean(), { minLength: roles.length, maxLength: roles.length }),
  former: fc.array(fc.record({ who, optional: fc.boolean() }), { maxLength: 3 }),
  records: fc.tuple(fc.boolean(), fc.boolean()),
  written: fc.tuple(fc.boolean(), fc.boolean()).filter((each) => each.includes(true)),
  reader: fc.boolean(),
});

function worldOf(of: Case): { readonly envelope: scope.Envelope; readonly snapshot: MetadataSnapshot } {
  // Only an owner in that role may be optional, and only where a scope is rolled up.
  const partyOf = (index: number, role: number, optional: boolean) =>
    create(metadata.PartySchema, { address: people[index]!.address, role: roles[role]!, optional });
  const owners = [
    ...of.parties.map((index, role) => partyOf(index, role, of.rollup && of.optional[role]!)),
    ...of.otherOwners
      .filter(({ who, role }) => of.parties[role] !== who)
      .map(({ who, role, optional }) => partyOf(who, role, of.rollup && optional)),
  ];
  const contractRoles = roles.slice(0, of.parties.length);
  const current = create(metadata.ScopeSchema, {
    ...{ scopeId, specificationId, owners, requirePartyRollup: of.rollup, valueOwnerAddress: owners[0]!.address },
  });
  const former = create(metadata.SessionSchema, {
    sessionId: formerId,
    specificationId: contractId,
    parties: of.former.map(({ who, optional }) => partyOf(who, 0, of.rollup && optional)),
  });
  const records = recordNames
    .filter((_, index) => of.records[index])
    .map((name) => create(metadata.RecordSchema, { name, sessionId: formerId, specificationId: contractId }));
  const before = create(metadata.ScopeResponseSchema, {
    scope: { scope: current },
    sessions: [{ session: former }],
    records: records.map((record) => ({ record })),
  });
  const reader = localKey(parsePrivateKey(new Uint8Array(32).fill(9))).publicKey;
  const keysOf = (index: number) =>
    keyPairMessage({ signingKey: people[index]!.publicKey, encryptionKey: people[index]!.publicKey });
  const envelope = create(scope.EnvelopeSchema, {
    ref: { scopeUuid: { value: scopeUuid }, sessionUuid: { value: sessionUuid } },
    newScope: of.isNew,
    newSession: true,
    scopeSpecUuid: { value: specificationUuid },
    ...(of.isNew ? {} : { scope: packAny(metadata.ScopeResponseSchema, before) }),
    dataAccess: of.reader ? [{ publicKeyBytes: reader.uncompressed }] : [],
    contract: {
      invoker: keysOf(of.parties[0]!),
      spec: { dataLocation: { ref: { hash: contractHash } } },
      recitals: of.parties.map((index, role) => ({ signerRole: contractRoles[role]!, signer: keysOf(index) })),
      considerations: recordNames.map((name, index) => ({
        considerationName: name,
        result: of.written[index]
          ? { result: scope.ExecutionResult_Result.PASS, output: { name } }
          : { result: scope.ExecutionResult_Result.SKIP },
      })),
    },
  });
  const snapshot: MetadataSnapshot = {
    scopes: of.isNew ? [] : [current],
    sessions: of.isNew ? [] : [former],
    records: of.isNew ? [] : records,
    scopeSpecifications: [
      create(metadata.ScopeSpecificationSchema, {
        ...{ specificationId, partiesInvolved: contractRoles, contractSpecIds: [contractId] },
      }),
    ],
    contractSpecifications: [
      create(metadata.ContractSpecificationSchema, { specificationId: contractId, partiesInvolved: contractRoles }),
    ],
    recordSpecifications: recordNames.map((name) =>
      create(metadata.RecordSpecificationSchema, {
        specificationId: metadataAddressToBytes(recordSpecificationAddress(contractUuid, name)),
        ...{ name, responsibleParties: contractRoles },
      }),
    ),
  };
  return { envelope, snapshot };
}

describe("whose leave a session needs", () => {
  it("is what the ledger's rules say of its messages, with rollup and without", () => {
    fc.assert(
      fc.property(cases, (of) => {
        const { envelope, snapshot } = worldOf(of);
        const messages = memorializeMessages(envelope, create(scope.ContractSpecSchema), {
          ...{ prefix, evidence: hashContent(new Uint8Array()), agreed: true },
        });
        const needed = neededAuthorities(messages, snapshot);
        const invoker = new Set([people[of.parties[0]!]!.address]);
        const asked = neededSignatures(envelope, prefix);
        const granted = new Set(asked.map(({ address }) => address));
        assert.deepEqual(
          needed.flatMap(({ obstacles }) => obstacles),
          [],
        );
        assert.ok(isAuthorized(needed, invoker, granted));
        const grants = neededGrants(needed, invoker, granted);
        const countOf = (granter: string, message: string) =>
          grants.find((each) => each.granter === granter && each.message === message)?.count ?? 0;
        for (const { address, sessionMessages, dataAccessMessages } of asked) {
          const isParty = of.parties.some((index) => people[index]!.address === address);
          assert.ok(isParty || sessionMessages + dataAccessMessages > 0, `${address} is asked for nothing`);
          if (invoker.has(address)) continue;
          assert.equal(sessionMessages, countOf(address, "WriteSession"), `sessions of ${address}`);
          const forReaders = countOf(address, "AddScopeDataAccess");
          // Which roles the scope's specification names the envelope does not say: there an optional owner is asked, too.
          if (of.rollup) assert.ok(dataAccessMessages >= forReaders, `readers of ${address}`);
          else assert.equal(dataAccessMessages, forReaders, `readers of ${address}`);
        }
      }),
      { numRuns: 150 },
    );
  });
});
