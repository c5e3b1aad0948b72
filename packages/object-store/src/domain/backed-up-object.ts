import { P8eError, parseUuid, type Uuid } from "@p8e/core";
import { DIGEST_BYTES } from "./chunk-digests.ts";
import type { BlobPlace, Integrity } from "./stored-bytes.ts";

/** An object as a backup's list has it. */
export interface BackedUpObject extends BlobPlace {
  readonly uuid: Uuid;
  /** Base64, as the store keeps it. */
  readonly hash: string;
  readonly inStorage: boolean;
  readonly dimeLength: bigint;
  readonly integrity: Integrity | undefined;
  readonly repairVersion: number;
}

/** The query whose rows, as COPY writes them, {@link parseBackedUpObject} reads: of every object, in the order of uuids. */
export const backedUpObjectsQuery = `
SELECT o.uuid, o.hash, o.directory, o.name, o.payload IS NULL, o.dime_length, i.stored_length, i.chunk_length,
       encode(i.chunk_digests, 'hex'), coalesce(i.repair_version, 0)
FROM object o LEFT JOIN p8e_object_integrity i ON i.object_uuid = o.uuid ORDER BY o.uuid`;

/** The directory of an object in the storage. As PostgreSQL reads it, too. */
export const DAY = /^[0-9]{8}$/;
/** Its name. As PostgreSQL reads it, too. */
export const UUID_TEXT = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const NULL = "\\N";
/** A chunk is read into memory as a whole. */
const CHUNK_BYTES_MAX = 64 * 1024 * 1024;

/**
 * Of an object in the storage, directory and name become parts of a path, and are nothing but a day and a uuid.
 * @throws `backup.incomplete`
 */
export function parseBackedUpObject(line: string): BackedUpObject {
  const fields = line.split("\t");
  const [uuid, hash, directory, name, inStorage, dimeLength, stored, chunk, digests, repairs] = fields;
  if (fields.length !== 10 || hash === NULL) throw malformed();
  const there = inStorage === "t";
  if (there && !(DAY.test(directory!) && UUID_TEXT.test(name!))) throw malformed();
  return {
    uuid: uuidOf(uuid!),
    ...{ hash: hash!, directory: directory!, name: name!, inStorage: there },
    dimeLength: BigInt(wholeOf(dimeLength!)),
    integrity: stored === NULL ? undefined : integrityOf(wholeOf(stored!), wholeOf(chunk!), digests!),
    repairVersion: wholeOf(repairs!),
  };
}

function integrityOf(length: number, chunkBytes: number, digests: string): Integrity {
  const bytes = Buffer.from(digests, "hex");
  const chunks = Math.ceil(length / chunkBytes);
  if (
    chunkBytes < 1 ||
    chunkBytes > CHUNK_BYTES_MAX ||
    bytes.length !== chunks * DIGEST_BYTES ||
    digests.length !== 2 * bytes.length
  )
    throw malformed();
  return { length, chunkBytes, digests: bytes };
}

function wholeOf(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) throw malformed();
  return value;
}

function uuidOf(text: string): Uuid {
  try {
    return parseUuid(text);
  } catch {
    throw malformed();
  }
}

function malformed(): P8eError {
  return new P8eError("backup.incomplete", "the list of a backup's objects has a line that is none", {
    hint: "take the folder from where it was copied to, or back up again into a new one",
  });
}
