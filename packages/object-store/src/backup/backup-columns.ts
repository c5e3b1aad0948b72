import type { BackupTable } from "../domain/backup-manifest.ts";
import { type Queryable, quoteIdentifier } from "../postgres/database.ts";

/** The columns of a table of the store, in their order. */
export async function backupColumns(connection: Queryable, table: BackupTable): Promise<readonly string[]> {
  const { rows } = await connection.query<{ name: string }>({
    text: `SELECT attname::text AS name FROM pg_attribute
           WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
    values: [table],
  });
  return rows.map(({ name }) => name);
}

/** As a statement has them. */
export function columnList(columns: readonly string[]): string {
  return columns.map(quoteIdentifier).join(", ");
}
