import type { Migration } from "./migration.ts";

/** Sessions that parties of the JVM's SDK ask this party to sign: they can be refused. */
export const jvmRequestsStep: Migration = {
  version: 9,
  up(target) {
    target.exec(`
      CREATE TABLE jvm_request (
        execution TEXT PRIMARY KEY,
        state TEXT NOT NULL,
        invoker TEXT NOT NULL,
        request BLOB NOT NULL,
        request_signature BLOB NOT NULL,
        request_signer BLOB NOT NULL,
        reason TEXT,
        received_at_ms INTEGER NOT NULL
      ) STRICT;
      CREATE INDEX jvm_request_state ON jvm_request (state, received_at_ms);
    `);
  },
};
