// Packages `io.provenance.scope` and `io.provenance.scope.contract`: keys, contracts, envelopes, index options.
export * from "./gen/common_pb.ts";
export * from "./gen/io/provenance/scope/contract/common_pb.ts";
export * from "./gen/io/provenance/scope/contract/contract_pb.ts";
export * from "./gen/io/provenance/scope/contract/envelope_pb.ts";
export * from "./gen/io/provenance/scope/contract/index_pb.ts";
export * from "./gen/io/provenance/scope/contract/specification_pb.ts";
export * from "./gen/public_key_pb.ts";
export * from "./gen/util_pb.ts";
