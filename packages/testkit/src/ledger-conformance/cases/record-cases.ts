import assert from "node:assert/strict";
import type { Uuid } from "@p8e/core";
import * as metadata from "@p8e/proto/metadata";
import { type ConformanceCase, metadataEvents, type Stage } from "../conformance-case.ts";
import {
  addressesOf,
  family,
  grant,
  HASH,
  input,
  owner,
  RECORD_NAME,
  recordBytes,
  scopeBytes,
  writeContract,
  writeRecord,
  writeRecordSpecification,
  writeScope,
  writeScopeSpecification,
  writeSession,
} from "../messages.ts";
import { type Actor, packed } from "../transaction.ts";
import { codeOf } from "../world.ts";
import { sessionOf } from "./session-cases.ts";

/** A scope with a session, both by A alone. */
async function opened(stage: Stage): Promise<{ scope: Uuid; session: Uuid }> {
  const { a, world, specification } = stage;
  const [scope, session] = [await stage.scope(), world.uuid()];
  await stage.succeeded([a], [writeSession(specification, scope, session, [owner(a)], [a])]);
  return { scope, session };
}

async function recordOf({ world }: Stage, scope: Uuid): Promise<metadata.Record | undefined> {
  const { records } = await world.endpoint.ask(metadata.Query.method.records, { scopeId: scope, name: RECORD_NAME });
  return records[0]?.record;
}

function deleteRecord(recordId: Uint8Array, signer: Actor) {
  return packed(metadata.MsgDeleteRecordRequestSchema, { recordId, signers: addressesOf([signer]) });
}

/** Who may write and delete which record, and what it must hold. */
export const recordCases: readonly ConformanceCase[] = [
  {
    number: 48,
    title: "a record without specification id gets its session's",
    run: async (stage) => {
      const { a, specification } = stage;
      const { scope, session } = await opened(stage);
      const response = await stage.succeeded([a], [writeRecord(scope, session, [a])]);
      assert.deepEqual(metadataEvents(response), ["EventRecordCreated", "EventTxCompleted"]);
      assert.deepEqual(
        new Uint8Array((await recordOf(stage, scope))?.specificationId ?? []),
        specification.recordSpecification,
      );
    },
  },
  {
    number: 49,
    title: "a grant for sessions covers records",
    run: async (stage) => {
      const { a, world, specification } = stage;
      const granter = await world.warmActor();
      const [scope, session] = [await stage.scope([a, granter]), world.uuid()];
      await stage.succeeded([granter], [grant(granter, a, metadata.MsgWriteSessionRequestSchema)]);
      const parties = [owner(a), owner(granter)];
      await stage.succeeded([a], [writeSession(specification, scope, session, parties, [a])]);
      await stage.succeeded([a], [writeRecord(scope, session, [a])]);
    },
  },
  {
    number: 50,
    title: "missing, extra and repeated inputs fail",
    run: async (stage) => {
      const { a } = stage;
      const { scope, session } = await opened(stage);
      for (const inputs of [[], [input(), input({ name: "more" })], [input(), input()]]) {
        await stage.failed("sdk/18", [a], [writeRecord(scope, session, [a], { inputs })]);
      }
    },
  },
  {
    number: 51,
    title: "an input's type name is compared with its specification, its hash is not",
    run: async (stage) => {
      const { a } = stage;
      const { scope, session } = await opened(stage);
      const otherType = [input({ typeName: "io.p8e.test.Other" })];
      await stage.failed("sdk/18", [a], [writeRecord(scope, session, [a], { inputs: otherType })]);
      const otherHash = [input({ source: { case: "hash", value: "another hash" } })];
      await stage.succeeded([a], [writeRecord(scope, session, [a], { inputs: otherHash })]);
    },
  },
  {
    number: 52,
    title: "a hash input with status RECORD and a failed output without hash are refused",
    run: async (stage) => {
      const { a } = stage;
      const { scope, session } = await opened(stage);
      const inputs = [input({ status: metadata.RecordInputStatus.RECORD })];
      await stage.refused("undefined/1", [a], [writeRecord(scope, session, [a], { inputs })]);
      const outputs = [{ hash: "", status: metadata.ResultStatus.FAIL }];
      await stage.refused("undefined/1", [a], [writeRecord(scope, session, [a], { outputs })]);
    },
  },
  {
    number: 53,
    title: "a skipped output needs no hash",
    run: async (stage) => {
      const { a } = stage;
      const { scope, session } = await opened(stage);
      const outputs = [{ hash: "", status: metadata.ResultStatus.SKIP }];
      await stage.succeeded([a], [writeRecord(scope, session, [a], { outputs })]);
    },
  },
  {
    number: 54,
    title: "a result of type RECORD has one output",
    run: async (stage) => {
      const { a, world } = stage;
      const given = family(world.uuid(), world.uuid());
      const [scope, session] = [world.uuid(), world.uuid()];
      await stage.succeeded(
        [a],
        [
          writeContract(given.contract, [a], [a]),
          writeScopeSpecification(given.scopeSpecification, [given.contract], [a], [a]),
          writeRecordSpecification(given.recordSpecification, [a], { resultType: metadata.DefinitionType.RECORD }),
          writeScope(given, scope, [owner(a)], [a]),
          writeSession(given, scope, session, [owner(a)], [a]),
        ],
      );
      const output = { hash: HASH, status: metadata.ResultStatus.PASS };
      await stage.failed("sdk/18", [a], [writeRecord(scope, session, [a], { outputs: [output, output] })]);
      await stage.succeeded([a], [writeRecord(scope, session, [a], { outputs: [output] })]);
    },
  },
  {
    number: 55,
    title: "a record that moves to a new session takes the old one with it when that was its last",
    run: async (stage) => {
      const { a, world, specification } = stage;
      const { scope, session } = await opened(stage);
      await stage.succeeded([a], [writeRecord(scope, session, [a])]);
      const next = world.uuid();
      await stage.succeeded([a], [writeSession(specification, scope, next, [owner(a)], [a])]);
      const response = await stage.succeeded([a], [writeRecord(scope, next, [a])]);
      assert.deepEqual(metadataEvents(response), ["EventRecordUpdated", "EventSessionDeleted", "EventTxCompleted"]);
      assert.equal(await sessionOf(stage, scope, session), undefined);
    },
  },
  {
    number: 56,
    title: "a record keeps the spelling of its name",
    run: async (stage) => {
      const { a } = stage;
      const { scope, session } = await opened(stage);
      await stage.succeeded([a], [writeRecord(scope, session, [a])]);
      await stage.failed("sdk/18", [a], [writeRecord(scope, session, [a], { name: RECORD_NAME.toUpperCase() })]);
    },
  },
  {
    number: 57,
    title: "a record name of blanks fails as a recovered panic",
    run: async (stage) => {
      const { a } = stage;
      const { scope, session } = await opened(stage);
      await stage.failed("undefined/111222", [a], [writeRecord(scope, session, [a], { name: "   " })]);
    },
  },
  {
    number: 58,
    title: "deleting a session's last record deletes the session; an id of another kind fails",
    run: async (stage) => {
      const { a } = stage;
      const { scope, session } = await opened(stage);
      await stage.succeeded([a], [writeRecord(scope, session, [a])]);
      const response = await stage.succeeded([a], [deleteRecord(recordBytes(scope), a)]);
      assert.deepEqual(metadataEvents(response), ["EventRecordDeleted", "EventSessionDeleted", "EventTxCompleted"]);
      assert.equal(await sessionOf(stage, scope, session), undefined);
      const { response: wrong } = await stage.world.submit([a], [deleteRecord(scopeBytes(scope), a)]);
      assert.equal(codeOf(wrong), "sdk/18");
    },
  },
  {
    number: 59,
    title: "deleting a scope leaves a session that never had a record",
    run: async (stage) => {
      const { a, world } = stage;
      const { scope, session } = await opened(stage);
      const message = packed(metadata.MsgDeleteScopeRequestSchema, {
        scopeId: scopeBytes(scope),
        signers: addressesOf([a]),
      });
      const response = await stage.succeeded([a], [message]);
      assert.deepEqual(metadataEvents(response), ["EventScopeDeleted", "EventTxCompleted"]);
      const { sessions } = await world.endpoint.ask(metadata.Query.method.sessions, { scopeId: scope });
      assert.equal(sessions.length, 1);
      assert.ok(await sessionOf(stage, scope, session));
    },
  },
];
