import { P8eError } from "@p8e/core";

/** What the reference writes as directory and name of an object that lives in the database. */
export const NOT_STORAGE_BACKED = "NOT_STORAGE_BACKED";

/** Where an object's bytes lie: in its row, or in the storage. */
export type Placement = "database" | "storage";

/** From which size on an object goes where, and what is too large. */
export interface PlacementRules {
  readonly thresholdBytes: number;
  readonly databaseObjectBytesMax: number;
  readonly objectBytesMax: number;
}

/** A mail travels as one message of at most 4 MiB together with its id, so it must stay a little below. */
const MAIL_FRAME_BYTES = 64;

/**
 * Mail of any size lives in the database, and so does everything that is not larger than the threshold.
 * @throws `object.too_large` for mail, or a database-backed object, above what the database is given
 */
export function placementOf(mail: boolean, storedBytes: number, rules: PlacementRules): Placement {
  if (storedBytes > rules.objectBytesMax) throw tooLarge("object", rules.objectBytesMax);
  if (!mail && storedBytes > rules.thresholdBytes) return "storage";
  const limit = mail ? mailBytesMax(rules) : rules.databaseObjectBytesMax;
  if (storedBytes > limit) throw tooLarge(mail ? "mail" : "database-backed object", limit);
  return "database";
}

function mailBytesMax(rules: PlacementRules): number {
  return rules.databaseObjectBytesMax - MAIL_FRAME_BYTES;
}

/** How many bytes an upload may gather in memory before it has to go on in the storage. */
export function memoryBytesMax(mail: boolean, rules: PlacementRules): number {
  if (mail) return mailBytesMax(rules);
  return Math.max(SMALL_FILE_BYTES, Math.min(rules.thresholdBytes, rules.databaseObjectBytesMax));
}

/** Up to here an object is put together in memory and written with one call. */
const SMALL_FILE_BYTES = 256 * 1024;

function tooLarge(what: string, bytesMax: number): P8eError {
  return new P8eError("object.too_large", `the ${what} is larger than ${bytesMax} bytes, the most this store takes`, {
    facts: { bytesMax },
  });
}
