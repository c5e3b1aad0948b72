// Package `provenance.flatfees.v1`.
export * from "./gen/provenance/flatfees/v1/flatfees_pb.ts";
export * from "./gen/provenance/flatfees/v1/query_pb.ts";
