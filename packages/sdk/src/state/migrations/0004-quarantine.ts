import type { Migration } from "./migration.ts";

/** Letters that were set aside, each with its reason: so many of each, the newest. */
export const quarantineStep: Migration = {
  version: 4,
  up(target) {
    target.exec(`
      CREATE TABLE mail_quarantine (
        uuid TEXT PRIMARY KEY,
        at_ms INTEGER NOT NULL,
        reason TEXT NOT NULL,
        code TEXT NOT NULL,
        message TEXT NOT NULL,
        sender TEXT,
        bytes INTEGER NOT NULL
      ) STRICT;
      CREATE INDEX mail_quarantine_age ON mail_quarantine (reason, at_ms);
    `);
  },
};
