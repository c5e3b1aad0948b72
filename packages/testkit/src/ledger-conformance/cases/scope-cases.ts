import assert from "node:assert/strict";
import type { Uuid } from "@p8e/core";
import * as metadata from "@p8e/proto/metadata";
import { attributesOf, type ConformanceCase, metadataEvents, type Stage } from "../conformance-case.ts";
import {
  addressesOf,
  owner,
  PROVENANCE,
  SERVICER,
  scopeBytes,
  scopeText,
  sessionBytes,
  writeScope,
} from "../messages.ts";
import { type Actor, packed } from "../transaction.ts";

/** The scope as the node has it; undefined when there is none. */
export async function scopeOf({ world }: Stage, uuid: Uuid): Promise<metadata.Scope | undefined> {
  const { scope } = await world.endpoint.ask(metadata.Query.method.scope, { scopeId: uuid });
  return scope?.scope;
}

function access(
  schema: typeof metadata.MsgAddScopeDataAccessRequestSchema | typeof metadata.MsgDeleteScopeDataAccessRequestSchema,
  uuid: Uuid,
  address: string,
  signer: Actor,
) {
  return packed(schema, { scopeId: scopeBytes(uuid), dataAccess: [address], signers: addressesOf([signer]) });
}

const addAccess = metadata.MsgAddScopeDataAccessRequestSchema;
const deleteAccess = metadata.MsgDeleteScopeDataAccessRequestSchema;

/** Who may write, change and delete a scope. */
export const scopeCases: readonly ConformanceCase[] = [
  {
    number: 14,
    title: "a new scope gives its value owner the scope's coin",
    run: async (stage) => {
      const { a, world, specification } = stage;
      const uuid = world.uuid();
      const message = writeScope(specification, uuid, [owner(a)], [a], { valueOwnerAddress: a.address });
      const response = await stage.succeeded([a], [message]);
      assert.equal(await world.balance(a.address, `nft/${scopeText(uuid)}`), 1n);
      assert.deepEqual(metadataEvents(response), ["EventScopeCreated", "EventTxCompleted"]);
      const [created] = attributesOf(response, "provenance.metadata.v1.EventScopeCreated");
      assert.deepEqual(created, { scope_addr: JSON.stringify(scopeText(uuid)), msg_index: "0" });
      assert.equal((await scopeOf(stage, uuid))?.valueOwnerAddress, a.address);
    },
  },
  {
    number: 15,
    title: "a new scope needs no signature of its owner",
    run: async (stage) => {
      const { a, b, world, specification } = stage;
      await stage.succeeded([b], [writeScope(specification, world.uuid(), [owner(a)], [b])]);
    },
  },
  {
    number: 16,
    title: "a message without signers is refused",
    run: async (stage) => {
      const { a, world, specification } = stage;
      await stage.refused("undefined/1", [a], [writeScope(specification, world.uuid(), [owner(a)], [])]);
    },
  },
  {
    number: 17,
    title: "a scope id that is no metadata address does not decode",
    run: async (stage) => {
      const { a, world, specification } = stage;
      const scopeId = new Uint8Array(5);
      await stage.refused("sdk/2", [a], [writeScope(specification, world.uuid(), [owner(a)], [a], { scopeId })]);
    },
  },
  {
    number: 18,
    title: "a scope id of another kind, or one that contradicts the uuid, is refused",
    run: async (stage) => {
      const { a, world, specification } = stage;
      const scopeId = sessionBytes(world.uuid(), world.uuid());
      await stage.refused("undefined/1", [a], [writeScope(specification, world.uuid(), [owner(a)], [a], { scopeId })]);
      const conflict = packed(metadata.MsgWriteScopeRequestSchema, {
        scope: {
          scopeId: scopeBytes(world.uuid()),
          specificationId: specification.scopeSpecification,
          owners: [owner(a)],
        },
        scopeUuid: world.uuid(),
        signers: addressesOf([a]),
      });
      await stage.refused("undefined/1", [a], [conflict]);
    },
  },
  {
    number: 19,
    title: "the same address and role twice among the owners is refused",
    run: async (stage) => {
      const { a, world, specification } = stage;
      await stage.refused("undefined/1", [a], [writeScope(specification, world.uuid(), [owner(a), owner(a)], [a])]);
    },
  },
  {
    number: 20,
    title: "an optional owner without party rollup is refused",
    run: async (stage) => {
      const { a, b, world, specification } = stage;
      const owners = [owner(a), owner(b, true)];
      await stage.refused("undefined/1", [a], [writeScope(specification, world.uuid(), owners, [a])]);
    },
  },
  {
    number: 21,
    title: "a scope of an unknown scope specification fails",
    run: async (stage) => {
      const { a, world, specification } = stage;
      const scopeSpecification = scopeBytes(world.uuid());
      scopeSpecification[0] = 0x04;
      const message = writeScope({ ...specification, scopeSpecification }, world.uuid(), [owner(a)], [a]);
      await stage.failed("sdk/18", [a], [message]);
    },
  },
  {
    number: 22,
    title: "owners without a required role fail",
    run: async (stage) => {
      const { a, world, specification } = stage;
      const owners = [{ address: a.address, role: SERVICER }];
      await stage.failed("sdk/18", [a], [writeScope(specification, world.uuid(), owners, [a])]);
    },
  },
  {
    number: 23,
    title: "an account that never signed is no owner in another's transaction, but is in its own",
    run: async (stage) => {
      const { a, world, specification } = stage;
      const silent = await world.silentActor();
      const message = writeScope(specification, world.uuid(), [owner(a), owner(silent)], [a]);
      await stage.failed("sdk/18", [a], [message]);
      await stage.succeeded([silent], [writeScope(specification, world.uuid(), [owner(silent)], [silent])]);
    },
  },
  {
    number: 24,
    title: "an address without an account can be an owner",
    run: async (stage) => {
      const { a, world, specification } = stage;
      const nobody = world.stranger();
      await stage.succeeded([a], [writeScope(specification, world.uuid(), [owner(a), owner(nobody)], [a])]);
    },
  },
  {
    number: 25,
    title: "the role PROVENANCE is for smart contracts only",
    run: async (stage) => {
      const { a, world, specification } = stage;
      const owners = [owner(a), { address: a.address, role: PROVENANCE }];
      await stage.failed("sdk/18", [a], [writeScope(specification, world.uuid(), owners, [a])]);
    },
  },
  {
    number: 26,
    title: "a change of data access needs the owner's signature",
    run: async (stage) => {
      const { a, b, specification } = stage;
      const uuid = await stage.scope();
      const message = writeScope(specification, uuid, [owner(a)], [b], { dataAccess: [b.address] });
      await stage.failed("sdk/18", [b], [message]);
    },
  },
  {
    number: 27,
    title: "an identical rewrite needs no owner's signature",
    run: async (stage) => {
      const { a, b, specification } = stage;
      const uuid = await stage.scope();
      const response = await stage.succeeded([b], [writeScope(specification, uuid, [owner(a)], [b])]);
      assert.deepEqual(metadataEvents(response), ["EventScopeUpdated", "EventTxCompleted"]);
    },
  },
  {
    number: 35,
    title: "deleting an unknown scope and adding data access to one fail with different codes",
    run: async (stage) => {
      const { a, world } = stage;
      const unknown = world.uuid();
      const remove = packed(metadata.MsgDeleteScopeRequestSchema, {
        scopeId: scopeBytes(unknown),
        signers: addressesOf([a]),
      });
      await stage.failed("sdk/18", [a], [remove]);
      await stage.failed("sdk/38", [a], [access(addAccess, unknown, a.address, a)]);
    },
  },
  {
    number: 36,
    title: "data access that is there cannot be added, nor one that is not be deleted",
    run: async (stage) => {
      const { a, b } = stage;
      const uuid = await stage.scope();
      await stage.succeeded([a], [access(addAccess, uuid, b.address, a)]);
      assert.deepEqual((await scopeOf(stage, uuid))?.dataAccess, [b.address]);
      await stage.failed("sdk/18", [a], [access(addAccess, uuid, b.address, a)]);
      await stage.failed("sdk/18", [a], [access(deleteAccess, uuid, a.address, a)]);
      await stage.succeeded([a], [access(deleteAccess, uuid, b.address, a)]);
      assert.deepEqual((await scopeOf(stage, uuid))?.dataAccess, []);
    },
  },
  {
    number: 37,
    title: "an owner that is there cannot be added, nor one that is not be deleted",
    run: async (stage) => {
      const { a, b } = stage;
      const uuid = await stage.scope();
      const add = packed(metadata.MsgAddScopeOwnerRequestSchema, {
        scopeId: scopeBytes(uuid),
        owners: [owner(a)],
        signers: addressesOf([a]),
      });
      await stage.failed("undefined/1", [a], [add]);
      const remove = packed(metadata.MsgDeleteScopeOwnerRequestSchema, {
        scopeId: scopeBytes(uuid),
        owners: [b.address],
        signers: addressesOf([a]),
      });
      await stage.failed("undefined/1", [a], [remove]);
    },
  },
  {
    number: 38,
    title: "the last owner cannot be deleted",
    run: async (stage) => {
      const { a } = stage;
      const uuid = await stage.scope();
      const message = packed(metadata.MsgDeleteScopeOwnerRequestSchema, {
        scopeId: scopeBytes(uuid),
        owners: [a.address],
        signers: addressesOf([a]),
      });
      await stage.failed("sdk/18", [a], [message]);
    },
  },
];
