// Package `provenance.marker.v1`: the account type only.
export * from "../gen/provenance/marker/v1/accessgrant_pb.ts";
export * from "../gen/provenance/marker/v1/marker_pb.ts";
