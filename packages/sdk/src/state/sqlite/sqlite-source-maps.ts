import type { ContentHash } from "@p8e/core";
import { SOURCE_MAPS_MAX, type SourceMaps } from "../source-maps.ts";
import type { SqliteRows } from "./sqlite-rows.ts";

/** What source maps have of the state store that they are part of. */
export interface SourceMapsParts {
  readonly rows: SqliteRows;
  /** Milliseconds since 1970. */
  readonly nowMs: () => number;
  readonly transact: <T>(kind: "DEFERRED" | "IMMEDIATE", work: () => T) => T;
}

/** Source maps in a state file. */
export class SqliteSourceMaps implements SourceMaps {
  readonly #parts: SourceMapsParts;

  constructor(parts: SourceMapsParts) {
    this.#parts = parts;
  }

  async keep(bundle: ContentHash, map: string): Promise<void> {
    const { rows, transact, nowMs } = this.#parts;
    transact("IMMEDIATE", () => {
      rows.run(
        `INSERT INTO source_map (bundle, at_ms, map) VALUES (?, ?, ?)
         ON CONFLICT (bundle) DO UPDATE SET at_ms = excluded.at_ms, map = excluded.map`,
        ...[bundle, nowMs(), map],
      );
      rows.run(
        `DELETE FROM source_map WHERE bundle IN (
           SELECT bundle FROM source_map ORDER BY at_ms DESC, rowid DESC LIMIT -1 OFFSET ?)`,
        SOURCE_MAPS_MAX,
      );
    });
  }

  async find(bundle: ContentHash): Promise<string | undefined> {
    const { rows, transact } = this.#parts;
    const row = transact("DEFERRED", () => rows.get("SELECT map FROM source_map WHERE bundle = ?", bundle));
    return row === undefined ? undefined : String(row.map);
  }
}
