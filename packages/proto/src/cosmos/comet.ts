// Packages `tendermint.types`, `.crypto`, `.p2p` and `.version`: blocks as consensus keeps them.
export * from "../gen/tendermint/crypto/keys_pb.ts";
export * from "../gen/tendermint/p2p/types_pb.ts";
export * from "../gen/tendermint/types/block_pb.ts";
export * from "../gen/tendermint/types/evidence_pb.ts";
export * from "../gen/tendermint/types/types_pb.ts";
export * from "../gen/tendermint/types/validator_pb.ts";
export * from "../gen/tendermint/version/types_pb.ts";
