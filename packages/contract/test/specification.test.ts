import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fromBinary, toJson } from "@bufbuild/protobuf";
import {
  checkScopeSpecification,
  contractSpecification,
  contractSpecificationMessage,
  defineScopeSpecification,
  isUpdateOnly,
  recordSpecificationMessages,
  scopeSpecificationMessage,
  scopeSpecificationUuid,
  unknownScopes,
} from "@p8e/contract";
import {
  base64Encode,
  contractSpecificationAddress,
  hexEncode,
  metadataAddressFromBytes,
  parseAccountAddress,
  parseUuid,
  recordSpecificationAddress,
  scopeSpecificationAddress,
  sha256,
  uuidToBytes,
} from "@p8e/core";
import * as metadata from "@p8e/proto/metadata";
import * as scope from "@p8e/proto/scope";
import { bundleHash, manifest, typesHash } from "./manifest-fixture.ts";

const publisher = parseAccountAddress("tp1qurswpc8qurswpc8qurswpc8qurswpc8fkfn0h");
const at = (classname: string) => ({ ref: { hash: typesHash }, classname });

describe("a contract's specification", () => {
  it("maps as the reference does, with functions in order of their names", () => {
    assert.deepEqual(toJson(scope.ContractSpecSchema, contractSpecification(manifest).message), {
      definition: {
        name: "UpdateServicing",
        resourceLocation: { ref: { hash: bundleHash }, classname: "example.loan.UpdateServicing" },
        type: "FACT",
      },
      inputSpecs: [
        { name: "terms", resourceLocation: at("com.google.protobuf.StringValue"), type: "FACT" },
        { name: "history", resourceLocation: at("com.google.protobuf.Struct"), type: "FACT", optional: true },
      ],
      partiesInvolved: ["OWNER", "SERVICER"],
      functionSpecs: [
        {
          funcName: "Rate",
          outputSpec: {
            spec: { name: "rate", resourceLocation: at("com.google.protobuf.DoubleValue"), type: "PROPOSED" },
          },
          invokerParty: "SERVICER",
        },
        {
          funcName: "appendEvent",
          inputSpecs: [
            { name: "event", resourceLocation: at("com.google.protobuf.StringValue"), type: "PROPOSED" },
            { name: "terms", resourceLocation: at("com.google.protobuf.StringValue"), type: "FACT" },
          ],
          outputSpec: {
            spec: { name: "history", resourceLocation: at("com.google.protobuf.Struct"), type: "PROPOSED" },
          },
          invokerParty: "SERVICER",
        },
      ],
    });
  });

  it("is identified by the first half of its SHA-256, in hash and uuid alike", () => {
    const specification = contractSpecification(manifest);
    const half = sha256(specification.bytes).subarray(0, 16);
    assert.equal(specification.hash, base64Encode(half));
    assert.equal(hexEncode(uuidToBytes(specification.uuid)), hexEncode(half));
    assert.deepEqual(fromBinary(scope.ContractSpecSchema, specification.bytes), specification.message);
  });

  it("never changes for the same manifest: other parties have it on the ledger", () => {
    assert.equal(contractSpecification(manifest).hash, "EnM10IOHUC+IK/nwA4Gp6Q==");
  });
});

describe("specifications on the ledger", () => {
  const specification = contractSpecification(manifest);

  it("name the contract by its specification, not by its bundle", () => {
    const message = contractSpecificationMessage(manifest, specification, publisher);
    assert.equal(metadataAddressFromBytes(message.specificationId), contractSpecificationAddress(specification.uuid));
    assert.deepEqual(toJson(metadata.ContractSpecificationSchema, message), {
      specificationId: base64Encode(message.specificationId),
      description: { name: "UpdateServicing", description: "example.loan.UpdateServicing" },
      ownerAddresses: [publisher],
      partiesInvolved: ["PARTY_TYPE_OWNER", "PARTY_TYPE_SERVICER"],
      hash: specification.hash,
      className: "example.loan.UpdateServicing",
    });
  });

  it("are one for each record a function writes, with lineage among its inputs", () => {
    const messages = recordSpecificationMessages(manifest, specification);
    assert.deepEqual(
      messages.map((message) => metadataAddressFromBytes(message.specificationId)),
      ["rate", "history"].map((name) => recordSpecificationAddress(specification.uuid, name)),
    );
    assert.deepEqual(toJson(metadata.RecordSpecificationSchema, messages[1]!), {
      specificationId: base64Encode(messages[1]!.specificationId),
      name: "history",
      inputs: [
        { name: "event", typeName: "com.google.protobuf.StringValue", hash: typesHash },
        { name: "terms", typeName: "com.google.protobuf.StringValue", hash: typesHash },
      ],
      typeName: "com.google.protobuf.Struct",
      resultType: "DEFINITION_TYPE_PROPOSED",
      responsibleParties: ["PARTY_TYPE_SERVICER"],
    });
  });
});

describe("a scope specification", () => {
  const loan = defineScopeSpecification({
    name: "example.loan",
    description: "A loan",
    parties: ["OWNER"],
    websiteUrl: "https://example.com/loan",
  });

  it("has the uuid that follows from publisher and name, unless configured otherwise", () => {
    assert.equal(scopeSpecificationUuid(publisher, "example.loan"), "ffafcf84-1892-594c-9ebc-7afd15287a4e");
    const uuid = parseUuid("c370d852-0f3b-4f70-85e6-25983ac07c0f");
    const message = scopeSpecificationMessage(loan, publisher, uuid);
    assert.equal(metadataAddressFromBytes(message.specificationId), scopeSpecificationAddress(uuid));
    assert.deepEqual(toJson(metadata.ScopeSpecificationSchema, scopeSpecificationMessage(loan, publisher)), {
      specificationId: base64Encode(scopeSpecificationMessage(loan, publisher).specificationId),
      description: { name: "example.loan", description: "A loan", websiteUrl: "https://example.com/loan" },
      ownerAddresses: [publisher],
      partiesInvolved: ["PARTY_TYPE_OWNER"],
    });
  });

  it("breaks all its rules at once", () => {
    const faults = checkScopeSpecification({
      name: "no spaces",
      description: "x".repeat(5001),
      parties: ["OWNER", "OWNER", "LENDER" as never],
      websiteUrl: "ftp://example.com",
      iconUrl: `https://${"x".repeat(3000)}`,
    });
    assert.deepEqual(
      faults.map((fault) => fault.rule),
      ["names", "description", "participants-distinct", "participants-known", "url", "url"],
    );
    assert.deepEqual(checkScopeSpecification(loan), []);
    assert.deepEqual(
      checkScopeSpecification({ ...loan, parties: [] }).map((fault) => fault.rule),
      ["participant-present"],
    );
  });

  it("must be known, for a contract that names it", () => {
    assert.deepEqual(unknownScopes(manifest, ["example.loan"]), []);
    assert.deepEqual(
      unknownScopes(manifest, ["other"]).map((fault) => fault.rule),
      ["scope-known"],
    );
  });

  it("with roles that a contract lacks makes that contract update-only", () => {
    assert.equal(isUpdateOnly(manifest, loan), false);
    assert.equal(isUpdateOnly(manifest, { ...loan, parties: ["OWNER", "INVESTOR"] }), true);
  });
});
