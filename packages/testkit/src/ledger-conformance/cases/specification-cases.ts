import assert from "node:assert/strict";
import { contractSpecificationAddress, metadataAddressToBytes, recordSpecificationAddress } from "@p8e/core";
import * as metadata from "@p8e/proto/metadata";
import { attributesOf, type ConformanceCase, metadataEvents, type Stage } from "../conformance-case.ts";
import {
  addressesOf,
  family,
  GENERIC_1,
  RECORD_NAME,
  writeContract,
  writeFamily,
  writeRecordSpecification,
  writeScopeSpecification,
} from "../messages.ts";
import { packed } from "../transaction.ts";

function fresh({ world }: Stage) {
  return family(world.uuid(), world.uuid());
}

function contractInScope(
  schema:
    | typeof metadata.MsgAddContractSpecToScopeSpecRequestSchema
    | typeof metadata.MsgDeleteContractSpecFromScopeSpecRequestSchema,
  contract: Uint8Array,
  { specification, a }: Stage,
) {
  return packed(schema, {
    contractSpecificationId: contract,
    scopeSpecificationId: specification.scopeSpecification,
    signers: addressesOf([a]),
  });
}

/** Who may write, change and delete specifications. */
export const specificationCases: readonly ConformanceCase[] = [
  {
    number: 1,
    title: "anyone may write a new contract specification for another owner",
    run: async (stage) => {
      await stage.succeeded([stage.b], [writeContract(fresh(stage).contract, [stage.a], [stage.b])]);
    },
  },
  {
    number: 2,
    title: "a scope specification that names an unknown contract specification fails",
    run: async (stage) => {
      const { a } = stage;
      const { contract, scopeSpecification } = fresh(stage);
      await stage.failed("sdk/18", [a], [writeScopeSpecification(scopeSpecification, [contract], [a], [a])]);
    },
  },
  {
    number: 3,
    title: "a scope specification is written, answered with its id and announced",
    run: async (stage) => {
      const { a, specification } = stage;
      const { scopeSpecification } = fresh(stage);
      const message = writeScopeSpecification(scopeSpecification, [specification.contract], [a], [a]);
      const response = await stage.succeeded([a], [message]);
      assert.deepEqual(metadataEvents(response), ["EventScopeSpecificationCreated", "EventTxCompleted"]);
      const [completed] = attributesOf(response, "provenance.metadata.v1.EventTxCompleted");
      assert.deepEqual(completed, {
        endpoint: '"WriteScopeSpecification"',
        module: '"metadata"',
        signers: JSON.stringify([a.address]),
        msg_index: "0",
      });
      assert.ok(response.data.length > 0);
    },
  },
  {
    number: 4,
    title: "a scope specification without owners is refused",
    run: async (stage) => {
      const { a, specification } = stage;
      const message = writeScopeSpecification(fresh(stage).scopeSpecification, [specification.contract], [], [a]);
      await stage.refused("undefined/1", [a], [message]);
    },
  },
  {
    number: 5,
    title: "a generic role without a description is refused",
    run: async (stage) => {
      const { a } = stage;
      const message = writeContract(fresh(stage).contract, [a], [a], { partiesInvolved: [GENERIC_1] });
      await stage.refused("undefined/1", [a], [message]);
    },
  },
  {
    number: 6,
    title: "a record specification is written",
    run: async (stage) => {
      const { a } = stage;
      const given = fresh(stage);
      await stage.succeeded(
        [a],
        [writeContract(given.contract, [a], [a]), writeRecordSpecification(given.recordSpecification, [a])],
      );
    },
  },
  {
    number: 7,
    title: "a record specification whose id does not come from its name is refused",
    run: async (stage) => {
      const other = recordSpecificationAddress(stage.specification.contractUuid, "another name");
      const message = writeRecordSpecification(metadataAddressToBytes(other), [stage.a]);
      await stage.refused("undefined/1", [stage.a], [message]);
    },
  },
  {
    number: 8,
    title: "a record specification under an unknown contract specification fails as not found",
    run: async (stage) => {
      const { recordSpecification } = fresh(stage);
      await stage.failed("sdk/38", [stage.a], [writeRecordSpecification(recordSpecification, [stage.a])]);
    },
  },
  {
    number: 9,
    title: "only its owners change a contract specification",
    run: async (stage) => {
      const message = writeContract(stage.specification.contract, [stage.b], [stage.b]);
      await stage.failed("sdk/18", [stage.b], [message]);
    },
  },
  {
    number: 10,
    title: "adding a contract specification fails when it is listed already, and when it is unknown",
    run: async (stage) => {
      const schema = metadata.MsgAddContractSpecToScopeSpecRequestSchema;
      await stage.failed("sdk/18", [stage.a], [contractInScope(schema, stage.specification.contract, stage)]);
      await stage.failed("sdk/38", [stage.a], [contractInScope(schema, fresh(stage).contract, stage)]);
    },
  },
  {
    number: 11,
    title: "taking a contract specification out that is not listed fails as not found",
    run: async (stage) => {
      const schema = metadata.MsgDeleteContractSpecFromScopeSpecRequestSchema;
      await stage.failed("sdk/38", [stage.a], [contractInScope(schema, fresh(stage).contract, stage)]);
    },
  },
  {
    number: 12,
    title: "a contract specification that a scope specification lists cannot be deleted",
    run: async (stage) => {
      const message = packed(metadata.MsgDeleteContractSpecificationRequestSchema, {
        specificationId: stage.specification.contract,
        signers: addressesOf([stage.a]),
      });
      await stage.failed("sdk/18", [stage.a], [message]);
    },
  },
  {
    number: 13,
    title: "deleting a scope specification by a contract specification's id fails as not found",
    run: async (stage) => {
      const { a, world } = stage;
      const given = family(world.uuid(), world.uuid());
      await stage.succeeded([a], writeFamily(given, a));
      const message = packed(metadata.MsgDeleteScopeSpecificationRequestSchema, {
        specificationId: metadataAddressToBytes(contractSpecificationAddress(given.contractUuid)),
        signers: addressesOf([a]),
      });
      await stage.failed("sdk/38", [a], [message]);
      const { recordSpecification } = await world.endpoint.ask(metadata.Query.method.recordSpecification, {
        specificationId: given.contractUuid,
        name: RECORD_NAME,
      });
      assert.equal(recordSpecification?.specification?.name, RECORD_NAME);
    },
  },
];
