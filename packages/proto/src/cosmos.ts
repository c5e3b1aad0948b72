// The part of the Cosmos surface a P8e client and the embedded ledger speak, one namespace per module.
export * as abci from "./cosmos/abci.ts";
export * as auth from "./cosmos/auth.ts";
export * as authz from "./cosmos/authz.ts";
export * as bank from "./cosmos/bank.ts";
export * as comet from "./cosmos/comet.ts";
export * as feegrant from "./cosmos/feegrant.ts";
export * as marker from "./cosmos/marker.ts";
export * as multisig from "./cosmos/multisig.ts";
export * as tendermint from "./cosmos/tendermint.ts";
export * as tx from "./cosmos/tx.ts";
export * as node from "./gen/cosmos/base/node/v1beta1/query_pb.ts";
export * as query from "./gen/cosmos/base/query/v1beta1/pagination_pb.ts";
export * as coin from "./gen/cosmos/base/v1beta1/coin_pb.ts";
export * as secp256k1 from "./gen/cosmos/crypto/secp256k1/keys_pb.ts";
export * as vesting from "./gen/cosmos/vesting/v1beta1/vesting_pb.ts";
