// Package `cosmos.auth.v1beta1`.
export * from "../gen/cosmos/auth/v1beta1/auth_pb.ts";
export * from "../gen/cosmos/auth/v1beta1/query_pb.ts";
