export { packAny } from "@p8e/proto/pack-any";
export {
  type AnyContract,
  type Contract,
  defineContract,
  type FunctionContext,
  optional,
  type Proposals,
  type RecordRequirement,
  required,
} from "./author/define-contract.ts";
export { RuleViolation, type RuleViolationDetails, refuse } from "./author/rule-violation.ts";
export { defineScopeSpecification, type ScopeSpecification } from "./author/scope-specification.ts";
export { type ScopeRecords, type Trial, tryContract } from "./author/try-contract.ts";
// Below: for programs that build, publish or run contracts. None of it exists inside the sandbox.
export {
  type BuildContractOptions,
  type BuiltContract,
  buildContract,
  bundleCorrupt,
  type DescribeBundle,
  verifyManifest,
} from "./bundle/build-contract.ts";
export { locatedFailure } from "./bundle/located-failure.ts";
export {
  bundlePositions,
  isOfLibrary,
  type SourcePlace,
  type SourcePlaces,
  sourcePlaces,
} from "./bundle/source-places.ts";
export { abiLimits, BUNDLE_BYTES_MAX, CONTRACT_ABI, type ExecutionLimits } from "./domain/abi.ts";
export { type BundleHeader, bundleHeaderLine, parseBundleHeader, requireAbi } from "./domain/bundle-header.ts";
export {
  contractSpecificationMessage,
  recordSpecificationMessages,
  scopeSpecificationMessage,
  scopeSpecificationUuid,
} from "./domain/chain-specification.ts";
export { checkScopeSpecification, isUpdateOnly, unknownScopes } from "./domain/check-scope-specification.ts";
export {
  type ContractBreak,
  type ContractChange,
  compareContracts,
  compareMessages,
} from "./domain/compare-contracts.ts";
export {
  type ContractManifest,
  type DescribedContract,
  describedContract,
  type ManifestFunction,
  type ManifestInput,
  type ManifestObject,
  type ManifestRecord,
  type ManifestType,
  manifestText,
} from "./domain/contract-manifest.ts";
export {
  CONTRACT_SPEC_CLASS,
  type ContractSpecification,
  contractSpecification,
} from "./domain/contract-specification.ts";
export { type ContractTypes, parseContractTypes } from "./domain/contract-types.ts";
export { classNameOfContract, type EncodedProposal, encodeProposals } from "./domain/encode-proposals.ts";
export { contractInvalid, type Fault, faultText } from "./domain/fault.ts";
export type { LoadIndex } from "./guest/serve-contract.ts";
