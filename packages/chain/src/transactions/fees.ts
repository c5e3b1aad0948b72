import { P8eError } from "@p8e/core";
import { unpackAny } from "@p8e/proto/any";
import * as cosmos from "@p8e/proto/cosmos";
import type { LedgerMessage } from "../messages/ledger-message.ts";

/**
 * What a transaction costs on a chain with flat fees (Provenance 1.26 and later; provenance: x/flatfees,
 * internal/antewrapper/utils.go): each message type has a price, the whole offered fee is taken, gas is only a limit.
 */

/** The chain's own coin, in which fees are paid: 1 hash = 10^9 nhash. */
export const NHASH = "nhash";

/** So much of a coin, in its smallest unit. */
export interface Amount {
  readonly denomination: string;
  readonly amount: bigint;
}

/** How the chain turns the unit that prices are defined in, for instance thousandths of a dollar, into the coin charged. */
export interface FeeConversion {
  /** So much of the defining unit, `musd` on Provenance … */
  readonly defined: Amount;
  /** … is charged as so much of this coin. Governance or an oracle change it. */
  readonly charged: Amount;
}

/** Prices as the chain defines them, before they are converted into the coin that is charged. */
export interface DefinedPrices {
  /** By type URL. */
  readonly perType: ReadonlyMap<string, readonly Amount[]>;
  /** Of all other types. */
  readonly standard: readonly Amount[];
}

/** What one message costs. */
export interface MessageCost {
  readonly typeUrl: string;
  /** In nhash, nested messages included. */
  readonly cost: bigint;
}

/** What a transaction costs, and the gas limit that it is sent with. */
export interface TransactionCost {
  /** In nhash. The chain takes all of it when the transaction succeeds. */
  readonly fee: bigint;
  /** Everything offered, nhash and whatever other coin a message type is priced in. */
  readonly amounts: readonly Amount[];
  readonly gasLimit: bigint;
  /** From the chain's price list, one for each message in order. */
  readonly perMessage: readonly MessageCost[];
}

/** The most gas that a chain grants one transaction. */
export const GAS_LIMIT_MAX = 4_000_000n;
/** How much more than a simulation used is asked for. */
export const GAS_ADJUSTMENT = 1.3;
/**
 * A node leaves the collection of fees out when it simulates. That lacks about 24,500 gas, and about 48,300 where a
 * message costs more than the default price (measured on 1.30.0). Gas costs nothing, so this is more than enough.
 */
export const GAS_MARGIN = 100_000n;

/** Gas prices of the old model: a fee that is a multiple of the gas limit by one of them is refused as old-fashioned. */
const OLD_GAS_PRICES = [1905n, 9525n, 19_050n];

/** The gas limit to send with a simulation's estimate: that with some room, and what a simulation leaves out. */
export function gasLimitFor(estimatedGas: bigint, fee: bigint, adjustment: number = GAS_ADJUSTMENT): bigint {
  const thousandths = BigInt(Math.round(adjustment * 1000));
  return sendableGasLimit((estimatedGas * thousandths + 999n) / 1000n + GAS_MARGIN, fee);
}

/**
 * A gas limit as the chain will read it: capped, and moved by one where it would be taken for something else (a limit
 * equal to the fee means "no limit given", a limit times an old gas price means an old client).
 */
export function sendableGasLimit(wanted: bigint, fee: bigint): bigint {
  let limit = wanted > GAS_LIMIT_MAX ? GAS_LIMIT_MAX : wanted;
  const step = limit === GAS_LIMIT_MAX ? -1n : 1n;
  while (isMisreadGasLimit(limit, fee)) limit += step;
  return limit;
}

/** Whether a node would take a gas limit for none, or for that of an old client. */
export function isMisreadGasLimit(limit: bigint, fee: bigint): boolean {
  if (limit === 0n) return false;
  return limit === fee || OLD_GAS_PRICES.some((price) => fee === limit * price);
}

/** Prices by message type as the chain lists them, converted to the coin that is charged. */
export class PriceList {
  readonly #prices: ReadonlyMap<string, readonly Amount[]>;
  readonly #defaultPrice: readonly Amount[];

  constructor({ perType, standard }: DefinedPrices) {
    this.#prices = perType;
    this.#defaultPrice = standard;
  }

  /** Messages inside an authz Exec are charged too. */
  amounts(message: { readonly typeUrl: string; readonly value: Uint8Array }): readonly Amount[] {
    const own = this.#prices.get(message.typeUrl) ?? this.#defaultPrice;
    return addAmounts([own, ...nested(message).map((inner) => this.amounts(inner))]);
  }

  total(messages: readonly LedgerMessage[]): readonly Amount[] {
    return addAmounts(messages.map((message) => this.amounts(message)));
  }

  perMessage(messages: readonly LedgerMessage[]): readonly MessageCost[] {
    return messages.map((message) => ({ typeUrl: message.typeUrl, cost: nhashOf(this.amounts(message)) }));
  }
}

/** The nhash among amounts; zero when there is none. */
export function nhashOf(amounts: readonly Amount[]): bigint {
  return amounts.find((amount) => amount.denomination === NHASH)?.amount ?? 0n;
}

/** Amounts as messages carry them. */
export function toCoins(amounts: readonly Amount[]): { denom: string; amount: string }[] {
  return amounts.map(({ denomination, amount }) => ({ denom: denomination, amount: amount.toString() }));
}

/** @throws `rpc.protocol` if an amount is not a whole number */
export function parseCoins(coins: readonly { readonly denom: string; readonly amount: string }[]): readonly Amount[] {
  return coins.map(({ denom, amount }) => {
    if (!/^\d{1,80}$/.test(amount)) {
      throw new P8eError("rpc.protocol", "the node sent an amount that is not a whole number", {
        facts: { denomination: denom.slice(0, 128) },
      });
    }
    return { denomination: denom, amount: BigInt(amount) };
  });
}

function nested(message: { readonly typeUrl: string; readonly value: Uint8Array }) {
  if (message.typeUrl !== `/${cosmos.authz.MsgExecSchema.typeName}`) return [];
  return unpackAny({ $typeName: "google.protobuf.Any", ...message }, cosmos.authz.MsgExecSchema).msgs;
}

/** One amount a denomination, sorted by it, zeros left out: the only form a fee may have. */
export function addAmounts(lists: readonly (readonly Amount[])[]): readonly Amount[] {
  const sums = new Map<string, bigint>();
  for (const { denomination, amount } of lists.flat()) {
    sums.set(denomination, (sums.get(denomination) ?? 0n) + amount);
  }
  return [...sums]
    .filter(([, amount]) => amount > 0n)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([denomination, amount]) => ({ denomination, amount }));
}
