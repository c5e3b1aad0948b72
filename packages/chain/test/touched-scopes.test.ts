import assert from "node:assert/strict";
import { it } from "node:test";
import { create, toBinary } from "@bufbuild/protobuf";
import {
  type AccountAddress,
  metadataAddressToBytes,
  parseUuid,
  recordAddress,
  scopeAddress,
  sessionAddress,
} from "@p8e/core";
import { packAny } from "@p8e/proto/any";
import * as cosmos from "@p8e/proto/cosmos";
import * as metadata from "@p8e/proto/metadata";
import { type LedgerMessage, ledgerMessage, NHASH, sendCoins, touchedScopes } from "../src/index.ts";

const uuid = (n: number) => parseUuid(`00000000-0000-4000-8000-${String(n).padStart(12, "0")}`);
const scopeId = (n: number) => metadataAddressToBytes(scopeAddress(uuid(n)));
const sessionId = (n: number) => metadataAddressToBytes(sessionAddress(uuid(n), uuid(100 + n)));

it("messages name the scopes that they change, also within an authz MsgExec, and nothing when they cannot be read", () => {
  const nested = create(metadata.MsgWriteSessionRequestSchema, { session: { sessionId: sessionId(4) } });
  const exec = create(cosmos.authz.MsgExecSchema, { msgs: [packAny(metadata.MsgWriteSessionRequestSchema, nested)] });
  const someone = "tp1somebody" as AccountAddress;
  const messages = [
    ledgerMessage(metadata.MsgWriteScopeRequestSchema, { scope: { scopeId: scopeId(1) } }),
    ledgerMessage(metadata.MsgWriteRecordRequestSchema, { record: { sessionId: sessionId(2) } }),
    ledgerMessage(metadata.MsgDeleteRecordRequestSchema, {
      recordId: metadataAddressToBytes(recordAddress(uuid(3), "asset")),
    }),
    { typeUrl: "/cosmos.authz.v1beta1.MsgExec", value: toBinary(cosmos.authz.MsgExecSchema, exec) },
    ledgerMessage(metadata.MsgDeleteScopeRequestSchema, { scopeId: scopeId(5) }),
    ledgerMessage(metadata.MsgAddScopeDataAccessRequestSchema, { scopeId: scopeId(1) }),
    sendCoins({ from: someone, to: someone, amounts: [{ denomination: NHASH, amount: 1n }] }),
    ledgerMessage(metadata.MsgDeleteScopeRequestSchema, { scopeId: Uint8Array.of(1, 2, 3) }),
    { typeUrl: "/provenance.metadata.v1.MsgWriteScopeRequest", value: Uint8Array.of(0xff) },
  ];
  assert.deepEqual(
    [...touchedScopes(messages)],
    [1, 2, 3, 4, 5].map((n) => scopeAddress(uuid(n))),
  );
});

it("messages name a scope also where the ledger makes the id of a UUID or an address that they give", () => {
  const write = (components: object): readonly LedgerMessage[] => {
    const sessionIdComponents = create(metadata.SessionIdComponentsSchema, { sessionUuid: uuid(9), ...components });
    return [
      ledgerMessage(metadata.MsgWriteSessionRequestSchema, { session: {}, sessionIdComponents }),
      ledgerMessage(metadata.MsgWriteRecordRequestSchema, { record: { name: "asset" }, sessionIdComponents }),
    ];
  };
  const one = scopeAddress(uuid(1));
  const of = (value: string, kind: "scopeUuid" | "scopeAddr") => write({ scopeIdentifier: { case: kind, value } });
  for (const messages of [
    [ledgerMessage(metadata.MsgWriteScopeRequestSchema, { scope: {}, scopeUuid: uuid(1) })],
    [ledgerMessage(metadata.MsgWriteScopeRequestSchema, { scope: {}, scopeUuid: `urn:uuid:${uuid(1)}` })],
    ...of(uuid(1), "scopeUuid").map((each) => [each]),
    ...of(uuid(1).replaceAll("-", ""), "scopeUuid").map((each) => [each]),
    ...of(one, "scopeAddr").map((each) => [each]),
    ...of(sessionAddress(uuid(1), uuid(7)), "scopeAddr").map((each) => [each]),
  ]) {
    assert.deepEqual([...touchedScopes(messages)], [one]);
  }
  assert.deepEqual([...touchedScopes([...of("nothing", "scopeUuid"), ...of("", "scopeUuid"), ...write({})])], []);
});
