import { randomBytes } from "node:crypto";
import { base64Encode, equalBytes, P8eError } from "@p8e/core";
import { decodeEnvelope, decodeUri, isMail, mailTypeOf, rewriteSignatures } from "@p8e/envelope";
import { type KeyText, uniqueHash } from "../domain/audience.ts";
import { digestChunks } from "../domain/chunk-digests.ts";
import { NOT_STORAGE_BACKED, placementOf } from "../domain/placement.ts";
import {
  HASH_PROPERTY,
  type ObjectProperties,
  SIGNATURE_PROPERTY,
  SIGNATURE_PUBLIC_KEY_PROPERTY,
  SOURCE_PROPERTY,
  SOURCE_REPLICATION,
} from "../domain/put-stream.ts";
import { type Log, reasonOf } from "../log.ts";
import type { Micros } from "../postgres/binary-values.ts";
import type { Database } from "../postgres/database.ts";
import type { GroupCommit } from "../postgres/group-commit.ts";
import type { KeyCache } from "../postgres/key-cache.ts";
import { findByUniqueHash, type NewObject, type ObjectRow } from "../postgres/object-rows.ts";
import type { StoreBus } from "../postgres/store-bus.ts";
import type { BlobUpload } from "../storage/blob-storage.ts";
import type { Candidate } from "./candidate.ts";
import { containerStatus } from "./container-status.ts";
import type { IncomingObject, Receiver } from "./incoming-object.ts";
import { partiesOf, readReaders, requireOwner } from "./readers.ts";
import { repairIfNeeded } from "./repair-object.ts";

export interface PutContext extends Receiver {
  readonly database: Database;
  readonly commits: GroupCommit<NewObject, Micros | undefined>;
  readonly keys: KeyCache;
  readonly bus: StoreBus;
  readonly replicationEnabled: boolean;
  /** Undefined: anybody may put. Otherwise throws unless the request may act for the owner. */
  readonly authorizeOwner: ((owner: KeyText) => void) | undefined;
  /** Called after a commit that left something to send, with the readers it is for. */
  readonly onReplication: (readers: readonly KeyText[]) => void;
  /** Throws when the caller has given up; asked once more right before the point of no return. */
  readonly throwIfCancelled: () => void;
  readonly log: Log;
}

/**
 * What happens once a stream is complete: check, place, make durable, commit, answer. Whoever uploads an object that is
 * there already gets the first upload's row; its bytes then serve only to replace lost or damaged ones.
 *
 * Bytes are on stable storage under their final place before the row is committed, and the row before the answer.
 */
export async function putObject(
  context: PutContext,
  incoming: IncomingObject,
  properties: ObjectProperties,
  contentLength: bigint,
): Promise<ObjectRow> {
  const candidate = await complete(context, incoming, properties, contentLength).catch((error: unknown) => {
    throw containerStatus(error);
  });
  context.throwIfCancelled();
  // From here on the upload is carried through whatever the caller does: what is published is published only to be committed.
  await candidate.upload?.publish();
  incoming.keep();
  const createdAt = await commit(context, candidate);
  if (createdAt !== undefined) {
    settleLater(context, candidate.upload);
    announceReplication(context, candidate);
    return { ...candidate.row, dimeLength: BigInt(candidate.row.storedLength), createdAt };
  }
  return answerDuplicate(context, candidate);
}

async function complete(
  context: PutContext,
  incoming: IncomingObject,
  properties: ObjectProperties,
  contentLength: bigint,
): Promise<Candidate> {
  const { header, metadata, payloadLength } = incoming.container();
  decodeUri(header.sections.uri);
  const envelope = decodeEnvelope(header.sections.envelope);
  context.authorizeOwner?.(requireOwner(envelope));
  const mailType = mailTypeOf(metadata);
  const readers = readReaders(envelope, {
    replication: context.replicationEnabled,
    ownerForMail: mailType !== undefined,
  });
  const storedHeader = rewriteSignatures(header, {
    signature: properties.get(SIGNATURE_PROPERTY)!,
    publicKey: properties.get(SIGNATURE_PUBLIC_KEY_PROPERTY)!,
  });
  const storedLength = storedHeader.length + payloadLength;
  const placement = placementOf(isMail(metadata), storedLength, context.rules);
  const hash = base64Encode(properties.get(HASH_PROPERTY)!);
  const description = {
    uuid: incoming.uuid,
    dimeUuid: header.uuid,
    hash,
    uniqueHash: uniqueHash(hash, readers.audience),
    contentLength,
    properties,
    parties: partiesOf(readers, {
      mailType,
      replicate: context.replicationEnabled && !isReplica(properties),
      stateOf: (key) => context.keys.stateOf(key),
      random: randomBytes,
    }),
  };
  if (placement === "storage") {
    const upload = await incoming.upload(storedHeader.length);
    const { length, digests } = await upload.complete(storedHeader);
    return { row: { ...description, ...upload.place, storedLength: length, digests, payload: null }, upload };
  }
  const payload = incoming.assemble(storedHeader);
  if (!payload) throw new P8eError("internal.unexpected", "a small object went to the storage");
  const place = { directory: NOT_STORAGE_BACKED, name: NOT_STORAGE_BACKED };
  const digests = digestChunks(payload);
  return { row: { ...description, ...place, storedLength, digests, payload }, upload: undefined };
}

function isReplica(properties: ObjectProperties): boolean {
  const source = properties.get(SOURCE_PROPERTY);
  return source !== undefined && equalBytes(source, Buffer.from(SOURCE_REPLICATION));
}

async function commit(context: PutContext, { row, upload }: Candidate): Promise<Micros | undefined> {
  try {
    return await context.commits.submit(row);
  } catch (error) {
    const thrown = P8eError.from(error, "store.database");
    // Refused: the row is not there. Lost: it may be; the sweeper finds out once the database is back.
    if (thrown.code === "store.unavailable") upload?.abandon();
    else await upload?.discard().catch((failure: unknown) => logLeftover(context, failure));
    throw thrown;
  }
}

async function answerDuplicate(context: PutContext, candidate: Candidate): Promise<ObjectRow> {
  const existing = await findByUniqueHash(context.database, candidate.row.uniqueHash).catch((error: unknown) => {
    candidate.upload?.abandon();
    throw error;
  });
  if (existing?.uuid === candidate.row.uuid) {
    // Committed by an attempt whose answer was lost.
    settleLater(context, candidate.upload);
    announceReplication(context, candidate);
    return existing;
  }
  try {
    if (!existing) throw new P8eError("store.database", "the object was removed while it was being stored");
    return await repairIfNeeded(context, existing, candidate);
  } finally {
    await candidate.upload?.discard().catch((failure: unknown) => logLeftover(context, failure));
  }
}

function announceReplication(context: PutContext, { row }: Candidate): void {
  const readers = row.parties.flatMap((party) => (party.replicationUuid ? [party.key] : []));
  if (readers.length > 0) context.onReplication(readers);
}

function settleLater(context: PutContext, upload: BlobUpload | undefined): void {
  upload?.settle().catch((failure: unknown) => logLeftover(context, failure));
}

function logLeftover(context: PutContext, failure: unknown): void {
  context.log("warn", "could not remove the traces of an upload", { reason: reasonOf(failure) });
}
