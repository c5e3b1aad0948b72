import { fileURLToPath } from "node:url";

export { type BrokenSample, brokenSamples } from "./broken-samples.ts";
export { type ContractSample, loadContractSample } from "./contract-samples.ts";
export { default as recordLoan, scopeSpecification } from "./contracts/record-loan.ts";
export { ENoteSchema } from "./gen/io/dartinc/registry/v1beta1/registry_pb.ts";
export { AssetSchema } from "./gen/tech/figure/asset/v1beta1/asset_pb.ts";
export { LoanDocumentsSchema } from "./gen/tech/figure/loan/v1beta1/loan_documents_pb.ts";
export { type Loan, LoanSchema } from "./gen/tech/figure/loan/v1beta1/loan_pb.ts";
export { ServicingDataSchema } from "./gen/tech/figure/servicing/v1beta1/loan_state_pb.ts";
export { ServicingRightsSchema } from "./gen/tech/figure/servicing/v1beta1/servicing_rights_pb.ts";
export { LoanValidationSchema } from "./gen/tech/figure/validation/v1beta2/validation_pb.ts";
export { contractEntryOf, type LoanContractName, loanContracts } from "./loan-contracts.ts";
export {
  documentUri,
  inputSchemas,
  type LoanPackage,
  loadSamplePackage,
  type SampleDocument,
  type SamplePackageName,
  type StoredDocument,
  sampleDocuments,
} from "./sample-packages.ts";
export { syntheticDocument } from "./synthetic-document.ts";

/** The file to build: the source, which a package carries too. */
export const contractEntry: string = fileURLToPath(new URL("../src/contracts/record-loan.ts", import.meta.url));
