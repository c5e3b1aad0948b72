// Package `io.provenance.scope.encryption`: the envelope (DIME) of one object, its audience and payloads.
export * from "./gen/encryption/encryption_pb.ts";
