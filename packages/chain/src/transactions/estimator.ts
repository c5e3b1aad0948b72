import { type AccountAddress, isP8eError, type P8eError, untilCancelled } from "@p8e/core";
import type { NodeEndpoint } from "../endpoint/endpoint.ts";
import type { LedgerMessage } from "../messages/ledger-message.ts";
import { calculateFees, fetchPriceList } from "../queries/fee-queries.ts";
import { parseSequenceMismatch, transactionError, verdictOfText } from "./errors.ts";
import { GAS_LIMIT_MAX, gasLimitFor, nhashOf, type PriceList, sendableGasLimit, type TransactionCost } from "./fees.ts";
import type { TransactionSigner } from "./transaction.ts";
import { unsignedBytes } from "./transaction.ts";

/**
 * What a transaction would cost. `simulated` asks the node, which runs the messages on the state of the last block and
 * so also refuses what would fail; `listed` adds up the price list and needs no state, for messages that build on
 * others which are not in a block yet.
 */
export type Pricing = "simulated" | "listed";

/** What a price depends on. */
export interface EstimateContent {
  readonly messages: readonly LedgerMessage[];
  readonly signers: readonly TransactionSigner[];
  readonly feeGranter?: AccountAddress | undefined;
  readonly memo?: string | undefined;
  readonly pricing?: Pricing | undefined;
  /** Of the estimated gas; 1.3 unless given. 100,000 come on top. Gas costs nothing, running out of it does. */
  readonly gasAdjustment?: number | undefined;
}

/** Generous, since gas is a limit and not a price. */
const LISTED_GAS = { least: 500_000n, perMessage: 300_000n } as const;
const SEQUENCE_CORRECTIONS_MAX = 15;

/** Prices transactions: by trying them on the node, or by the node's price list. */
export class FeeEstimator {
  readonly #node: NodeEndpoint;
  #prices: Promise<PriceList> | undefined;

  constructor(node: NodeEndpoint) {
    this.#node = node;
  }

  /** @throws `ledger.transaction_refused` and its like, phase `simulate`, when the messages would fail now */
  async estimate(content: EstimateContent, signal?: AbortSignal): Promise<TransactionCost> {
    const prices = await this.prices(signal);
    const perMessage = prices.perMessage(content.messages);
    if (content.pricing === "listed") {
      const gas = LISTED_GAS.perMessage * BigInt(content.messages.length);
      const wanted = gas > LISTED_GAS.least ? gas : LISTED_GAS.least;
      const listed = prices.total(content.messages);
      const listedFee = nhashOf(listed);
      return { fee: listedFee, amounts: listed, gasLimit: sendableGasLimit(wanted, listedFee), perMessage };
    }
    const { amounts, estimatedGas } = await this.#simulate(content, signal);
    const fee = nhashOf(amounts);
    return { fee, amounts, gasLimit: gasLimitFor(estimatedGas, fee, content.gasAdjustment), perMessage };
  }

  /** The chain's price list, asked for once. */
  async prices(signal?: AbortSignal): Promise<PriceList> {
    // Shared by all who wait, so that none of them can cancel it for the others.
    this.#prices ??= fetchPriceList(this.#node).catch((error: unknown) => {
      this.#prices = undefined;
      throw error;
    });
    return untilCancelled(this.#prices, signal);
  }

  /** Prices have changed: ask again. */
  forgetPrices(): void {
    this.#prices = undefined;
  }

  async #simulate(content: EstimateContent, signal: AbortSignal | undefined) {
    let { signers } = content;
    for (let correction = 0; ; correction += 1) {
      try {
        return await calculateFees(this.#node, simulationBytes({ ...content, signers }), signal);
      } catch (error) {
        const failure = simulationError(error);
        const mismatch = parseSequenceMismatch(String(failure.facts["log"] ?? ""));
        // Fees do not depend on the sequence: take the one the node wants. Which signer's it was, nobody says.
        const [only] = signers;
        if (!mismatch || signers.length !== 1 || !only || correction === SEQUENCE_CORRECTIONS_MAX) throw failure;
        // Two nodes that answer in turn and disagree would each get what the other wants: now and then it is kept.
        if (correction % 3 !== 2) signers = [{ ...only, sequence: mismatch.expected }];
      }
    }
  }
}

function simulationBytes(content: EstimateContent): Uint8Array {
  return unsignedBytes({ ...content, amounts: [], gasLimit: GAS_LIMIT_MAX, timeoutHeight: 0n });
}

/** A simulation that fails answers with an unspecific gRPC error; what the transaction did wrong is in its text. */
function simulationError(error: unknown): P8eError {
  if (!isP8eError(error)) throw error;
  const failed = error.code === "rpc.failed" || error.code === "input.invalid" || error.code === "ledger.not_found";
  if (!failed) return error;
  const text = error.message.replace(/^the node: /, "");
  return transactionError({ ...verdictOfText(text), phase: "simulate" });
}
