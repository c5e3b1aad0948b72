import type { Uuid } from "@p8e/core";
import type { KeyText } from "../domain/audience.ts";
import type { BackedUpObject } from "../domain/backed-up-object.ts";
import type { StoreReader } from "../inspection/store-reader.ts";
import { silentLog } from "../log.ts";
import { findByUuid } from "../postgres/object-rows.ts";
import { openStored } from "../storage/open-stored.ts";
import { BackupFolder } from "./backup-folder.ts";

/** An object of a backup, to be opened by whoever has a key of it. */
export interface SampledObject {
  readonly uuid: Uuid;
  /** Base64, as the store keeps it. */
  readonly hash: string;
  /**
   * The stored container, from its beginning, as often as it is asked for.
   * @throws `store.storage`, `object.corrupt` when it is missing or damaged
   */
  pieces(): AsyncGenerator<Uint8Array, void>;
}

/** Some of the objects that a key can open, mail apart, chosen at random: rows as a drill restored them, bytes as the folder has them. */
export async function sampleBackup(
  { database }: StoreReader,
  { folder, key, count }: { readonly folder: string; readonly key: KeyText; readonly count: number },
): Promise<readonly SampledObject[]> {
  const { rows } = await database.query<{ uuid: Uuid; hash: string }>({
    text: `SELECT o.uuid, o.hash FROM object_public_key k JOIN object o ON o.uuid = k.object_uuid
           WHERE k.public_key = $1 AND NOT EXISTS (SELECT FROM mailbox_public_key m WHERE m.object_uuid = o.uuid)
           ORDER BY random() LIMIT $2`,
    values: [key, count],
  });
  const backup = new BackupFolder(folder);
  const listed = await listedOf(backup, new Set(rows.map(({ uuid }) => uuid)));
  return rows.map(({ uuid, hash }) => ({
    uuid,
    hash,
    async *pieces() {
      const [object, at] = [await findByUuid(database, uuid), listed.get(uuid)];
      if (object === undefined || at === undefined) return;
      // Where the bytes lie says the list, which was looked through when it was read; the rows may be anybody's.
      const payload = at.inStorage ? null : (object.payload ?? new Uint8Array());
      const place = { directory: at.directory, name: at.name };
      await using stored = await openStored(backup.blobs(at), { ...object, ...place, payload }, silentLog);
      yield* stored.chunks();
    },
  }));
}

async function listedOf(backup: BackupFolder, wanted: ReadonlySet<Uuid>): Promise<ReadonlyMap<Uuid, BackedUpObject>> {
  const found = new Map<Uuid, BackedUpObject>();
  const { files } = await backup.manifest();
  for await (const object of backup.objects(files)) {
    if (wanted.has(object.uuid)) found.set(object.uuid, object);
    if (found.size === wanted.size) break;
  }
  return found;
}

/** Those of the hashes that a store has an object of. */
export async function hashesHeld({ database }: StoreReader, hashes: readonly string[]): Promise<ReadonlySet<string>> {
  const { rows } = await database.query<{ hash: string }>({
    text: `SELECT DISTINCT o.hash FROM object_public_key k JOIN object o ON o.uuid = k.object_uuid
           WHERE k.hash = ANY ($1::text[])`,
    values: [hashes],
  });
  return new Set(rows.map(({ hash }) => hash));
}
