import type { Migration } from "./migration.ts";

/** What others may write in this party's name, as far as it was looked after, and what they wrote without its yes. */
export const leaveWatchesStep: Migration = {
  version: 7,
  up(target) {
    target.exec(`
      CREATE TABLE leave_watch (
        grantee TEXT PRIMARY KEY,
        height INTEGER NOT NULL,
        uses INTEGER,
        changes INTEGER NOT NULL
      ) STRICT;
      CREATE TABLE unapproved_session (
        session_uuid TEXT PRIMARY KEY,
        scope_uuid TEXT NOT NULL,
        written_by TEXT NOT NULL,
        height INTEGER NOT NULL,
        on_ledger INTEGER NOT NULL,
        at_ms INTEGER NOT NULL
      ) STRICT;
      CREATE INDEX unapproved_session_age ON unapproved_session (at_ms);
    `);
  },
};
