import type { Migration } from "./migration.ts";

/**
 * What was found of others' use of leave, once for each block, told or not, also where no session is known for it. Of
 * watches, what should be left of the leave; what older files say of that may be out of date, so it is looked at anew.
 */
export const unapprovedUsesStep: Migration = {
  version: 10,
  up(target) {
    target.exec(`
      ALTER TABLE leave_watch ADD COLUMN changed_height INTEGER NOT NULL DEFAULT 0;
      ALTER TABLE leave_watch ADD COLUMN explained INTEGER NOT NULL DEFAULT 0;
      UPDATE leave_watch SET uses = NULL;
      CREATE TABLE unapproved_use (
        written_by TEXT NOT NULL,
        height INTEGER NOT NULL,
        scope_uuid TEXT NOT NULL,
        session_uuid TEXT NOT NULL,
        on_ledger INTEGER NOT NULL,
        at_ms INTEGER NOT NULL,
        told INTEGER NOT NULL,
        PRIMARY KEY (written_by, height, scope_uuid, session_uuid)
      ) STRICT;
      INSERT INTO unapproved_use (written_by, height, scope_uuid, session_uuid, on_ledger, at_ms, told)
        SELECT written_by, height, scope_uuid, session_uuid, on_ledger, at_ms, 0 FROM unapproved_session;
      DROP TABLE unapproved_session;
      CREATE INDEX unapproved_use_writer ON unapproved_use (written_by, at_ms);
      CREATE INDEX unapproved_use_untold ON unapproved_use (at_ms) WHERE told = 0;
    `);
  },
};
