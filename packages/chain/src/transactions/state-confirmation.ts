import { type DescMessage, equals, type MessageShape } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import {
  type AccountAddress,
  equalBytes,
  isP8eError,
  type MetadataAddress,
  metadataAddressFromBytes,
  metadataAddressToBytes,
  recordAddress,
  utf8Encode,
  uuidFromBytes,
} from "@p8e/core";
import { unpackAny } from "@p8e/proto/any";
import * as cosmos from "@p8e/proto/cosmos";
import * as metadata from "@p8e/proto/metadata";
import type { AskOptions } from "../endpoint/endpoint.ts";
import type { LedgerMessage } from "../messages/ledger-message.ts";
import type { AccountQueries } from "../queries/accounts.ts";
import type { MetadataByAddress, MetadataQueries } from "../queries/metadata-queries.ts";

/**
 * For nodes without an index of transactions: a block shows that a transaction was included, not whether it succeeded.
 * Its messages are all or nothing, so the state after the block tells, wherever a message leaves something to see.
 */

/**
 * `shown`: everything that can be seen is there. `absent`: something is not, though nothing in the block can have removed
 * it. `invisible`: there is nothing to see, or what there is proves nothing.
 */
export type StateAnswer = "shown" | "absent" | "invisible";

/** Messages that are in a block. */
export interface IncludedMessages {
  readonly messages: readonly LedgerMessage[];
  readonly height: bigint;
  /** The transactions that follow in the same block; asked for only where it matters. */
  readonly later: () => Promise<readonly Uint8Array[]>;
}

/**
 * What the state after the block shows of the messages.
 * @throws `ledger.unavailable` while the node has not committed that block
 */
export async function confirmByState(
  included: IncludedMessages,
  queries: { readonly metadata: MetadataQueries; readonly accounts: AccountQueries },
  signal?: AbortSignal,
): Promise<StateAnswer> {
  const ask = { signal };
  const { messages, height } = included;
  try {
    const answer = await answerOf(messages, queries, { ...ask, height });
    return answer === "absent" && mayBeOverwritten(messages, await included.later()) ? "invisible" : answer;
  } catch (error) {
    if (!isPruned(error)) throw error;
    // Only today's state is left: what is there was written, what is not may have been changed since.
    return (await answerOf(messages, queries, ask)) === "shown" ? "shown" : "invisible";
  }
}

async function answerOf(
  messages: readonly LedgerMessage[],
  queries: { readonly metadata: MetadataQueries; readonly accounts: AccountQueries },
  options: AskOptions,
): Promise<StateAnswer> {
  const traces = messages.flatMap((message) => traceOf(message) ?? []);
  const addresses = [...new Set(traces.map((trace) => trace.address))];
  const known = addresses.length === 0 ? undefined : await queries.metadata.byAddress(addresses, options);
  const answers = known === undefined ? [] : traces.map((trace) => trace.isIn(known));
  for (const message of messages) {
    if (message.typeUrl === GRANT) answers.push(await isGrantThere(message, queries.accounts, options));
  }
  if (answers.length === 0) {
    // Nothing to look at, but who is told of the block will ask for what it did.
    await queries.accounts.account(messages[0]!.signers[0] as AccountAddress, options);
    return "invisible";
  }
  return answers.every((answer) => answer) ? "shown" : "absent";
}

/** A node drops old states, and says so in many ways; none of them means that it is not there yet. */
function isPruned(error: unknown): boolean {
  return isP8eError(error) && ["rpc.failed", "ledger.not_found", "input.invalid"].includes(error.code);
}

/** Whether something after a message names what it writes: a later transaction, or a message that leaves no trace. */
function mayBeOverwritten(messages: readonly LedgerMessage[], later: readonly Uint8Array[]): boolean {
  return messages.some((message, index) => {
    const marks = marksOf(message);
    const after = messages.slice(index + 1).filter((one) => traceOf(one) === undefined && one.typeUrl !== GRANT);
    return marks.some((mark) => [...later, ...after.map(({ value }) => value)].some((bytes) => holds(bytes, mark)));
  });
}

/** Bytes that every message about the same thing holds: a scope's or contract's uuid, a grant's receiver. */
function marksOf(message: LedgerMessage): readonly Uint8Array[] {
  if (message.typeUrl === GRANT) {
    return [utf8Encode(unpackAny(toAny(message), cosmos.authz.MsgGrantSchema).grantee)];
  }
  const trace = traceOf(message);
  return trace === undefined ? [] : [metadataAddressToBytes(trace.address).subarray(1, 17)];
}

function holds(bytes: Uint8Array, part: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(part) >= 0;
}

function traceOf(message: LedgerMessage): Trace | undefined {
  return traceTypes.get(message.typeUrl)?.(message);
}

/** Of the two kinds of grant that are given here. */
function authorizedType(authorization: Any): string | undefined {
  const { CountAuthorizationSchema, GenericAuthorizationSchema } = cosmos.authz;
  const schema = [CountAuthorizationSchema, GenericAuthorizationSchema].find(
    ({ typeName }) => authorization.typeUrl === `/${typeName}`,
  );
  return schema === undefined ? undefined : unpackAny(authorization, schema).msg;
}

const GRANT = `/${cosmos.authz.MsgGrantSchema.typeName}`;

/** What one message leaves in the state: where, and whether it is there. */
interface Trace {
  readonly address: MetadataAddress;
  isIn(known: MetadataByAddress): boolean;
}

function trace<Desc extends DescMessage>(
  schema: Desc,
  idOf: (message: MessageShape<Desc>) => Uint8Array | undefined,
  isIn: (message: MessageShape<Desc>, known: MetadataByAddress, id: Uint8Array) => boolean,
): readonly [string, (packed: LedgerMessage) => Trace | undefined] {
  return [
    `/${schema.typeName}`,
    (packed) => {
      const message = unpackAny(toAny(packed), schema);
      const id = idOf(message);
      // An empty id stands for one that the chain derives: left to the other messages.
      if (id === undefined || id.length === 0) return undefined;
      return { address: metadataAddressFromBytes(id), isIn: (known) => isIn(message, known, id) };
    },
  ];
}

/** Lists are compared as "contains", since a later message of the same transaction may add to them. */
const traceTypes: ReadonlyMap<string, (packed: LedgerMessage) => Trace | undefined> = new Map([
  trace(
    metadata.MsgWriteScopeRequestSchema,
    (message) => message.scope?.scopeId,
    ({ scope: wanted }, { scopes }, id) => {
      const scope = scopes.find((candidate) => equalBytes(candidate.scopeId, id));
      return (
        scope !== undefined &&
        wanted !== undefined &&
        equalBytes(scope.specificationId, wanted.specificationId) &&
        scope.requirePartyRollup === wanted.requirePartyRollup &&
        contains(scope.dataAccess, wanted.dataAccess) &&
        wanted.owners.every((owner) => scope.owners.some((one) => equals(metadata.PartySchema, one, owner)))
      );
    },
  ),
  trace(
    metadata.MsgAddScopeDataAccessRequestSchema,
    (message) => message.scopeId,
    ({ dataAccess }, { scopes }, id) =>
      scopes.some((scope) => equalBytes(scope.scopeId, id) && contains(scope.dataAccess, dataAccess)),
  ),
  trace(
    metadata.MsgWriteSessionRequestSchema,
    (message) => message.session?.sessionId,
    ({ session: wanted }, { sessions }, id) => {
      const session = sessions.find((candidate) => equalBytes(candidate.sessionId, id));
      return (
        session !== undefined &&
        wanted !== undefined &&
        session.name === wanted.name &&
        equalBytes(session.context, wanted.context) &&
        wanted.parties.every((party) => session.parties.some((one) => equals(metadata.PartySchema, one, party)))
      );
    },
  ),
  trace(
    metadata.MsgWriteRecordRequestSchema,
    (message) => recordId(message.record),
    ({ record: wanted }, { records }) =>
      wanted !== undefined &&
      records.some((record) =>
        // The chain fills in the specification when it was left empty.
        equals(metadata.RecordSchema, record, { ...wanted, specificationId: record.specificationId }),
      ),
  ),
  trace(
    metadata.MsgWriteScopeSpecificationRequestSchema,
    (message) => message.specification?.specificationId,
    ({ specification: wanted }, { scopeSpecifications }) =>
      wanted !== undefined &&
      scopeSpecifications.some(
        (one) =>
          equals(metadata.ScopeSpecificationSchema, { ...one, contractSpecIds: wanted.contractSpecIds }, wanted) &&
          wanted.contractSpecIds.every((id) => one.contractSpecIds.some((listed) => equalBytes(listed, id))),
      ),
  ),
  trace(
    metadata.MsgWriteContractSpecificationRequestSchema,
    (message) => message.specification?.specificationId,
    ({ specification: wanted }, { contractSpecifications }) =>
      wanted !== undefined &&
      contractSpecifications.some((one) => equals(metadata.ContractSpecificationSchema, one, wanted)),
  ),
  trace(
    metadata.MsgWriteRecordSpecificationRequestSchema,
    (message) => message.specification?.specificationId,
    ({ specification: wanted }, { recordSpecifications }) =>
      wanted !== undefined &&
      recordSpecifications.some((one) => equals(metadata.RecordSpecificationSchema, one, wanted)),
  ),
  trace(
    metadata.MsgAddContractSpecToScopeSpecRequestSchema,
    (message) => message.scopeSpecificationId,
    ({ contractSpecificationId }, { scopeSpecifications }, id) =>
      scopeSpecifications.some(
        (one) =>
          equalBytes(one.specificationId, id) &&
          one.contractSpecIds.some((listed) => equalBytes(listed, contractSpecificationId)),
      ),
  ),
]);

async function isGrantThere(message: LedgerMessage, accounts: AccountQueries, options: AskOptions): Promise<boolean> {
  const { granter, grantee, grant } = unpackAny(toAny(message), cosmos.authz.MsgGrantSchema);
  const expiresAtMs =
    grant?.expiration && Number(grant.expiration.seconds) * 1000 + Math.floor(grant.expiration.nanos / 1e6);
  const held = await accounts.grants(granter as AccountAddress, grantee as AccountAddress, options);
  const type = grant?.authorization === undefined ? undefined : authorizedType(grant.authorization);
  return held.some((one) => one.messageTypeUrl === type && one.expiresAtMs === expiresAtMs);
}

function recordId(record: metadata.Record | undefined): Uint8Array | undefined {
  if (record === undefined || record.sessionId.length !== 33) return undefined;
  return metadataAddressToBytes(recordAddress(uuidFromBytes(record.sessionId.subarray(1, 17)), record.name));
}

function contains(list: readonly string[], wanted: readonly string[]): boolean {
  return wanted.every((one) => list.includes(one));
}

function toAny({ typeUrl, value }: LedgerMessage) {
  return { $typeName: "google.protobuf.Any" as const, typeUrl, value: new Uint8Array(value) };
}
