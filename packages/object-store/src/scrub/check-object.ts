import { throwIfCancelled, type Uuid } from "@p8e/core";
import { type Damage, damageOf } from "../domain/damage.ts";
import type { StoredObjectBytes } from "../domain/stored-bytes.ts";
import { silentLog } from "../log.ts";
import { clearDamage, noteDamage } from "../postgres/damage-rows.ts";
import type { Database } from "../postgres/database.ts";
import { findByUuid, lockObject } from "../postgres/object-rows.ts";
import type { BlobReader } from "../storage/blob-storage.ts";
import { openStored } from "../storage/open-stored.ts";

/** Where objects are, and their rows. */
export interface CheckParts {
  readonly database: Database;
  readonly storage: BlobReader;
}

/** What an object costs to read when it has few bytes or none. */
const OBJECT_BYTES = 4096;

/**
 * Reads an object's bytes once through, against the checksums of its row; what the reference server stored has none, and
 * only its being there can be seen.
 * @returns what is wrong with it
 * @throws `store.storage`, `store.unavailable` when that cannot be told
 */
export async function damageIn(
  storage: BlobReader,
  object: StoredObjectBytes,
  { spend, signal }: { readonly spend: (bytes: number) => Promise<void>; readonly signal: AbortSignal },
): Promise<Damage | undefined> {
  try {
    await using opened = await openStored(storage, object, silentLog);
    await spend(OBJECT_BYTES);
    if (object.integrity === undefined) return undefined;
    for await (const chunk of opened.chunks()) {
      throwIfCancelled(signal);
      await spend(chunk.length);
    }
    return undefined;
  } catch (error) {
    const damage = damageOf(error);
    if (damage === undefined) throw error;
    return damage;
  }
}

/**
 * Looks once more at an object that was found damaged, while nobody can replace its bytes, and writes down what is so: a
 * repair changes bytes and row one after the other.
 * @returns what is wrong with it, and whether nobody had found that before
 */
export function confirmDamage(
  { database, storage }: CheckParts,
  uuid: Uuid,
  signal: AbortSignal,
): Promise<{ readonly damage: Damage; readonly fresh: boolean } | undefined> {
  return database.transaction(async (connection) => {
    const there = await lockObject(connection, uuid);
    const object = there ? await findByUuid(connection, uuid) : undefined;
    const damage = object && (await damageIn(storage, object, { spend: async () => {}, signal }));
    if (damage === undefined) {
      await clearDamage(connection, [uuid]);
      return undefined;
    }
    return { damage, fresh: await noteDamage(connection, uuid, damage) };
  });
}
