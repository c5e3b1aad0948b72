import { type LedgerSigner, ledgerSigner, type TransactionCost } from "@p8e/chain";
import type { PartyParts } from "../parts.ts";
import { comparePublication, type PublicationComparison } from "./compare-publication.ts";
import {
  applyPublication,
  type PublicationPlan,
  type PublicationRequest,
  type PublicationResult,
  planPublication,
  pricePublication,
} from "./publication.ts";

/** Publishes contracts for a party: code, types and specification into its store, what may be written onto the ledger. */
export class Publisher {
  readonly #parts: Pick<PartyParts, "party" | "store" | "chain" | "sandbox" | "state" | "feeMax">;
  readonly #signer: LedgerSigner;

  constructor(parts: Pick<PartyParts, "party" | "store" | "chain" | "sandbox" | "state" | "network" | "feeMax">) {
    this.#parts = parts;
    this.#signer = ledgerSigner(parts.party.signing, parts.network.accountPrefix);
  }

  /**
   * Compares a built contract with the ledger; nothing is stored or written. Safe to repeat.
   * @throws `contract.invalid` with all faults; what the ledger throws
   */
  plan(
    request: PublicationRequest,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<PublicationPlan> {
    return planPublication({ ...this.#parts, signer: this.#signer }, request, options);
  }

  /**
   * Compares a built contract with the one that sessions find under its name, and with those linked to the same scopes;
   * see {@link comparePublication}.
   */
  compare(
    request: Pick<PublicationRequest, "built" | "scopes">,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<PublicationComparison> {
    const { party, ...parts } = this.#parts;
    return comparePublication({ ...parts, key: party.encryption, publisher: this.#signer.address }, request, options);
  }

  /**
   * What each transaction of a plan will cost, by the node's price list; nothing is stored or written.
   * @throws `ledger.fee_ceiling` when one would cost more than it may; what the ledger throws
   */
  price(
    plan: PublicationPlan,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<readonly TransactionCost[]> {
    return pricePublication({ ...this.#parts, signer: this.#signer }, plan, options);
  }

  /**
   * Does what a plan says: stores the objects, reads each back, then writes what the ledger lacks.
   * @param options `onCost` is told each transaction's cost before it is signed; throwing stops it there
   * @throws `ledger.fee_ceiling` when one of the transactions would cost more than it may; nothing is stored or sent
   * @throws what store and ledger throw; `object.hash_mismatch` when the store gives back something else
   */
  publish(
    plan: PublicationPlan,
    options: {
      readonly signal?: AbortSignal | undefined;
      readonly onCost?: (cost: TransactionCost) => void | Promise<void>;
    } = {},
  ): Promise<PublicationResult> {
    return applyPublication({ ...this.#parts, signer: this.#signer }, plan, options);
  }
}
