import type { Migration } from "./migration.ts";

/** Executions whose use of leave is counted: each explains its own once. */
export const explainedLeaveStep: Migration = {
  version: 11,
  up(target) {
    target.exec("CREATE TABLE explained_leave (execution TEXT PRIMARY KEY) STRICT");
  },
};
