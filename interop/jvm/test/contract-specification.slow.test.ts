// One contract, written twice: as an annotated Java class for the published SDK, and with our builder. Both must say the
// same on the ledger.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { buildContract, CONTRACT_SPEC_CLASS, contractSpecification } from "@p8e/contract";
import { base64Decode, base64Encode, contractSpecificationAddress, recordSpecificationAddress } from "@p8e/core";
import { openSandbox } from "@p8e/engine";
import * as scope from "@p8e/proto/scope";
import { findJvmPeer, JvmDriver } from "../driver.ts";
import type { AddressDescription } from "../protocol.ts";

const peer = await findJvmPeer();

describe("a contract specification by the published SDK and by ours", { skip: peer.missing ?? false }, async () => {
  if (peer.missing !== undefined) return;
  const jvm = new JvmDriver(peer.classpath);
  after(() => jvm[Symbol.asyncDispose]());
  await using sandbox = openSandbox();
  const { manifest } = await buildContract({
    entry: join(import.meta.dirname, "..", "contract", "ledger-entry.ts"),
    describe: (bundle) => sandbox.describe(bundle),
  });
  const ours = contractSpecification(manifest);
  const theirs = await jvm.call("contractSpecification", {
    contractHash: manifest.bundle.hash,
    protoHash: manifest.types.hash,
  });

  test("has the same bytes, once the JVM's functions stand in the order of their names", () => {
    const message = fromBinary(scope.ContractSpecSchema, base64Decode(theirs.specification));
    assert.equal(message.functionSpecs.length, 2);
    message.functionSpecs.sort((one, other) => (one.funcName < other.funcName ? -1 : 1));
    assert.equal(base64Encode(toBinary(scope.ContractSpecSchema, message)), base64Encode(ours.bytes));
  });

  test("of ours is read and written back unchanged by the JVM, and has the same hash, uuid and addresses there", async () => {
    const bytes = base64Encode(ours.bytes);
    const read = await jvm.call("reserialize", { classname: CONTRACT_SPEC_CLASS, message: bytes });
    assert.deepEqual([read.bytes, read.lo], [bytes, ours.hash]);
    const { uuid } = await jvm.call("bytesToUuid", { bytes: Buffer.from(ours.hash, "base64").toString("hex") });
    assert.equal(uuid, ours.uuid);
    const contract = await jvm.call("metadataAddress", { kind: "contractspec", args: [uuid] });
    assert.equal(contract.bech32, contractSpecificationAddress(ours.uuid));
    for (const name of ["balance", "entry"]) {
      const record: AddressDescription = await jvm.call("metadataAddress", { kind: "recspec", args: [uuid, name] });
      assert.equal(record.bech32, recordSpecificationAddress(ours.uuid, name));
    }
  });

  test("is named in new contracts of the SDK by the class and the truncated hash that ours uses", () => {
    const contract = fromBinary(scope.ContractSchema, base64Decode(theirs.contract));
    assert.equal(contract.spec?.dataLocation?.classname, CONTRACT_SPEC_CLASS);
    assert.equal(contract.spec?.dataLocation?.ref?.hash, theirs.hash);
    assert.equal(contract.spec?.name, "LedgerEntryContract");
    assert.deepEqual(
      contract.inputs.map((each) => each.name),
      ["account", "opened"],
    );
  });

  test("with fields that this release does not know yet keeps them: an optional record, a later role", async () => {
    const later = create(scope.ContractSpecSchema, {
      ...ours.message,
      inputSpecs: ours.message.inputSpecs.map((each) => ({ ...each, optional: true })),
      partiesInvolved: [scope.PartyType.CONTROLLER, scope.PartyType.VALIDATOR],
    });
    const bytes = toBinary(scope.ContractSpecSchema, later);
    const read = await jvm.call("reserialize", { classname: CONTRACT_SPEC_CLASS, message: base64Encode(bytes) });
    assert.deepEqual(
      fromBinary(scope.ContractSpecSchema, base64Decode(read.bytes)),
      fromBinary(scope.ContractSpecSchema, bytes),
    );
  });
});
