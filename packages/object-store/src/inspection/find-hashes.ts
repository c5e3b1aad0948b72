import type { KeyText } from "../domain/audience.ts";
import type { StoreReader } from "./store-reader.ts";

/**
 * The hashes in base64 that begin so, in their order and at most `limit`: of all that a store holds, or of what one key
 * can read.
 */
export async function hashesBeginning(
  { database }: StoreReader,
  beginning: string,
  { key, limit }: { readonly key?: KeyText | undefined; readonly limit: number },
): Promise<readonly string[]> {
  const { rows } = await database.query<{ hash: string }>({
    text: `SELECT DISTINCT hash FROM object_public_key
           WHERE starts_with(hash, $1) AND ($2::text IS NULL OR public_key = $2) ORDER BY hash LIMIT $3`,
    values: [beginning, key ?? null, limit],
  });
  return rows.map(({ hash }) => hash);
}
