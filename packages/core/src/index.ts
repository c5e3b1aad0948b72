export {
  type AccountAddress,
  type AccountPrefix,
  accountAddressFromBytes,
  accountAddressToBytes,
  parseAccountAddress,
  parseAccountPrefix,
} from "./account-address.ts";
export { bech32Decode, bech32Encode } from "./bech32-text.ts";
export type { Brand } from "./brand.ts";
export {
  base64Decode,
  base64Encode,
  compareBytes,
  concatBytes,
  equalBytes,
  hexDecode,
  hexEncode,
  utf8Decode,
  utf8Encode,
} from "./bytes.ts";
export { type CallOptions, callSignal } from "./call-options.ts";
export { cancellationOf, throwIfCancelled, untilCancelled } from "./cancellation.ts";
export { type Clock, systemClock } from "./clock.ts";
export { closestName, didYouMean } from "./closest-name.ts";
export {
  type ContentHash,
  ContentHashCheck,
  contentHashFromBytes,
  contentHashToBytes,
  contentMatches,
  digestToContentHash,
  type HashAlgorithm,
  type HashForm,
  hashContent,
  parseContentHash,
  SHA256_FORM,
  SHA256_TRUNCATED_FORM,
  sha256,
  sha512,
} from "./content-hash.ts";
export { type ErrorCode, type GrpcStatus, isErrorCode, type WireStatus, wire } from "./error-codes.ts";
export { type ErrorDetails, hasCode, invariant, isP8eError, P8eError } from "./errors.ts";
export type { Facts, FactsByCode, FactsOf, FactValue } from "./facts.ts";
export { jsonSchemaOf } from "./json-schema.ts";
export { mapAtMost } from "./map-at-most.ts";
export {
  type ContractSpecificationAddress,
  contractSpecificationAddress,
  isMetadataAddressOf,
  type MetadataAddress,
  type MetadataAddressParts,
  type MetadataKind,
  metadataAddressFromBytes,
  metadataAddressFromHash,
  metadataAddressParts,
  metadataAddressToBytes,
  parseMetadataAddress,
  type RecordAddress,
  type RecordSpecificationAddress,
  recordAddress,
  recordSpecificationAddress,
  type ScopeAddress,
  type ScopeSpecificationAddress,
  type SessionAddress,
  scopeAddress,
  scopeDenomination,
  scopeSpecificationAddress,
  sessionAddress,
} from "./metadata-address.ts";
export { goNameHash, nameHash } from "./name-hash.ts";
export {
  encryptionPathBeside,
  type Network,
  type NetworkEndpoint,
  type NetworkFees,
  networkNamed,
  networks,
  networkToJson,
  parseNetwork,
} from "./network.ts";
export { Pacer } from "./pacer.ts";
export { type JsonContext, parseJson, parseShape, type ShapeContext } from "./parse-shape.ts";
export { pause } from "./pause.ts";
export { jittered, type RetryOptions, retry } from "./retry.ts";
export { isRole, parseRole, type Role, roleFromNumber, roles } from "./role.ts";
export { type Shape, type ShapeFields, shape, type ValueOf } from "./shape.ts";
export { siblingModule } from "./sibling-module.ts";
export { transactionHash } from "./transaction-hash.ts";
export { Turns } from "./turns.ts";
export { isUuid, parseUuid, type RandomBytes, randomUuid, type Uuid, uuidFromBytes, uuidToBytes } from "./uuid.ts";
