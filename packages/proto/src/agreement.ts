// Package `p8e.agreement.v1`: what parties say to each other about a session that several sign.
export * from "./gen/p8e/agreement/v1/agreement_pb.ts";
