export { type BlobServer, optionalBlobServer } from "./blob-servers/blob-server.ts";
export { type EventuallyOptions, eventually } from "./eventually.ts";
export * as ledgerMessages from "./ledger-conformance/messages.ts";
export {
  ledgerConformance,
  ledgerConformanceCases,
  PLANNED_CASES,
  uncoveredCases,
} from "./ledger-conformance/suite.ts";
export { type Actor, actor, packed, transactionBytes } from "./ledger-conformance/transaction.ts";
export { type LedgerUnderTest, World } from "./ledger-conformance/world.ts";
export {
  type Comparison,
  compareLedgers,
  type Difference,
  type DifferentialOptions,
} from "./ledger-differential/differential.ts";
export { prepareLocalPostgres } from "./local-postgres/prepared-postgres.ts";
export { type OriginalStore, optionalOriginalStore } from "./original-store/find-original-store.ts";
export { probePort } from "./port-probes.ts";
export { findProvenanced, optionalProvenanced, type Provenanced } from "./provenanced/find-provenanced.ts";
export { type ProvenancedNode, startProvenanced } from "./provenanced/provenanced-node.ts";
export { expectStatus } from "./store-conformance/expect-status.ts";
export {
  buildContainer,
  CONTAINER_UUID,
  type ContainerOptions,
  newHash,
  newParties,
  newParty,
  patternBytes,
  SIGNATURE,
  SIGNATURE_PUBLIC_KEY,
  storedForm,
  type TestParty,
} from "./store-conformance/fixtures.ts";
export { localStoreVariables } from "./store-conformance/local-store-variables.ts";
export { objectStoreConformance } from "./store-conformance/object-store-conformance.ts";
export {
  type ChunkInit,
  dataChunk,
  endChunk,
  type Got,
  type PutOptions,
  propertyChunk,
  putMessages,
  StoreClient,
  streamHeader,
} from "./store-conformance/store-client.ts";
export { StoreDatabase } from "./store-conformance/store-database.ts";
export { type StoreDifference, storeDifferences } from "./store-conformance/store-differences.ts";
export type { RunningStore, StoreHarness, TestDatabase } from "./store-conformance/store-under-test.ts";
export { sharedStore, storeEnvironment, TestStore } from "./store-conformance/test-store.ts";
