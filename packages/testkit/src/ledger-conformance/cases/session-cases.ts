import assert from "node:assert/strict";
import type { Uuid } from "@p8e/core";
import * as metadata from "@p8e/proto/metadata";
import { type ConformanceCase, metadataEvents, type Stage } from "../conformance-case.ts";
import { family, grant, owner, writeContract, writeScope, writeSession } from "../messages.ts";

const YEAR_ONE_SECONDS = -62135596800n;

/** The session as the node has it; undefined when there is none. */
export async function sessionOf({ world }: Stage, scope: Uuid, session: Uuid): Promise<metadata.Session | undefined> {
  const { sessions } = await world.endpoint.ask(metadata.Query.method.sessions, { scopeId: scope, sessionId: session });
  return sessions[0]?.session;
}

/** Who may write a session, and what the ledger notes in it. */
export const sessionCases: readonly ConformanceCase[] = [
  {
    number: 39,
    title: "a new session gets audit fields from the ledger",
    run: async (stage) => {
      const { a, world, specification } = stage;
      const [scope, session] = [await stage.scope(), world.uuid()];
      const response = await stage.succeeded([a], [writeSession(specification, scope, session, [owner(a)], [a])]);
      assert.deepEqual(metadataEvents(response), ["EventSessionCreated", "EventTxCompleted"]);
      const audit = (await sessionOf(stage, scope, session))?.audit;
      assert.equal(audit?.version, 1);
      assert.equal(audit?.createdBy, a.address);
      assert.equal(audit?.updatedDate?.seconds, YEAR_ONE_SECONDS);
      assert.equal(audit?.updatedBy, "");
    },
  },
  {
    number: 40,
    title: "a session fails in an unknown scope and for a contract its scope specification does not list",
    run: async (stage) => {
      const { a, world, specification } = stage;
      const session = writeSession(specification, world.uuid(), world.uuid(), [owner(a)], [a]);
      await stage.failed("sdk/18", [a], [session]);
      const other = family(world.uuid(), world.uuid());
      await stage.succeeded([a], [writeContract(other.contract, [a], [a])]);
      const unlisted = writeSession(other, await stage.scope(), world.uuid(), [owner(a)], [a]);
      await stage.failed("sdk/18", [a], [unlisted]);
    },
  },
  {
    number: 41,
    title: "a new session may have no name, an update may not",
    run: async (stage) => {
      const { a, world, specification } = stage;
      const [scope, session] = [await stage.scope(), world.uuid()];
      const nameless = writeSession(specification, scope, session, [owner(a)], [a], { name: "" });
      await stage.succeeded([a], [nameless]);
      assert.equal((await sessionOf(stage, scope, session))?.name, "");
      await stage.failed("sdk/18", [a], [nameless]);
    },
  },
  {
    number: 42,
    title: "a session needs the signatures of all the scope's owners",
    run: async (stage) => {
      const { a, b, world, specification } = stage;
      const scope = await stage.scope([a, b]);
      await stage.failed("sdk/18", [a], [writeSession(specification, scope, world.uuid(), [owner(a)], [a])]);
    },
  },
  {
    number: 43,
    title: "an owner's generic grant stands for the signature",
    run: async (stage) => {
      const { a, world, specification } = stage;
      const granter = await world.warmActor();
      const scope = await stage.scope([a, granter]);
      await stage.succeeded([granter], [grant(granter, a, metadata.MsgWriteSessionRequestSchema)]);
      await stage.succeeded([a], [writeSession(specification, scope, world.uuid(), [owner(a)], [a])]);
    },
  },
  {
    number: 44,
    title: "a grant that counts one is used up by one session",
    run: async (stage) => {
      const { a, world, specification } = stage;
      const granter = await world.warmActor();
      const scope = await stage.scope([a, granter]);
      await stage.succeeded([granter], [grant(granter, a, metadata.MsgWriteSessionRequestSchema, { uses: 1 })]);
      await stage.succeeded([a], [writeSession(specification, scope, world.uuid(), [owner(a)], [a])]);
      await stage.failed("sdk/18", [a], [writeSession(specification, scope, world.uuid(), [owner(a)], [a])]);
    },
  },
  {
    number: 45,
    title: "an expired grant is passed over",
    run: async (stage) => {
      const { a, world, specification } = stage;
      const granter = await world.warmActor();
      const scope = await stage.scope([a, granter]);
      const expirationMs = (await world.timeMs()) + 4_000;
      await stage.succeeded([granter], [grant(granter, a, metadata.MsgWriteSessionRequestSchema, { expirationMs })]);
      await world.waitForTime(expirationMs);
      await stage.failed("sdk/18", [a], [writeSession(specification, scope, world.uuid(), [owner(a)], [a])]);
    },
  },
  {
    number: 46,
    title: "with party rollup, a session's parties come from the scope's owners",
    run: async (stage) => {
      const { a, b, world, specification } = stage;
      const scope = await stage.scope([a], { requirePartyRollup: true });
      const parties = [owner(a), owner(b)];
      await stage.failed("sdk/18", [a, b], [writeSession(specification, scope, world.uuid(), parties, [a, b])]);
    },
  },
  {
    number: 47,
    title: "with party rollup, an optional party need not sign when the role is filled",
    run: async (stage) => {
      const { a, b, world, specification } = stage;
      const scope = world.uuid();
      const owners = [owner(a), owner(b, true)];
      await stage.succeeded([a], [writeScope(specification, scope, owners, [a], { requirePartyRollup: true })]);
      await stage.succeeded([a], [writeSession(specification, scope, world.uuid(), owners, [a])]);
    },
  },
];
