import { base64Encode, equalBytes, P8eError } from "@p8e/core";
import { decodeEnvelope, decodeUri, isMail, mailTypeOf, rewriteSignatures } from "@p8e/envelope";
import { uniqueHash } from "../domain/audience.ts";
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
import { reasonOf } from "../log.ts";
import type { Micros } from "../postgres/binary-values.ts";
import { findByUniqueHash, type ObjectRow } from "../postgres/object-rows.ts";
import type { BlobUpload } from "../storage/blob-storage.ts";
import type { Candidate } from "./candidate.ts";
import type { IncomingObject } from "./incoming-object.ts";
import type { PutCall, PutParts } from "./put-parts.ts";
import { partiesOf, readReaders, requireOwner } from "./readers.ts";
import { repairIfNeeded } from "./repair-object.ts";

/**
 * What happens once a stream is complete: check, place, make durable, commit, answer. Whoever uploads an object that is
 * there already gets the first upload's row; its bytes then serve only to replace lost or damaged ones.
 *
 * Bytes are on stable storage under their final place before the row is committed, and the row before the answer.
 * @throws `envelope.malformed` (for what is wrong with owner and audience the problems of {@link ReaderProblem}),
 *   `object.too_large`, `store.*`, and what `authorizeOwner` throws
 */
export async function putObject(
  parts: PutParts,
  call: PutCall,
  incoming: IncomingObject,
  upload: { readonly properties: ObjectProperties; readonly contentLength: bigint },
): Promise<ObjectRow> {
  const candidate = await complete(parts, call, incoming, upload);
  call.throwIfCancelled();
  // From here on the upload is carried through whatever the caller does: what is published is published only to be committed.
  await candidate.upload?.publish();
  incoming.keep();
  const createdAt = await commit(parts, candidate);
  if (createdAt !== undefined) {
    settleLater(parts, candidate.upload);
    announce(parts, candidate);
    return { ...candidate.row, dimeLength: BigInt(candidate.row.storedLength), createdAt };
  }
  return answerDuplicate(parts, candidate);
}

async function complete(
  parts: PutParts,
  call: PutCall,
  incoming: IncomingObject,
  { properties, contentLength }: { readonly properties: ObjectProperties; readonly contentLength: bigint },
): Promise<Candidate> {
  const { header, metadata, payloadLength } = incoming.container();
  decodeUri(header.sections.uri);
  const envelope = decodeEnvelope(header.sections.envelope);
  call.authorizeOwner?.(requireOwner(envelope));
  const mailType = mailTypeOf(metadata);
  const readers = readReaders(envelope, {
    replication: parts.replicationEnabled,
    ownerForMail: mailType !== undefined,
  });
  const storedHeader = rewriteSignatures(header, {
    signature: properties.get(SIGNATURE_PROPERTY)!,
    publicKey: properties.get(SIGNATURE_PUBLIC_KEY_PROPERTY)!,
  });
  const storedLength = storedHeader.length + payloadLength;
  const placement = placementOf(isMail(metadata), storedLength, parts.rules);
  const hash = base64Encode(properties.get(HASH_PROPERTY)!);
  call.noteObject({ hash, owner: readers.owner });
  const description = {
    uuid: incoming.uuid,
    dimeUuid: header.uuid,
    hash,
    uniqueHash: uniqueHash(hash, readers.audience),
    contentLength,
    properties,
    parties: partiesOf(readers, {
      mailType,
      replicate: parts.replicationEnabled && !isReplica(properties),
      stateOf: (key) => parts.keys.stateOf(key),
      random: parts.random,
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

async function commit(parts: PutParts, { row, upload }: Candidate): Promise<Micros | undefined> {
  try {
    return await parts.commits.submit(row);
  } catch (error) {
    const thrown = P8eError.from(error, "store.database");
    // Refused: the row is not there. Lost: it may be; the sweeper finds out once the database is back.
    if (thrown.code === "store.unavailable") upload?.abandon();
    else await upload?.discard().catch((failure: unknown) => logLeftover(parts, failure));
    throw thrown;
  }
}

async function answerDuplicate(parts: PutParts, candidate: Candidate): Promise<ObjectRow> {
  const existing = await findByUniqueHash(parts.database, candidate.row.uniqueHash).catch((error: unknown) => {
    candidate.upload?.abandon();
    throw error;
  });
  if (existing?.uuid === candidate.row.uuid) {
    // Committed by an attempt whose answer was lost.
    settleLater(parts, candidate.upload);
    announce(parts, candidate);
    return existing;
  }
  try {
    if (!existing) throw new P8eError("store.database", "the object was removed while it was being stored");
    return await repairIfNeeded(parts, existing, candidate);
  } finally {
    await candidate.upload?.discard().catch((failure: unknown) => logLeftover(parts, failure));
  }
}

function announce(parts: PutParts, { row }: Candidate): void {
  const readers = row.parties.flatMap((party) => (party.replicationUuid ? [party.key] : []));
  if (readers.length > 0) parts.wakeReplication(readers);
  const addressees = row.parties.flatMap((party) => (party.mail ? [party.key] : []));
  if (addressees.length > 0) parts.ringMail(addressees);
}

function settleLater(parts: PutParts, upload: BlobUpload | undefined): void {
  upload?.settle().catch((failure: unknown) => logLeftover(parts, failure));
}

function logLeftover(parts: PutParts, failure: unknown): void {
  parts.log("warn", "could not remove the traces of an upload", { reason: reasonOf(failure) });
}
