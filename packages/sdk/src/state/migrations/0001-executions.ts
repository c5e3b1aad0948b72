import type { Migration } from "./migration.ts";

/** Executions, each with the transaction that it has in the outbox. */
export const executionsStep: Migration = {
  version: 1,
  up(target) {
    target.exec(`
      CREATE TABLE execution (
        uuid TEXT PRIMARY KEY,
        state TEXT NOT NULL,
        scope_uuid TEXT NOT NULL,
        session_uuid TEXT NOT NULL,
        contract TEXT NOT NULL,
        envelope BLOB NOT NULL,
        reason TEXT,
        transaction_hash TEXT,
        transaction_bytes BLOB,
        transaction_timeout_height TEXT,
        created_at_ms INTEGER NOT NULL,
        updated_at_ms INTEGER NOT NULL
      ) STRICT;
      CREATE INDEX execution_state ON execution (state, created_at_ms);
    `);
  },
};
