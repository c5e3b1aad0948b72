import type { Migration } from "./migration.ts";

/**
 * Sessions that several parties sign, from both sides, and the mail between them; every step of every execution. What
 * was before has no steps: nobody wrote them down.
 */
export const agreementsStep: Migration = {
  version: 3,
  up(target) {
    target.exec(`
      CREATE TABLE transition (
        id INTEGER PRIMARY KEY,
        execution TEXT NOT NULL,
        side TEXT NOT NULL,
        from_state TEXT,
        to_state TEXT NOT NULL,
        at_ms INTEGER NOT NULL,
        actor TEXT NOT NULL,
        cause TEXT NOT NULL
      ) STRICT;
      CREATE INDEX transition_execution ON transition (execution, id);
      CREATE TABLE agreement (
        execution TEXT PRIMARY KEY REFERENCES execution (uuid),
        deadline_ms INTEGER NOT NULL,
        request BLOB NOT NULL,
        request_signature BLOB NOT NULL,
        request_signer BLOB NOT NULL,
        sendings INTEGER NOT NULL,
        told INTEGER NOT NULL,
        revision INTEGER NOT NULL
      ) STRICT;
      CREATE INDEX agreement_untold ON agreement (execution) WHERE told = 0;
      CREATE TABLE signer (
        execution TEXT NOT NULL REFERENCES agreement (execution),
        position INTEGER NOT NULL,
        address TEXT NOT NULL,
        signing_key BLOB NOT NULL,
        encryption_key BLOB NOT NULL,
        stand TEXT NOT NULL,
        mail BLOB,
        mail_signature BLOB,
        PRIMARY KEY (execution, position)
      ) STRICT;
      CREATE TABLE approval (
        execution TEXT PRIMARY KEY,
        origin INTEGER NOT NULL REFERENCES origin (id),
        state TEXT NOT NULL,
        invoker TEXT NOT NULL,
        scope_uuid TEXT NOT NULL,
        session_uuid TEXT NOT NULL,
        contract TEXT NOT NULL,
        deadline_ms INTEGER NOT NULL,
        request BLOB NOT NULL,
        request_signature BLOB NOT NULL,
        request_signer BLOB NOT NULL,
        answer BLOB,
        reason TEXT,
        granted INTEGER NOT NULL,
        received_at_ms INTEGER NOT NULL,
        updated_at_ms INTEGER NOT NULL,
        revision INTEGER NOT NULL
      ) STRICT;
      CREATE INDEX approval_state ON approval (state, received_at_ms);
      CREATE INDEX approval_granted ON approval (invoker) WHERE granted = 1;
      CREATE TABLE mail_received (
        uuid TEXT PRIMARY KEY,
        at_ms INTEGER NOT NULL
      ) STRICT;
      CREATE TABLE mail_outgoing (
        id INTEGER PRIMARY KEY,
        execution TEXT NOT NULL,
        type TEXT NOT NULL,
        content BLOB NOT NULL,
        readers BLOB NOT NULL,
        sent_at_ms INTEGER
      ) STRICT;
      CREATE INDEX mail_outgoing_unsent ON mail_outgoing (id) WHERE sent_at_ms IS NULL;
    `);
  },
};
