// Package `cosmos.bank.v1beta1`.
export * from "../gen/cosmos/bank/v1beta1/authz_pb.ts";
export * from "../gen/cosmos/bank/v1beta1/bank_pb.ts";
export * from "../gen/cosmos/bank/v1beta1/query_pb.ts";
export * from "../gen/cosmos/bank/v1beta1/tx_pb.ts";
