// Packages `cosmos.crypto.multisig` and `cosmos.crypto.multisig.v1beta1`.
export * from "../gen/cosmos/crypto/multisig/keys_pb.ts";
export * from "../gen/cosmos/crypto/multisig/v1beta1/multisig_pb.ts";
