import {
  type Amount,
  addScopeDataAccess,
  deleteScopeDataAccess,
  type LedgerMessage,
  type LedgerSigner,
  ledgerSigner,
  requireWithinCeiling,
  type SubmitOptions,
  type TransactionCost,
  type TransactionReceipt,
  updateValueOwners,
} from "@p8e/chain";
import { type AccountAddress, P8eError, type ScopeAddress } from "@p8e/core";
import type { PartyParts } from "../parts.ts";
import type { Affiliate } from "../session/affiliate.ts";
import { readScope } from "../session/scope-snapshot.ts";
import { isWithin } from "../state/price.ts";
import { ownScopes } from "./own-scopes.ts";
import { type ResharedObjects, type ReshareOptions, reshareObjects } from "./reshare-objects.ts";
import { accessOf, isOwner, readingAddress } from "./scope-access.ts";
import { readScopeObjects, type ScopeObject } from "./scope-objects.ts";

/** What a change of a scope is to write, with its price; nothing is written or shared yet. */
export interface ScopePlan {
  readonly scope: ScopeAddress;
  /** Empty where the ledger says already what it is to say. */
  readonly messages: readonly LedgerMessage[];
  /** The most that the messages cost; undefined without any. */
  readonly cost: TransactionCost | undefined;
  /** Who pays, unless it is this party. */
  readonly feeGranter?: AccountAddress | undefined;
}

/** A reader to come, and what is to be wrapped for it. */
export interface SharePlan extends ScopePlan {
  readonly reader: Affiliate;
  readonly objects: readonly ScopeObject[];
}

/** A reader who is to have no more. */
export interface UnsharePlan extends ScopePlan {
  readonly reader: Affiliate;
}

/** Where the value of a scope is to go. */
export interface TransferPlan extends ScopePlan {
  readonly from: AccountAddress;
  readonly to: AccountAddress;
}

/** How a plan is made. */
export interface PlanOptions {
  /** An account whose fee allowance covers this party. */
  readonly feeGranter?: AccountAddress | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How a plan is carried out. */
export type CarryOutOptions = ReshareOptions & Pick<SubmitOptions, "onSigned">;

/**
 * What a party changes of scopes beside sessions: who may read, and who holds the value. Each change is planned first,
 * which tells its price and changes nothing, and is carried out at no more than that. A change that was interrupted is
 * planned again: what has been done by then is found done.
 *
 * @example
 * const plan = await scopes.planShare(scope, bank);
 * const { added } = await scopes.share(plan);
 */
export class Scopes {
  readonly #parts: PartyParts;
  readonly #signer: LedgerSigner;

  constructor(parts: PartyParts) {
    this.#parts = parts;
    this.#signer = ledgerSigner(parts.party.signing, parts.network.accountPrefix);
  }

  /** Addresses of the scopes that this party owns or may read, as the ledger has them. @throws what the ledger throws */
  own(options: { readonly signal?: AbortSignal | undefined } = {}): AsyncIterable<ScopeAddress> {
    return ownScopes(this.#parts, options);
  }

  /**
   * What it takes that a reader can read a scope: data access on the ledger, and every object of the scope wrapped for
   * its key. Owners need no data access.
   * @throws `ledger.not_found`; `object.…`, `contract.…` when this party cannot read the scope itself; as
   *   `ChainClient.estimate`, with `missingAddresses` when others own the scope too and have not let this party do it
   */
  async planShare(scope: ScopeAddress, reader: Affiliate, options: PlanOptions = {}): Promise<SharePlan> {
    const { chain, network, party } = this.#parts;
    const { signal } = options;
    const snapshot = await readScope(chain, scope, { signal });
    const prefix = network.accountPrefix;
    const isListed = isOwner(snapshot, reader, prefix) || accessOf(snapshot, reader, prefix).length > 0;
    const dataAccess = [readingAddress(reader, prefix)];
    const messages = isListed ? [] : [addScopeDataAccess({ scope, dataAccess, signers: [this.#signer.address] })];
    const cost = await this.#price(messages, options);
    const objects = await readScopeObjects({ ...this.#parts, key: party.encryption }, snapshot, { signal });
    return { scope, reader, messages, cost, objects, feeGranter: options.feeGranter };
  }

  /**
   * Wraps the objects for the reader, then writes its access: whoever the ledger names can read by then.
   * @throws `scope.incomplete` with the objects that this party's store does not have; nothing is written then
   */
  async share(
    plan: SharePlan,
    options: CarryOutOptions = {},
  ): Promise<ResharedObjects & { readonly receipt: TransactionReceipt | undefined }> {
    const reshared = await this.reshare(plan.objects, [plan.reader], options);
    return { ...reshared, receipt: await this.#write(plan, options) };
  }

  /** The objects' part of {@link share}: single objects can be shared without a scope. */
  reshare(
    objects: readonly ScopeObject[],
    readers: readonly Affiliate[],
    options: ReshareOptions = {},
  ): Promise<ResharedObjects> {
    const { store, party } = this.#parts;
    const audience = readers.map(({ encryptionKey }) => encryptionKey);
    return reshareObjects({ store, key: party.encryption }, objects, audience, options);
  }

  /**
   * What takes a reader's data access away. Sessions to come share nothing with it; what it can open it keeps, since
   * nobody can take a key back.
   * @throws `input.invalid` for an owner, who reads as such; as {@link planShare}
   */
  async planUnshare(scope: ScopeAddress, reader: Affiliate, options: PlanOptions = {}): Promise<UnsharePlan> {
    const { chain, network } = this.#parts;
    const snapshot = await readScope(chain, scope, { signal: options.signal });
    if (isOwner(snapshot, reader, network.accountPrefix)) {
      throw new P8eError("input.invalid", "an owner of the scope reads it as such: there is no access to take away", {
        facts: { scope, owners: snapshot.owners },
      });
    }
    const dataAccess = accessOf(snapshot, reader, network.accountPrefix);
    const signers = [this.#signer.address];
    const messages = dataAccess.length === 0 ? [] : [deleteScopeDataAccess({ scope, dataAccess, signers })];
    const cost = await this.#price(messages, options);
    return { scope, reader, messages, cost, feeGranter: options.feeGranter };
  }

  /** Writes it. Undefined when the ledger said so already. */
  unshare(plan: UnsharePlan, options: CarryOutOptions = {}): Promise<TransactionReceipt | undefined> {
    return this.#write(plan, options);
  }

  /**
   * What moves a scope's value to another owner. Its owners, their roles and who may read stay as they are.
   * @throws `input.invalid` when nobody holds the value; as `ChainClient.estimate` when somebody else does
   */
  async planTransfer(scope: ScopeAddress, to: AccountAddress, options: PlanOptions = {}): Promise<TransferPlan> {
    const { valueOwner } = await readScope(this.#parts.chain, scope, { signal: options.signal });
    if (valueOwner === "") {
      throw new P8eError("input.invalid", "nobody holds the scope's value: there is nothing to move", {
        facts: { scope },
        hint: "Its owners give it a value owner by writing the scope.",
      });
    }
    const isThere = valueOwner === to;
    const messages = isThere
      ? []
      : [updateValueOwners({ scopes: [scope], valueOwner: to, signers: [this.#signer.address] })];
    const cost = await this.#price(messages, options);
    return { scope, from: valueOwner as AccountAddress, to, messages, cost, feeGranter: options.feeGranter };
  }

  /** Writes it. Undefined when the value was there already. */
  transfer(plan: TransferPlan, options: CarryOutOptions = {}): Promise<TransactionReceipt | undefined> {
    return this.#write(plan, options);
  }

  async #price(
    messages: readonly LedgerMessage[],
    { feeGranter, signal }: PlanOptions,
  ): Promise<TransactionCost | undefined> {
    if (messages.length === 0) return undefined;
    const cost = await this.#parts.chain.estimate(messages, [this.#signer], { feeGranter, signal });
    requireWithinCeiling(cost, this.#parts.feeMax);
    return cost;
  }

  async #write(
    { messages, cost, feeGranter }: ScopePlan,
    { signal, onSigned }: CarryOutOptions,
  ): Promise<TransactionReceipt | undefined> {
    if (messages.length === 0) return undefined;
    const { chain, feeMax } = this.#parts;
    const agreed: readonly Amount[] = cost?.amounts ?? [];
    return chain.submit(messages, {
      ...{ signer: this.#signer, feeGranter, feeMax, onSigned, signal },
      onCost: (wanted) => requireAgreed(agreed, wanted),
    });
  }
}

function requireAgreed(agreed: readonly Amount[], wanted: TransactionCost): void {
  if (isWithin(agreed, wanted)) return;
  throw new P8eError("ledger.fee_ceiling", "the ledger wants more for the change than it said", {
    facts: { fee: wanted.fee },
    hint: "Nothing was written: plan the change again, and carry it out if the new price is right.",
  });
}
