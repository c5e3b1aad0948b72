import assert from "node:assert/strict";
import { compareBytes } from "@p8e/core";
import * as metadata from "@p8e/proto/metadata";
import { type ConformanceCase, queryRefused, type Stage } from "../conformance-case.ts";
import { owner, scopeText, writeRecord, writeSession } from "../messages.ts";
import { type Actor, packed } from "../transaction.ts";

const UNKNOWN = 2;

type LocatorSchema =
  | typeof metadata.MsgBindOSLocatorRequestSchema
  | typeof metadata.MsgModifyOSLocatorRequestSchema
  | typeof metadata.MsgDeleteOSLocatorRequestSchema;

function locator(schema: LocatorSchema, { address }: Actor, locatorUri: string) {
  return packed(schema, { locator: { owner: address, locatorUri, encryptionKey: "" } });
}

async function owned({ world }: Stage, address: string): Promise<string[]> {
  return (await world.endpoint.ask(metadata.Query.method.ownership, { address })).scopeUuids;
}

async function held({ world }: Stage, address: string): Promise<string[]> {
  return (await world.endpoint.ask(metadata.Query.method.valueOwnership, { address })).scopeUuids;
}

/** Locators and queries. */
export const queryCases: readonly ConformanceCase[] = [
  {
    number: 60,
    title: "a locator needs a scheme, is bound once, and is deleted only when bound",
    run: async (stage) => {
      const { world } = stage;
      const host = await world.warmActor();
      await stage.failed(
        "sdk/18",
        [host],
        [locator(metadata.MsgBindOSLocatorRequestSchema, host, "store.example/path")],
      );
      const uri = "grpcs://store.example:443";
      await stage.failed("sdk/18", [host], [locator(metadata.MsgDeleteOSLocatorRequestSchema, host, uri)]);
      await stage.succeeded([host], [locator(metadata.MsgBindOSLocatorRequestSchema, host, uri)]);
      await stage.failed("sdk/18", [host], [locator(metadata.MsgBindOSLocatorRequestSchema, host, uri)]);
      const answer = await world.endpoint.ask(metadata.Query.method.oSLocator, { owner: host.address });
      assert.equal(answer.locator?.locatorUri, uri);
    },
  },
  {
    number: 61,
    title: "locators that are not there are refused with the module's codes",
    run: async ({ a, world }) => {
      const { oSLocator, oSLocatorsByURI } = metadata.Query.method;
      await queryRefused(world.endpoint.ask(oSLocator, { owner: a.address }), UNKNOWN, {
        codespace: "metadata",
        code: 4,
      });
      const uri = `grpcs://${world.uuid()}.example`;
      await queryRefused(world.endpoint.ask(oSLocatorsByURI, { uri }), UNKNOWN, { codespace: "metadata", code: 6 });
    },
  },
  {
    number: 62,
    title: "an unknown scope is answered with its id alone; a query that names none is refused",
    run: async ({ world }) => {
      const uuid = world.uuid();
      const { scope } = await world.endpoint.ask(metadata.Query.method.scope, { scopeId: uuid });
      assert.equal(scope?.scope, undefined);
      assert.equal(scope?.scopeIdInfo?.scopeAddr, scopeText(uuid));
      await queryRefused(world.endpoint.ask(metadata.Query.method.scope, {}), UNKNOWN, { codespace: "sdk", code: 18 });
    },
  },
  {
    number: 63,
    title: "a scope comes with its sessions in the order of their keys, and with the request when asked to",
    run: async (stage) => {
      const { a, world, specification } = stage;
      const scope = await stage.scope();
      const sessions = [world.uuid(), world.uuid(), world.uuid()];
      await stage.succeeded(
        [a],
        sessions.map((session) => writeSession(specification, scope, session, [owner(a)], [a])),
      );
      await stage.succeeded([a], [writeRecord(scope, sessions[0]!, [a])]);
      const request = { scopeId: scope, includeSessions: true, includeRecords: true };
      const plain = await world.endpoint.ask(metadata.Query.method.scope, request);
      assert.equal(plain.request, undefined);
      assert.equal(plain.records.length, 1);
      const ids = plain.sessions.map(({ session }) => session?.sessionId ?? new Uint8Array(0));
      assert.equal(ids.length, sessions.length);
      assert.deepEqual(ids, [...ids].sort(compareBytes));
      const echoed = await world.endpoint.ask(metadata.Query.method.scope, { ...request, includeRequest: true });
      assert.equal(echoed.request?.includeRecords, true);
    },
  },
  {
    number: 64,
    title: "ownership counts data access, value ownership follows the coin",
    run: async (stage) => {
      const { a, world } = stage;
      const [reader, holder] = [world.stranger(), await world.warmActor()];
      const uuid = await stage.scope([a], { dataAccess: [reader.address], valueOwnerAddress: holder.address });
      assert.deepEqual(await owned(stage, reader.address), [uuid]);
      assert.deepEqual(await held(stage, holder.address), [uuid]);
      await stage.succeeded([holder], [world.send(holder, a, 1n, `nft/${scopeText(uuid)}`)]);
      assert.deepEqual(await held(stage, holder.address), []);
      assert.ok((await held(stage, a.address)).includes(uuid));
    },
  },
];
