import assert from "node:assert/strict";
import { accountAddressFromBytes, sha256, type Uuid, utf8Encode } from "@p8e/core";
import * as metadata from "@p8e/proto/metadata";
import { type ConformanceCase, metadataEvents, type Stage } from "../conformance-case.ts";
import { addressesOf, owner, scopeBytes, scopeText, writeScope } from "../messages.ts";
import { type Actor, packed } from "../transaction.ts";
import { scopeOf } from "./scope-cases.ts";

function scopeHeldBy(stage: Stage, holder: Actor): Promise<Uuid> {
  return stage.scope([stage.a], { valueOwnerAddress: holder.address });
}

function updateOwners(uuids: readonly Uuid[], proposed: string, signer: Actor) {
  return packed(metadata.MsgUpdateValueOwnersRequestSchema, {
    scopeIds: uuids.map(scopeBytes),
    valueOwnerAddress: proposed,
    signers: addressesOf([signer]),
  });
}

/** Who may change the value owner of scopes. */
export const valueOwnerCases: readonly ConformanceCase[] = [
  {
    number: 28,
    title: "a change of nothing but the value owner needs the holder's signature and moves the coin",
    run: async (stage) => {
      const { a, b, specification } = stage;
      const uuid = await scopeHeldBy(stage, a);
      const message = writeScope(specification, uuid, [owner(a)], [a], { valueOwnerAddress: b.address });
      const response = await stage.succeeded([a], [message]);
      assert.equal((await scopeOf(stage, uuid))?.valueOwnerAddress, b.address);
      const moved = response.events.some(
        ({ type, attributes }) =>
          type === "transfer" && attributes.some(({ value }) => value === `1nft/${scopeText(uuid)}`),
      );
      assert.ok(moved);
    },
  },
  {
    number: 29,
    title: "nobody but the holder changes the value owner",
    run: async (stage) => {
      const { a, b, specification } = stage;
      const uuid = await scopeHeldBy(stage, a);
      const message = writeScope(specification, uuid, [owner(a)], [b], { valueOwnerAddress: b.address });
      await stage.failed("sdk/18", [b], [message]);
    },
  },
  {
    number: 30,
    title: "an update without value owner leaves the holder",
    run: async (stage) => {
      const { a, b, specification } = stage;
      const uuid = await scopeHeldBy(stage, b);
      await stage.succeeded([a], [writeScope(specification, uuid, [owner(a)], [a], { dataAccess: [b.address] })]);
      assert.equal((await scopeOf(stage, uuid))?.valueOwnerAddress, b.address);
    },
  },
  {
    number: 31,
    title: "a module account is refused as value owner",
    run: async (stage) => {
      const { a, world, specification } = stage;
      const module = accountAddressFromBytes(world.accountPrefix, sha256(utf8Encode("metadata")).subarray(0, 20));
      const uuid = world.uuid();
      const message = writeScope(specification, uuid, [owner(a)], [a], { valueOwnerAddress: module });
      // The code of the refusal inside is lost on the way out.
      await stage.failed("undefined/1", [a], [message]);
      assert.equal(await scopeOf(stage, uuid), undefined);
    },
  },
  {
    number: 32,
    title: "a plain transfer of the scope's coin changes the value owner",
    run: async (stage) => {
      const { a, b, world } = stage;
      const uuid = await scopeHeldBy(stage, b);
      const response = await stage.succeeded([b], [world.send(b, a, 1n, `nft/${scopeText(uuid)}`)]);
      assert.equal((await scopeOf(stage, uuid))?.valueOwnerAddress, a.address);
      assert.deepEqual(metadataEvents(response), []);
    },
  },
  {
    number: 33,
    title: "value owners cannot be updated to the holder, nor for a scope without coin",
    run: async (stage) => {
      const { a, b } = stage;
      const held = await scopeHeldBy(stage, a);
      const coinless = await stage.scope();
      await stage.failed("sdk/18", [a], [updateOwners([held], a.address, a)]);
      await stage.failed("sdk/18", [a], [updateOwners([held, coinless], b.address, a)]);
      await stage.succeeded([a], [updateOwners([held], b.address, a)]);
      assert.equal((await scopeOf(stage, held))?.valueOwnerAddress, b.address);
    },
  },
  {
    number: 34,
    title: "migrating from somebody who holds no scope fails as not found",
    run: async (stage) => {
      const { a, world } = stage;
      const poor = await world.warmActor();
      const message = packed(metadata.MsgMigrateValueOwnerRequestSchema, {
        existing: poor.address,
        proposed: a.address,
        signers: addressesOf([poor]),
      });
      await stage.failed("sdk/38", [poor], [message]);
    },
  },
];
