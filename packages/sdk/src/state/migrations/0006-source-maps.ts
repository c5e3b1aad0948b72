import type { Migration } from "./migration.ts";

/** Source maps of bundles that this party published: so many, the newest. */
export const sourceMapsStep: Migration = {
  version: 6,
  up(target) {
    target.exec(`
      CREATE TABLE source_map (
        bundle TEXT PRIMARY KEY,
        at_ms INTEGER NOT NULL,
        map TEXT NOT NULL
      ) STRICT;
      CREATE INDEX source_map_age ON source_map (at_ms);
    `);
  },
};
