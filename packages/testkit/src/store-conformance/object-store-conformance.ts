import { describe } from "node:test";
import { adminSuite } from "./admin-suite.ts";
import { authorizationSuite } from "./authorization-suite.ts";
import { healthSuite } from "./health-suite.ts";
import { mailboxSuite } from "./mailbox-suite.ts";
import { objectSuite } from "./object-suite.ts";
import { publicKeySuite } from "./public-key-suite.ts";
import { putValidationSuite } from "./put-validation-suite.ts";
import { replicationSuite } from "./replication-suite.ts";
import type { StoreHarness } from "./store-under-test.ts";

/**
 * What every object store of the family does, over its endpoint and its database. Registers tests with node:test.
 * The behaviours are those that the reference server's own integration tests assert, and the messages that its clients
 * match on; what ours does beyond that is tested with ours.
 */
export function objectStoreConformance(name: string, harness: StoreHarness): void {
  describe(`object store: ${name}`, () => {
    adminSuite(harness);
    publicKeySuite(harness);
    objectSuite(harness);
    putValidationSuite(harness);
    authorizationSuite(harness);
    mailboxSuite(harness);
    healthSuite(harness);
    replicationSuite(harness);
  });
}
