// Package `cosmos.base.tendermint.v1beta1`: the node's block service.
export * from "../gen/cosmos/base/tendermint/v1beta1/query_pb.ts";
export * from "../gen/cosmos/base/tendermint/v1beta1/types_pb.ts";
