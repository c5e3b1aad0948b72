// Package `cosmos.authz.v1beta1`.
export * from "../gen/cosmos/authz/v1beta1/authz_pb.ts";
export * from "../gen/cosmos/authz/v1beta1/event_pb.ts";
export * from "../gen/cosmos/authz/v1beta1/query_pb.ts";
export * from "../gen/cosmos/authz/v1beta1/tx_pb.ts";
