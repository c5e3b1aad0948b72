import assert from "node:assert/strict";
import { test } from "node:test";
import type { DescEnum, DescMessage, DescService } from "@bufbuild/protobuf";
import * as cosmos from "@p8e/proto/cosmos";
import * as fees from "@p8e/proto/fees";
import * as health from "@p8e/proto/health";
import * as metadata from "@p8e/proto/metadata";
import * as objectStore from "@p8e/proto/object-store";
import * as scope from "@p8e/proto/scope";

const fieldsOf = (desc: DescMessage) => desc.fields.map((field) => `${field.name} ${field.number}`).join(", ");
const valuesOf = (desc: DescEnum) => desc.values.map((value) => `${value.name} ${value.number}`).join(", ");
const callsOf = (desc: DescService) => desc.methods.map((method) => method.name).join(" ");

const messages: readonly [DescMessage, string][] = [
  [
    metadata.ScopeSchema,
    "scope_id 1, specification_id 2, owners 3, data_access 4, value_owner_address 5, require_party_rollup 6",
  ],
  [metadata.PartySchema, "address 1, role 2, optional 3"],
  [metadata.SessionSchema, "session_id 1, specification_id 2, parties 3, name 4, context 5, audit 99"],
  [metadata.AuditFieldsSchema, "created_date 1, created_by 2, updated_date 3, updated_by 4, version 5, message 6"],
  [metadata.RecordSchema, "name 1, session_id 2, process 3, inputs 4, outputs 5, specification_id 6"],
  [metadata.ProcessSchema, "address 1, hash 2, name 3, method 4"],
  [metadata.RecordInputSchema, "name 1, record_id 2, hash 3, type_name 4, status 5"],
  [metadata.RecordOutputSchema, "hash 1, status 2"],
  [
    metadata.ScopeSpecificationSchema,
    "specification_id 1, description 2, owner_addresses 3, parties_involved 4, contract_spec_ids 5",
  ],
  [
    metadata.ContractSpecificationSchema,
    "specification_id 1, description 2, owner_addresses 3, parties_involved 4, resource_id 5, hash 6, class_name 7",
  ],
  [
    metadata.RecordSpecificationSchema,
    "specification_id 1, name 2, inputs 3, type_name 4, result_type 5, responsible_parties 6",
  ],
  [metadata.InputSpecificationSchema, "name 1, type_name 2, record_id 3, hash 4"],
  [metadata.DescriptionSchema, "name 1, description 3, website_url 4, icon_url 5"],
  [metadata.ObjectStoreLocatorSchema, "owner 1, locator_uri 2, encryption_key 3"],
  [metadata.SessionIdComponentsSchema, "scope_uuid 1, scope_addr 2, session_uuid 3"],
  [metadata.MsgWriteScopeRequestSchema, "scope 1, signers 2, scope_uuid 3, spec_uuid 4, usd_mills 5"],
  [metadata.MsgAddScopeDataAccessRequestSchema, "scope_id 1, data_access 2, signers 3"],
  [metadata.MsgWriteSessionRequestSchema, "session 1, signers 2, session_id_components 3, spec_uuid 4"],
  [
    metadata.MsgWriteRecordRequestSchema,
    "record 1, signers 2, session_id_components 3, contract_spec_uuid 4, parties 5",
  ],
  [metadata.MsgWriteScopeSpecificationRequestSchema, "specification 1, signers 2, spec_uuid 3"],
  [metadata.MsgWriteContractSpecificationRequestSchema, "specification 1, signers 2, spec_uuid 3"],
  [metadata.MsgWriteRecordSpecificationRequestSchema, "specification 1, signers 2, contract_spec_uuid 3"],
  [
    metadata.MsgAddContractSpecToScopeSpecRequestSchema,
    "contract_specification_id 1, scope_specification_id 2, signers 3",
  ],
  [
    metadata.ScopeRequestSchema,
    "scope_id 1, session_addr 2, record_addr 3, include_sessions 10, include_records 11, exclude_id_info 12, include_request 98",
  ],
  [metadata.ContractSpecificationResponseSchema, "contract_specification 1, record_specifications 3, request 98"],
  [fees.flat.QueryCalculateTxFeesRequestSchema, "tx_bytes 1, gas_adjustment 2"],
  [fees.perMessage.CalculateTxFeesRequestSchema, "tx_bytes 1, default_base_denom 2, gas_adjustment 3"],
  [
    cosmos.tx.TxBodySchema,
    "messages 1, memo 2, timeout_height 3, unordered 4, timeout_timestamp 5, extension_options 1023, non_critical_extension_options 2047",
  ],
  [cosmos.tx.TxRawSchema, "body_bytes 1, auth_info_bytes 2, signatures 3"],
  [cosmos.tx.SignDocSchema, "body_bytes 1, auth_info_bytes 2, chain_id 3, account_number 4"],
  [cosmos.auth.BaseAccountSchema, "address 1, pub_key 2, account_number 3, sequence 4"],
  [objectStore.ObjectResponseSchema, "uuid 1, hash 3, uri 5, bucket 6, name 7, metadata 8, created 11, dime_uuid 15"],
  [
    objectStore.PublicKeyResponseSchema,
    "uuid 1, public_key 2, url 3, metadata 4, created_at 5, updated_at 6, header_auth 8",
  ],
  [objectStore.DimeSchema, "uuid 1, owner 2, metadata 3, audience 4, payload 5, audit_fields 99"],
  [
    scope.EnvelopeSchema,
    "ref 1, contract 2, signatures 3, execution_uuid 5, prev_execution_uuid 6, expiration_time 7, scope 8, status 9, scope_spec_uuid 10, new_scope 11, new_session 12, main_net 13, data_access 14",
  ],
  [
    scope.ContractSchema,
    "definition 1, spec 2, invoker 3, inputs 4, conditions 5, considerations 6, recitals 7, times_executed 8, start_time 9",
  ],
];

for (const [desc, expected] of messages) {
  test(`${desc.typeName} has the specified fields`, () => assert.equal(fieldsOf(desc), expected));
}

test("the roles of a contract and of the ledger have the same numbers", () => {
  for (const value of scope.PartyTypeSchema.values.slice(1)) {
    const onLedger = metadata.PartyTypeSchema.values.find((other) => other.number === value.number);
    assert.equal(onLedger?.name, `PARTY_TYPE_${value.name}`);
  }
});

test("the results of a contract and of the ledger have the same numbers", () => {
  assert.equal(valuesOf(scope.ExecutionResult_ResultSchema), "UNKNOWN 0, PASS 1, SKIP 2, FAIL 3");
  assert.equal(
    valuesOf(metadata.ResultStatusSchema),
    "RESULT_STATUS_UNSPECIFIED 0, RESULT_STATUS_PASS 1, RESULT_STATUS_SKIP 2, RESULT_STATUS_FAIL 3",
  );
});

const services: readonly [DescService, string, string][] = [
  [objectStore.ObjectService, "objectstore.ObjectService", "Put Get"],
  [objectStore.PublicKeyService, "objectstore.PublicKeyService", "Add"],
  [objectStore.MailboxService, "objectstore.MailboxService", "Get Ack"],
  [objectStore.AdminService, "objectstore.AdminService", "SetConfig GetConfig"],
  [health.Health, "grpc.health.v1.Health", "Check Watch"],
  [cosmos.tx.Service, "cosmos.tx.v1beta1.Service", "Simulate GetTx BroadcastTx GetTxsEvent GetBlockWithTxs"],
  [cosmos.auth.Query, "cosmos.auth.v1beta1.Query", "Account Params AccountInfo Bech32Prefix"],
  [cosmos.bank.Msg, "cosmos.bank.v1beta1.Msg", "Send MultiSend"],
  [cosmos.authz.Msg, "cosmos.authz.v1beta1.Msg", "Grant Exec Revoke"],
  [cosmos.authz.Query, "cosmos.authz.v1beta1.Query", "Grants GranterGrants GranteeGrants"],
  [cosmos.feegrant.Msg, "cosmos.feegrant.v1beta1.Msg", "GrantAllowance RevokeAllowance"],
  [
    cosmos.tendermint.Service,
    "cosmos.base.tendermint.v1beta1.Service",
    "GetNodeInfo GetSyncing GetLatestBlock GetBlockByHeight",
  ],
  [fees.flat.Query, "provenance.flatfees.v1.Query", "Params AllMsgFees MsgFee CalculateTxFees"],
  [fees.perMessage.Query, "provenance.msgfees.v1.Query", "CalculateTxFees"],
];

for (const [desc, name, calls] of services) {
  test(`${name} has the calls ${calls}`, () => {
    assert.equal(desc.typeName, name);
    assert.equal(callsOf(desc), calls);
  });
}

test("the metadata module takes the 24 specified messages", () => {
  const expected =
    "AddContractSpecToScopeSpec AddNetAssetValues AddScopeDataAccess AddScopeOwner BindOSLocator " +
    "DeleteContractSpecFromScopeSpec DeleteContractSpecification DeleteOSLocator DeleteRecord " +
    "DeleteRecordSpecification DeleteScope DeleteScopeDataAccess DeleteScopeOwner DeleteScopeSpecification " +
    "MigrateValueOwner ModifyOSLocator SetAccountData UpdateValueOwners WriteContractSpecification WriteRecord " +
    "WriteRecordSpecification WriteScope WriteScopeSpecification WriteSession";
  assert.equal(
    metadata.Msg.methods
      .map((method) => method.name)
      .sort()
      .join(" "),
    expected,
  );
  for (const { name, input, output } of metadata.Msg.methods) {
    assert.deepEqual([input.name, output.name], [`Msg${name}Request`, `Msg${name}Response`]);
  }
});

test("the metadata module answers the 24 specified queries", () => {
  const expected =
    "AccountData ContractSpecification ContractSpecificationsAll GetByAddr OSAllLocators OSLocator OSLocatorParams " +
    "OSLocatorsByScope OSLocatorsByURI Ownership Params RecordSpecification RecordSpecificationsAll " +
    "RecordSpecificationsForContractSpecification Records RecordsAll Scope ScopeNetAssetValues ScopeSpecification " +
    "ScopeSpecificationsAll ScopesAll Sessions SessionsAll ValueOwnership";
  assert.equal(
    metadata.Query.methods
      .map((method) => method.name)
      .sort()
      .join(" "),
    expected,
  );
});

test("objects stream in on Put and out on Get, mail streams out", () => {
  assert.equal(objectStore.ObjectService.method.put.methodKind, "client_streaming");
  assert.equal(objectStore.ObjectService.method.get.methodKind, "server_streaming");
  assert.equal(objectStore.MailboxService.method.get.methodKind, "server_streaming");
});
