// Package `p8e.ledger.v1`: what only the embedded ledger can do.
export * from "./gen/p8e/ledger/v1/development_pb.ts";
