import assert from "node:assert/strict";
import { it } from "node:test";
import { create, toBinary } from "@bufbuild/protobuf";
import { metadataAddressToBytes, parseUuid, scopeAddress, sessionAddress } from "@p8e/core";
import { packAny } from "@p8e/proto/any";
import * as cosmos from "@p8e/proto/cosmos";
import * as metadata from "@p8e/proto/metadata";
import { ledgerMessage, writtenSessions } from "../src/index.ts";

const uuid = (n: number) => parseUuid(`00000000-0000-4000-8000-${String(n).padStart(12, "0")}`);
const idOf = (n: number) => metadataAddressToBytes(sessionAddress(uuid(n), uuid(100 + n)));
const sessionOf = (n: number) => ({
  ...{ session: sessionAddress(uuid(n), uuid(100 + n)), scopeUuid: uuid(n), sessionUuid: uuid(100 + n) },
});

it("messages name the sessions that they write, who signs for them, and whom they name", () => {
  const parties = [{ address: "owner" }, { address: "servicer" }];
  const messages = [
    ledgerMessage(metadata.MsgWriteScopeRequestSchema, {
      scope: { scopeId: metadataAddressToBytes(scopeAddress(uuid(1))) },
    }),
    ledgerMessage(metadata.MsgWriteSessionRequestSchema, {
      session: { sessionId: idOf(1), parties },
      signers: ["owner"],
    }),
    ledgerMessage(metadata.MsgWriteRecordRequestSchema, {
      record: { sessionId: idOf(2) },
      signers: ["owner", "servicer"],
    }),
    ledgerMessage(metadata.MsgWriteSessionRequestSchema, {
      ...{ session: { sessionId: Uint8Array.of(1) }, signers: ["owner"] },
    }),
    { typeUrl: `/${metadata.MsgWriteSessionRequestSchema.typeName}`, value: Uint8Array.of(0xff) },
  ];
  assert.deepEqual(writtenSessions(messages), {
    written: [
      { ...sessionOf(1), signers: ["owner"], names: ["owner", "servicer"] },
      { ...sessionOf(2), signers: ["owner", "servicer"], names: [] },
    ],
    unread: [{ signers: ["owner"] }, { signers: undefined }],
  });
});

it("within an authz MsgExec who executes it signs, in the name of those whom the message says", () => {
  const written = create(metadata.MsgWriteSessionRequestSchema, {
    session: { sessionId: idOf(3), parties: [{ address: "owner" }] },
    signers: ["servicer"],
  });
  const exec = (grantee: string, inner: Parameters<typeof packAny>[1] & object, schema: never) =>
    create(cosmos.authz.MsgExecSchema, { grantee, msgs: [packAny(schema, inner as never)] });
  const once = exec("invoker", written, metadata.MsgWriteSessionRequestSchema as never);
  const twice = exec("outermost", once, cosmos.authz.MsgExecSchema as never);
  for (const [message, signer] of [
    [once, "invoker"],
    [twice, "outermost"],
  ] as const) {
    const packed = { typeUrl: "/cosmos.authz.v1beta1.MsgExec", value: toBinary(cosmos.authz.MsgExecSchema, message) };
    const written = [{ ...sessionOf(3), signers: [signer], names: ["owner", "servicer"] }];
    assert.deepEqual(writtenSessions([packed]), { written, unread: [] });
  }
});

it("a session is named also where the ledger makes its id of what the message gives", () => {
  for (const scopeIdentifier of [
    { case: "scopeUuid", value: uuid(4) },
    { case: "scopeAddr", value: scopeAddress(uuid(4)) },
  ] as const) {
    const sessionIdComponents = { scopeIdentifier, sessionUuid: uuid(104) };
    const messages = [
      ledgerMessage(metadata.MsgWriteSessionRequestSchema, { session: {}, sessionIdComponents, signers: ["owner"] }),
    ];
    const written = [{ ...sessionOf(4), signers: ["owner"], names: [] }];
    assert.deepEqual(writtenSessions(messages), { written, unread: [] });
  }
});

it("a UUID is read as the chain does: any character may stand in the place of braces", () => {
  for (const text of [`x${uuid(104)}y`, `{${uuid(104)}}`, `URN:UUID:${uuid(104)}`, uuid(104).replaceAll("-", "")]) {
    const sessionIdComponents = {
      scopeIdentifier: { case: "scopeUuid" as const, value: uuid(4) },
      sessionUuid: text,
    };
    const { written } = writtenSessions([
      ledgerMessage(metadata.MsgWriteSessionRequestSchema, { session: {}, sessionIdComponents, signers: ["owner"] }),
    ]);
    assert.deepEqual(written, [{ ...sessionOf(4), signers: ["owner"], names: [] }], text);
  }
});

it("a message within an authz MsgExec that cannot be read is told with who executes it", () => {
  const inner = { $typeName: "google.protobuf.Any" as const, value: Uint8Array.of(0xff) };
  const msgs = [{ ...inner, typeUrl: `/${metadata.MsgWriteRecordRequestSchema.typeName}` }];
  const value = toBinary(cosmos.authz.MsgExecSchema, create(cosmos.authz.MsgExecSchema, { grantee: "invoker", msgs }));
  const packed = { typeUrl: "/cosmos.authz.v1beta1.MsgExec", value };
  assert.deepEqual(writtenSessions([packed]), { written: [], unread: [{ signers: ["invoker"] }] });
});
