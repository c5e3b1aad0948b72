import type { Uuid } from "@p8e/core";
import type { KeyText } from "../domain/audience.ts";
import type { Integrity } from "../domain/stored-bytes.ts";
import { decodeBytes, decodeUuid, uuids } from "../postgres/binary-values.ts";
import type { Queryable } from "../postgres/database.ts";
import { decodeIntegrity } from "../postgres/object-rows.ts";

/** A mail that nobody has acknowledged. */
export interface OpenMail {
  /** The mail's own id, not its object's. */
  readonly uuid: Uuid;
  readonly objectUuid: Uuid;
  readonly payloadBytes: number | undefined;
}

/** Mail that waits for a key, oldest first. */
export async function openMail(database: Queryable, key: KeyText, limit: number): Promise<readonly OpenMail[]> {
  const rows = await database.queryText({
    name: "p8e-open-mail",
    text: `SELECT m.uuid, m.object_uuid, octet_length(o.payload)::bigint
           FROM mailbox_public_key m JOIN object o ON o.uuid = m.object_uuid
           WHERE m.public_key = $1::text AND m.acked_at IS NULL
           ORDER BY m.created_at, m.uuid LIMIT $2::int`,
    values: [key, limit],
  });
  return rows.map(([uuid, objectUuid, bytes]) => ({
    uuid: decodeUuid(uuid!),
    objectUuid: decodeUuid(objectUuid!),
    payloadBytes: bytes == null ? undefined : Number(bytes),
  }));
}

/** A mail's container, and what it must be. */
export interface MailPayload {
  readonly bytes: Uint8Array;
  readonly integrity: Integrity | undefined;
}

/** The payloads of some objects, by their uuid; what has none is left out. */
export async function mailPayloads(
  database: Queryable,
  objectUuids: readonly Uuid[],
): Promise<ReadonlyMap<Uuid, MailPayload>> {
  const rows = await database.queryText({
    name: "p8e-mail-payloads",
    text: `SELECT o.uuid, o.payload, i.stored_length, i.chunk_length, i.chunk_digests
           FROM object o LEFT JOIN p8e_object_integrity i ON i.object_uuid = o.uuid
           WHERE o.uuid = ANY($1::uuid[]) AND o.payload IS NOT NULL`,
    values: [uuids(objectUuids)],
  });
  return new Map(
    rows.map(([uuid, payload, length, chunkLength, digests]) => [
      decodeUuid(uuid!),
      { bytes: decodeBytes(payload!), integrity: decodeIntegrity(length, chunkLength, digests) },
    ]),
  );
}

/** The first acknowledgement counts; without a key the mail's id alone decides. Unknown mail is no error. */
export async function acknowledgeMail(database: Queryable, uuid: Uuid, key: KeyText | undefined): Promise<void> {
  await database.query({
    text: `UPDATE mailbox_public_key SET acked_at = now()
           WHERE uuid = $1 AND acked_at IS NULL AND ($2::text IS NULL OR public_key = $2)`,
    values: [uuid, key ?? null],
  });
}
