import { addCoins, type Coin, type Coins, FEE_DENOMINATION } from "./coins.ts";

/**
 * The public networks' price list of v1.26 (provenance: app/upgrades.go, MakeFlatFeesCosts) as far as the embedded
 * ledger has the messages. Prices are in `musd`, a thousandth of a dollar; 25 musd are 1,000,000,000 nhash.
 */
export const PRICE_DENOMINATION = "musd";
/** Of a message that has no price of its own. */
export const DEFAULT_PRICE = 150n;
/** So many `musd` are charged as so many nhash. */
export const conversionFactor = { definition: 25n, converted: 1_000_000_000n } as const;

const metadataPrices = {
  MsgWriteScopeRequest: 1000n,
  MsgAddContractSpecToScopeSpecRequest: 1000n,
  MsgDeleteContractSpecFromScopeSpecRequest: 1000n,
  MsgWriteSessionRequest: 500n,
  MsgWriteScopeSpecificationRequest: 500n,
  MsgWriteContractSpecificationRequest: 500n,
  MsgWriteRecordSpecificationRequest: 500n,
  MsgUpdateValueOwnersRequest: 500n,
  MsgMigrateValueOwnerRequest: 500n,
  MsgAddNetAssetValuesRequest: 5n,
} as const;

/** Of messages that do not cost the default, by type URL, ascending. */
export const prices: ReadonlyMap<string, bigint> = new Map(
  [
    ...Object.entries(metadataPrices).map(([name, price]) => [`/provenance.metadata.v1.${name}`, price] as const),
    ["/cosmos.authz.v1beta1.MsgExec", 50n] as const,
    ["/cosmos.authz.v1beta1.MsgGrant", 100n] as const,
    ["/cosmos.authz.v1beta1.MsgRevoke", 50n] as const,
    ["/cosmos.bank.v1beta1.MsgSend", 50n] as const,
    ["/cosmos.feegrant.v1beta1.MsgGrantAllowance", 100n] as const,
  ].sort(([left], [right]) => (left < right ? -1 : 1)),
);

/** Converted amounts round up. */
export function convertPrice(price: bigint): Coin {
  const { definition, converted } = conversionFactor;
  return { denom: FEE_DENOMINATION, amount: (price * converted + definition - 1n) / definition };
}

/** What a transaction costs: `upFront` is kept even when it fails, `total` is taken when it succeeds. */
export interface Cost {
  readonly upFront: Coins;
  readonly total: Coins;
}

/** @param messageTypes type URLs of all messages, those inside others included */
export function costOf(messageTypes: readonly string[]): Cost {
  const standard = convertPrice(DEFAULT_PRICE);
  let upFront: Coins = [];
  let total: Coins = [];
  for (const type of messageTypes) {
    const price = convertPrice(prices.get(type) ?? DEFAULT_PRICE);
    total = addCoins(total, [price]);
    upFront = addCoins(upFront, [price.amount < standard.amount ? price : standard]);
  }
  return { upFront, total };
}
