import type { TransactionCost, TransactionReceipt } from "@p8e/chain";
import type { ScopeAddress } from "@p8e/core";
import type {
  CarryOutOptions,
  Finding,
  Hydrated,
  P8eClient,
  PlanOptions,
  RecordSchemas,
  ResharedObjects,
  ScopePlan,
  ScopeSnapshot,
  Verification,
} from "@p8e/sdk";
import { requireAffiliateOf, requireParty } from "../known-parties.ts";
import type { Profile } from "../profile/profile.ts";

type CallOptions = { readonly signal?: AbortSignal | undefined };

/** How a change of a scope is made. */
export interface ScopeChangeOptions extends PlanOptions, CarryOutOptions {
  /** Told the most that it will cost, before anything is shared or written; what it throws ends the change there. */
  readonly onPrice?: (cost: TransactionCost) => void | Promise<void>;
}

/** Scopes of the ledger as a party sees and changes them, with others called as its profile calls them. */
export class PartyScopes {
  readonly #profile: Profile;
  readonly #client: () => Promise<P8eClient>;

  /** @param client makes what is worked with, when it is first needed */
  constructor(profile: Profile, client: () => Promise<P8eClient>) {
    this.#profile = profile;
    this.#client = client;
  }

  /** Addresses of the scopes that this party owns or may read, as the ledger has them. @throws what the ledger throws */
  async *list(options: CallOptions = {}): AsyncGenerator<ScopeAddress, void, undefined> {
    yield* (await this.#client()).scopes.own(options);
  }

  /** A scope with its sessions and records, as the ledger has it now. @throws `ledger.not_found` */
  async read(scope: ScopeAddress, options: CallOptions = {}): Promise<ScopeSnapshot> {
    return await (await this.#client()).reader.scope(scope, options);
  }

  /**
   * A scope's records as messages, out of the own store, each checked against the ledger.
   * @throws as `Reader.hydrate`
   */
  async records<R extends RecordSchemas>(
    scope: ScopeAddress | ScopeSnapshot,
    schemas: R,
    options: CallOptions = {},
  ): Promise<Hydrated<R>> {
    return await (await this.#client()).reader.hydrate(scope, schemas, options);
  }

  /** Compares everything that the ledger says of a scope with the own store. @throws as `Reader.verify` */
  async verify(
    scope: ScopeAddress,
    options: CallOptions & { readonly onFinding?: (finding: Finding) => void } = {},
  ): Promise<Verification> {
    return await (await this.#client()).reader.verify(scope, options);
  }

  /**
   * Lets somebody read a scope: its objects are wrapped for the reader, then the ledger is told.
   * @throws `key.unavailable`; as `Scopes.planShare` and `Scopes.share`
   */
  async share(
    scope: ScopeAddress,
    reader: string,
    options: ScopeChangeOptions = {},
  ): Promise<ResharedObjects & { readonly receipt: TransactionReceipt | undefined }> {
    const affiliate = requireAffiliateOf(this.#profile, reader);
    const { scopes } = await this.#client();
    const plan = await scopes.planShare(scope, affiliate, options);
    await agree(plan, options);
    return await scopes.share(plan, options);
  }

  /**
   * Moves a scope's value to another party. Undefined when it was there already.
   * @throws `key.unavailable`; as `Scopes.planTransfer` and `Scopes.transfer`
   */
  async transfer(
    scope: ScopeAddress,
    to: string,
    options: ScopeChangeOptions = {},
  ): Promise<TransactionReceipt | undefined> {
    const { address } = requireParty(this.#profile, to);
    const { scopes } = await this.#client();
    const plan = await scopes.planTransfer(scope, address, options);
    await agree(plan, options);
    return await scopes.transfer(plan, options);
  }
}

async function agree({ cost }: ScopePlan, { onPrice }: ScopeChangeOptions): Promise<void> {
  if (cost !== undefined) await onPrice?.(cost);
}
