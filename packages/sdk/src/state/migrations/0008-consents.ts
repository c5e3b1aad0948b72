import type { Migration } from "./migration.ts";

/** What people said yes to, where a party wants more than one before it signs. */
export const consentsStep: Migration = {
  version: 8,
  up(target) {
    target.exec(`
      CREATE TABLE consent (
        execution TEXT NOT NULL REFERENCES approval (execution),
        public_key BLOB NOT NULL,
        signature BLOB NOT NULL,
        at_ms INTEGER NOT NULL,
        PRIMARY KEY (execution, public_key)
      ) STRICT;
    `);
  },
};
