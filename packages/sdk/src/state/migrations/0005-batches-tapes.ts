import type { Migration } from "./migration.ts";

/**
 * A transaction may write several sessions, so it is kept once, beside them; who pays for a session; and which rows of
 * tapes have become which executions.
 */
export const batchesStep: Migration = {
  version: 5,
  up(target) {
    target.exec(`
      CREATE TABLE outbox (
        hash TEXT PRIMARY KEY,
        bytes BLOB NOT NULL,
        timeout_height TEXT NOT NULL,
        sessions INTEGER NOT NULL
      ) STRICT;
      INSERT INTO outbox (hash, bytes, timeout_height, sessions)
      SELECT transaction_hash, transaction_bytes, transaction_timeout_height, 1 FROM execution
      WHERE transaction_hash IS NOT NULL
      ON CONFLICT DO NOTHING;
      ALTER TABLE execution DROP COLUMN transaction_bytes;
      ALTER TABLE execution DROP COLUMN transaction_timeout_height;
      ALTER TABLE execution ADD COLUMN fee_granter TEXT;
      CREATE INDEX execution_transaction ON execution (transaction_hash) WHERE transaction_hash IS NOT NULL;
      CREATE TABLE tape_row (
        origin INTEGER NOT NULL REFERENCES origin (id),
        specification TEXT NOT NULL,
        contract TEXT NOT NULL,
        row TEXT NOT NULL,
        content TEXT NOT NULL,
        execution TEXT NOT NULL REFERENCES execution (uuid),
        PRIMARY KEY (origin, specification, contract, row)
      ) STRICT;
    `);
  },
};
