import { amountOf, type Coins, FEE_DENOMINATION, subtractCoins } from "./coins.ts";
import type { Cost } from "./prices.ts";
import { plainRefusal, sdkRefusal } from "./refusal.ts";

/**
 * Gas here is synthetic: a fixed amount per transaction, signature and message and one per byte, so that equal
 * transactions use equal gas on every machine. The amounts are fitted to a node of v1.29: for the transactions of the
 * conformance suite they come within a third or so of its own. Limits and the reading of the gas field follow the
 * original (provenance: internal/antewrapper/utils.go, decorator_context_setup.go).
 */
const TRANSACTION_GAS_MAX = 4_000_000n;
/** What the transactions of a block may want together. */
export const BLOCK_GAS_MAX = 60_000_000n;
const DEFAULT_GAS = 500_000n;
const OLD_PRICES = [1905n, 9525n, 19050n];

const TRANSACTION_GAS = 72_000n;
const BYTE_GAS = 10n;
const SIGNATURE_GAS = 1_000n;
const MESSAGE_GAS = 15_000n;
const MESSAGE_BYTE_GAS = 20n;
/** What an unordered transaction takes more. */
export const UNORDERED_GAS = 2_240n;

/**
 * Part of `TRANSACTION_GAS`: what collecting the fee takes, up front and, where a message costs more than the default
 * price, the rest. A node collects nothing when it simulates, so its estimates lack that much (measured on 1.30.0).
 */
const COLLECTION_GAS = { upFront: 24_500n, rest: 23_800n } as const;

/** The chain ids on which the original charges nothing and limits no transaction's gas. */
export function isTestChain(chainId: string): boolean {
  return chainId === "" || chainId.startsWith("testchain");
}

/**
 * The gas a transaction counts for in its block, and the gas it may use.
 * @throws Refusal `undefined/1` for a fee in the style of gas prices, `sdk/41` over a limit
 */
export function gasAllowance(gasLimit: bigint, fee: Coins, chainId: string): { wanted: bigint; limit: bigint } {
  const wanted = gasWanted(gasLimit, amountOf(fee, FEE_DENOMINATION));
  const limited = !isTestChain(chainId);
  if (wanted > BLOCK_GAS_MAX) {
    throw sdkRefusal("invalidGasLimit", `tx gas limit ${wanted} exceeds block max gas ${BLOCK_GAS_MAX}`);
  }
  if (limited && wanted > TRANSACTION_GAS_MAX) {
    throw sdkRefusal("invalidGasLimit", `tx gas limit ${wanted} exceeds tx max gas ${TRANSACTION_GAS_MAX}`);
  }
  const standard = limited ? TRANSACTION_GAS_MAX : BLOCK_GAS_MAX / 2n;
  return { wanted, limit: wanted === DEFAULT_GAS ? standard : wanted };
}

function gasWanted(gasLimit: bigint, feeAmount: bigint): bigint {
  if (gasLimit === 0n) return DEFAULT_GAS;
  if (feeAmount === 0n) return gasLimit;
  if (feeAmount === gasLimit) return DEFAULT_GAS;
  if (OLD_PRICES.some((price) => feeAmount === gasLimit * price)) {
    throw plainRefusal("old gas-prices value detected; always use 1nhash");
  }
  return gasLimit;
}

/** Counts gas up to a limit. */
export class GasMeter {
  readonly limit: bigint;
  used = 0n;

  constructor(limit: bigint) {
    this.limit = limit;
  }

  /** @throws Refusal `sdk/11` */
  consume(amount: bigint, what: string): void {
    this.used += amount;
    if (this.used > this.limit) {
      throw sdkRefusal("outOfGas", `out of gas in location: ${what}; gasWanted: ${this.limit}, gasUsed: ${this.used}`);
    }
  }
}

/** What a transaction of that size takes before its messages run. */
export function admissionGas(sizeBytes: number, signatures: number): bigint {
  return TRANSACTION_GAS + BYTE_GAS * BigInt(sizeBytes) + SIGNATURE_GAS * BigInt(signatures);
}

/** What a simulation does not count. */
export function collectionGas({ upFront, total }: Cost): bigint {
  if (total.length === 0) return 0n;
  const hasRest = subtractCoins(total, upFront).length > 0;
  return COLLECTION_GAS.upFront + (hasRest ? COLLECTION_GAS.rest : 0n);
}

/** What a message of that size takes. */
export function messageGas(sizeBytes: number): bigint {
  return MESSAGE_GAS + MESSAGE_BYTE_GAS * BigInt(sizeBytes);
}
