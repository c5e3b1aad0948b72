import { executionsStep } from "./0001-executions.ts";
import { ownersStep } from "./0002-origin-price-owner.ts";
import { agreementsStep } from "./0003-agreements.ts";
import { quarantineStep } from "./0004-quarantine.ts";
import { batchesStep } from "./0005-batches-tapes.ts";
import { sourceMapsStep } from "./0006-source-maps.ts";
import { leaveWatchesStep } from "./0007-leave-watches.ts";
import { consentsStep } from "./0008-consents.ts";
import { jvmRequestsStep } from "./0009-jvm-requests.ts";
import { unapprovedUsesStep } from "./0010-unapproved-uses.ts";
import { explainedLeaveStep } from "./0011-explained-leave.ts";
import type { Migration } from "./migration.ts";

/** All steps, by version from 1 on without a gap. */
export const migrations: readonly Migration[] = [
  executionsStep,
  ownersStep,
  agreementsStep,
  quarantineStep,
  batchesStep,
  sourceMapsStep,
  leaveWatchesStep,
  consentsStep,
  jvmRequestsStep,
  unapprovedUsesStep,
  explainedLeaveStep,
];
