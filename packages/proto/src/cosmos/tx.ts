// Packages `cosmos.tx.v1beta1` and `cosmos.tx.signing.v1beta1`.
export * from "../gen/cosmos/tx/signing/v1beta1/signing_pb.ts";
export * from "../gen/cosmos/tx/v1beta1/service_pb.ts";
export * from "../gen/cosmos/tx/v1beta1/tx_pb.ts";
