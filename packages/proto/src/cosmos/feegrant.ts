// Package `cosmos.feegrant.v1beta1`.
export * from "../gen/cosmos/feegrant/v1beta1/feegrant_pb.ts";
export * from "../gen/cosmos/feegrant/v1beta1/query_pb.ts";
export * from "../gen/cosmos/feegrant/v1beta1/tx_pb.ts";
