import type { Migration } from "./migration.ts";

/**
 * Of each execution: whose it is and on which chain, what it may cost, and who works on it. Format 1 was kept by one
 * party for one chain, so what it holds is taken to be the opener's.
 */
export const ownersStep: Migration = {
  version: 2,
  up(target, { party, network }) {
    target.exec(`
      CREATE TABLE origin (
        id INTEGER PRIMARY KEY,
        party TEXT NOT NULL,
        network TEXT NOT NULL,
        UNIQUE (party, network)
      ) STRICT;
      CREATE TABLE owner (
        id TEXT PRIMARY KEY,
        opened_at_ms INTEGER NOT NULL
      ) STRICT;
      ALTER TABLE execution RENAME TO execution_1;
      DROP INDEX execution_state;
      CREATE TABLE execution (
        uuid TEXT PRIMARY KEY,
        origin INTEGER NOT NULL REFERENCES origin (id),
        owner TEXT REFERENCES owner (id) ON DELETE SET NULL,
        state TEXT NOT NULL,
        scope_uuid TEXT NOT NULL,
        session_uuid TEXT NOT NULL,
        contract TEXT NOT NULL,
        envelope BLOB NOT NULL,
        price TEXT,
        reason TEXT,
        transaction_hash TEXT,
        transaction_bytes BLOB,
        transaction_timeout_height TEXT,
        created_at_ms INTEGER NOT NULL,
        updated_at_ms INTEGER NOT NULL
      ) STRICT;
      CREATE INDEX execution_state ON execution (state, created_at_ms);
      CREATE INDEX execution_owner ON execution (owner) WHERE owner IS NOT NULL;
    `);
    target.run(
      "INSERT INTO origin (party, network) SELECT ?, ? WHERE EXISTS (SELECT 1 FROM execution_1)",
      party,
      network,
    );
    target.exec(`
      INSERT INTO execution (uuid, origin, state, scope_uuid, session_uuid, contract, envelope, reason, transaction_hash,
                             transaction_bytes, transaction_timeout_height, created_at_ms, updated_at_ms)
      SELECT e.uuid, o.id, e.state, e.scope_uuid, e.session_uuid, e.contract, e.envelope, e.reason, e.transaction_hash,
             e.transaction_bytes, e.transaction_timeout_height, e.created_at_ms, e.updated_at_ms
      FROM execution_1 e, origin o;
      DROP TABLE execution_1;
    `);
  },
};
