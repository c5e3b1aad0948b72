import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { create, type DescMessage, fromBinary, toBinary } from "@bufbuild/protobuf";
import { base64Decode, hexDecode, hexEncode } from "@p8e/core";
import * as envelope from "@p8e/proto/envelope";
import * as objectStore from "@p8e/proto/object-store";
import * as scope from "@p8e/proto/scope";

type Vector = Readonly<Record<string, string>> & { readonly id: string };
const vectors = (name: string): Vector[] =>
  JSON.parse(readFileSync(new URL(`../../../vectors/${name}.json`, import.meta.url), "utf8")).vectors;
const reencode = (schema: DescMessage, bytes: Uint8Array) => toBinary(schema, fromBinary(schema, bytes));

test("the audit stamp of an envelope has the tag 9a06 and an empty payload is 2a00", () => {
  const dime = create(envelope.DIMESchema, { payload: [{}], auditFields: { version: 1 } });
  assert.equal(hexEncode(toBinary(envelope.DIMESchema, dime)), "2a009a06022801");
});

test("the invoker of a function stands behind its output although it is field 5", () => {
  const spec = create(scope.FunctionSpecSchema, {
    invokerParty: scope.PartyType.OWNER,
    outputSpec: {},
    inputSpecs: [{}],
    funcName: "f",
  });
  assert.equal(hexEncode(toBinary(scope.FunctionSpecSchema, spec)), "0a01661a0022002805");
});

test("the parties of a contract specification are packed", () => {
  const spec = create(scope.ContractSpecSchema, {
    partiesInvolved: [scope.PartyType.OWNER, scope.PartyType.VALIDATOR],
  });
  assert.equal(hexEncode(toBinary(scope.ContractSpecSchema, spec)), "1a02050b");
});

test("the contract specification of the JVM keeps its bytes", () => {
  const vector = vectors("hashes-identity").find(({ id }) => id === "contract-spec-identity");
  const bytes = hexDecode(vector?.contractSpecProtoHex ?? "");
  const spec = fromBinary(scope.ContractSpecSchema, bytes);
  assert.equal(spec.definition?.name, "HelloWorldContract");
  assert.deepEqual(
    spec.functionSpecs.map((one) => [one.funcName, one.invokerParty]),
    [["name", scope.PartyType.OWNER]],
  );
  assert.deepEqual(toBinary(scope.ContractSpecSchema, spec), bytes);
});

const dimes = vectors("dime").flatMap(({ id, dimeProtoHex, dimeProtoBase64 }) => {
  if (dimeProtoHex) return [{ id, bytes: hexDecode(dimeProtoHex) }];
  return dimeProtoBase64 ? [{ id, bytes: base64Decode(dimeProtoBase64) }] : [];
});

test("there are recorded envelopes to read", () => assert.ok(dimes.length > 0));

for (const { id, bytes } of dimes) {
  test(`the recorded envelope ${id} keeps its bytes in the client's and in the store's form`, () => {
    assert.deepEqual(reencode(envelope.DIMESchema, bytes), bytes);
    assert.deepEqual(reencode(objectStore.DimeSchema, bytes), bytes);
  });
}

test("the recorded contract and keys keep their bytes", () => {
  const contracts = vectors("signatures").filter(({ contractProtoHex }) => contractProtoHex !== undefined);
  assert.ok(contracts.length > 0);
  for (const { contractProtoHex = "" } of contracts) {
    const bytes = hexDecode(contractProtoHex);
    assert.deepEqual(reencode(scope.ContractSchema, bytes), bytes);
  }
  const keys = vectors("keys").filter(({ publicKeyProtoHex }) => publicKeyProtoHex !== undefined);
  assert.ok(keys.length > 0);
  for (const { publicKeyProtoHex = "", privateKeyProtoHex = "" } of keys) {
    const publicKey = hexDecode(publicKeyProtoHex.toLowerCase());
    assert.deepEqual(reencode(scope.PublicKeySchema, publicKey), publicKey);
    const privateKey = hexDecode(privateKeyProtoHex.toLowerCase());
    assert.deepEqual(reencode(scope.PrivateKeySchema, privateKey), privateKey);
  }
});

test("a number an enum does not know survives", () => {
  const bytes = hexDecode("1863");
  assert.equal(fromBinary(objectStore.AudienceSchema, bytes).context, 99);
  assert.deepEqual(reencode(objectStore.AudienceSchema, bytes), bytes);
});

test("a maintenance state of false is not an absent one", () => {
  const { SetConfigRequestSchema } = objectStore;
  assert.equal(
    hexEncode(toBinary(SetConfigRequestSchema, create(SetConfigRequestSchema, { maintenanceState: false }))),
    "0800",
  );
  assert.equal(hexEncode(toBinary(SetConfigRequestSchema, create(SetConfigRequestSchema))), "");
});
