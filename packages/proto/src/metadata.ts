// Package `provenance.metadata.v1`: scopes, sessions, records, specifications; messages, queries, events.
export * from "./gen/provenance/metadata/v1/events_pb.ts";
export * from "./gen/provenance/metadata/v1/metadata_pb.ts";
export * from "./gen/provenance/metadata/v1/objectstore_pb.ts";
export * as p8e from "./gen/provenance/metadata/v1/p8e/p8e_pb.ts";
export * from "./gen/provenance/metadata/v1/query_pb.ts";
export * from "./gen/provenance/metadata/v1/scope_pb.ts";
export * from "./gen/provenance/metadata/v1/specification_pb.ts";
export * from "./gen/provenance/metadata/v1/tx_pb.ts";
