import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import {
  contractSpecificationAddress,
  parseAccountAddress,
  parseUuid,
  recordAddress,
  recordSpecificationAddress,
  scopeAddress,
  scopeSpecificationAddress,
  sessionAddress,
} from "@p8e/core";
import { unpackAny } from "@p8e/proto/any";
import * as cosmos from "@p8e/proto/cosmos";
import * as metadata from "@p8e/proto/metadata";
import { sendCoins } from "../src/messages/account-messages.ts";
import { countGrant, grantAuthorization, revokeGrant } from "../src/messages/grant-messages.ts";
import { fromPacked, type LedgerMessage, ledgerMessage, requiredSigners } from "../src/messages/ledger-message.ts";
import { addScopeDataAccess, writeRecord, writeScope, writeSession } from "../src/messages/messages.ts";
import {
  addContractSpecificationToScopeSpecification,
  writeContractSpecification,
  writeRecordSpecification,
  writeScopeSpecification,
} from "../src/messages/specification-messages.ts";

const alice = parseAccountAddress("tp1hslffrztjp399d86a25fh2khg0c6je3achzhyj");
const bob = parseAccountAddress("tp196g09ugqd0rhkqgu4cnd97e65akeq9dmhttc25");
const scopeUuid = parseUuid("91978ba2-5f35-459a-86a7-feca1b0512e0");
const sessionUuid = parseUuid("5803f8bc-6067-4eb5-951f-2121671c2ec0");
const contractUuid = parseUuid("def6bc0a-c9dd-4874-948f-5206e6060a84");
const scope = scopeAddress(scopeUuid);
const session = sessionAddress(scopeUuid, sessionUuid);
const contract = contractSpecificationAddress(contractUuid);
const specification = scopeSpecificationAddress(parseUuid("dc83ea70-eacd-40fe-9adf-1cf6148bf8a2"));
const signers = [alice];

function unpacked(message: LedgerMessage) {
  return { $typeName: "google.protobuf.Any" as const, typeUrl: message.typeUrl, value: new Uint8Array(message.value) };
}

describe("messages", () => {
  it("of a scope carry addresses as bytes and roles as the chain numbers them", () => {
    const message = writeScope({
      scope,
      specification,
      owners: [{ address: alice, role: "OWNER" }],
      dataAccess: [bob],
      valueOwner: alice,
      signers,
    });
    assert.equal(message.typeUrl, "/provenance.metadata.v1.MsgWriteScopeRequest");
    const { scope: written } = unpackAny(unpacked(message), metadata.MsgWriteScopeRequestSchema);
    assert.equal(written?.scopeId.length, 17);
    assert.equal(written?.scopeId[0], 0);
    assert.equal(written?.specificationId[0], 4);
    assert.deepEqual(
      written?.owners.map(({ address, role, optional }) => [address, role, optional]),
      [[alice, 5, false]],
    );
    assert.deepEqual(written?.dataAccess, [bob]);
    assert.equal(written?.valueOwnerAddress, alice);
  });

  it("of a session carry context and name", () => {
    const message = writeSession({
      session,
      contractSpecification: contract,
      parties: [{ address: alice, role: "OWNER" }],
      name: "io.p8e.HelloContract",
      context: Uint8Array.of(1, 2),
      signers,
    });
    const { session: written } = unpackAny(unpacked(message), metadata.MsgWriteSessionRequestSchema);
    assert.equal(written?.sessionId.length, 33);
    assert.equal(written?.name, "io.p8e.HelloContract");
    assert.deepEqual(written?.context, Uint8Array.of(1, 2));
    assert.equal(written?.audit, undefined);
  });

  it("of a record mark hashes as proposed and records as read from the ledger", () => {
    const message = writeRecord({
      session,
      name: "loan",
      process: { source: { hash: "aGFzaA==" }, name: "io.p8e.Loan", method: "recordLoan" },
      inputs: [
        { name: "loan", typeName: "io.p8e.Loan", source: { hash: "aGFzaA==" } },
        { name: "old", typeName: "io.p8e.Loan", source: { record: recordAddress(scopeUuid, "old") } },
      ],
      outputs: [{ hash: "aGFzaA==", status: "PASS" }],
      signers,
    });
    const { record } = unpackAny(unpacked(message), metadata.MsgWriteRecordRequestSchema);
    assert.deepEqual(
      record?.inputs.map((input) => [input.source.case, input.status]),
      [
        ["hash", metadata.RecordInputStatus.PROPOSED],
        ["recordId", metadata.RecordInputStatus.RECORD],
      ],
    );
    assert.deepEqual(
      record?.outputs.map(({ hash, status }) => [hash, status]),
      [["aGFzaA==", metadata.ResultStatus.PASS]],
    );
    assert.equal(record?.specificationId.length, 0);
    assert.deepEqual([record?.process?.processId.case, record?.process?.method], ["hash", "recordLoan"]);
  });

  it("of specifications carry roles, sources and kinds", () => {
    const scopeMessage = writeScopeSpecification({
      specification,
      description: { name: "loan" },
      owners: [alice],
      partiesInvolved: ["OWNER", "CONTROLLER"],
      contractSpecifications: [contract],
      signers,
    });
    const written = unpackAny(unpacked(scopeMessage), metadata.MsgWriteScopeSpecificationRequestSchema).specification;
    assert.deepEqual(written?.partiesInvolved, [5, 10]);
    assert.equal(written?.description?.name, "loan");
    assert.equal(written?.contractSpecIds[0]?.length, 17);

    const contractMessage = writeContractSpecification({
      specification: contract,
      owners: [alice],
      partiesInvolved: ["OWNER"],
      source: { hash: "aGFzaA==" },
      className: "io.p8e.HelloContract",
      signers,
    });
    const contractWritten = unpackAny(unpacked(contractMessage), metadata.MsgWriteContractSpecificationRequestSchema);
    assert.deepEqual(contractWritten.specification?.source, { case: "hash", value: "aGFzaA==" });
    assert.equal(contractWritten.specification?.description, undefined);

    const recordMessage = writeRecordSpecification({
      specification: recordSpecificationAddress(contractUuid, "loan"),
      name: "loan",
      inputs: [{ name: "loan", typeName: "io.p8e.Loan", source: { hash: "aGFzaA==" } }],
      typeName: "io.p8e.Loan",
      resultType: "RECORD",
      responsibleParties: ["OWNER"],
      signers,
    });
    const recordWritten = unpackAny(unpacked(recordMessage), metadata.MsgWriteRecordSpecificationRequestSchema);
    assert.equal(recordWritten.specification?.resultType, metadata.DefinitionType.RECORD);

    const link = addContractSpecificationToScopeSpecification({
      contractSpecification: contract,
      scopeSpecification: specification,
      signers,
    });
    const linked = unpackAny(unpacked(link), metadata.MsgAddContractSpecToScopeSpecRequestSchema);
    assert.deepEqual([linked.contractSpecificationId[0], linked.scopeSpecificationId[0]], [3, 4]);
  });

  it("of a grant pack the kind of authorization it is", () => {
    const messageTypeUrl = "/provenance.metadata.v1.MsgWriteSessionRequest";
    const input = { granter: alice, grantee: bob, messageTypeUrl, expiresAtMs: 1_700_000_000_500 };
    const grants = [grantAuthorization(input), countGrant({ ...input, count: 3 })].map(
      (message) => unpackAny(unpacked(message), cosmos.authz.MsgGrantSchema).grant,
    );
    assert.deepEqual(
      grants.map((grant) => grant?.authorization?.typeUrl),
      ["/cosmos.authz.v1beta1.GenericAuthorization", "/cosmos.authz.v1beta1.CountAuthorization"],
    );
    assert.deepEqual([grants[0]?.expiration?.seconds, grants[0]?.expiration?.nanos], [1_700_000_000n, 500_000_000]);
    const count = fromBinary(cosmos.authz.CountAuthorizationSchema, grants[1]!.authorization!.value);
    assert.deepEqual([count.msg, count.allowedAuthorizations], [messageTypeUrl, 3]);
    const between = unpackAny(
      unpacked(countGrant({ ...input, count: 1, expiresAtMs: 1000.75 })),
      cosmos.authz.MsgGrantSchema,
    );
    assert.deepEqual([between.grant?.expiration?.seconds, between.grant?.expiration?.nanos], [1n, 0]);
  });

  it("name the accounts that must sign, each once, in the order of the messages", () => {
    const messages = [
      addScopeDataAccess({ scope, dataAccess: [bob], signers: [bob, alice] }),
      sendCoins({ from: alice, to: bob, amounts: [] }),
      revokeGrant({ granter: bob, grantee: alice, messageTypeUrl: "/x" }),
      ledgerMessage(metadata.MsgBindOSLocatorRequestSchema, { locator: { owner: alice, locatorUri: "grpc://a" } }),
    ];
    assert.deepEqual(requiredSigners(messages), [bob, alice]);
  });

  it("of a type whose signers are not known are refused", () => {
    assert.throws(
      () => fromPacked({ ...unpacked(sendCoins({ from: alice, to: bob, amounts: [] })), typeUrl: "/x.Y" }),
      {
        code: "input.invalid",
      },
    );
  });
});
