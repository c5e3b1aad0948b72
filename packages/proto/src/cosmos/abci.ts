// Packages `cosmos.base.abci.v1beta1` and `tendermint.abci`: results and events.
export * from "../gen/cosmos/base/abci/v1beta1/abci_pb.ts";
export * from "../gen/tendermint/abci/types_pb.ts";
