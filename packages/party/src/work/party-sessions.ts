import type { TransactionCost } from "@p8e/chain";
import type { AnyContract } from "@p8e/contract";
import { type AccountAddress, P8eError, parseRole, type Role, type ScopeAddress } from "@p8e/core";
import type {
  Affiliate,
  FoundContract,
  MemorializedSession,
  P8eClient,
  ProposalsTo,
  RequestedSession,
  ResumedExecution,
  SessionOptions,
  SessionScope,
} from "@p8e/sdk";
import { affiliateOfParty } from "../affiliate-of-party.ts";
import { requireAffiliateOf, requireParties } from "../known-parties.ts";
import type { Profile } from "../profile/profile.ts";

/** Where a session's records go: a scope, or a new one of a kind. */
export type PartyScope =
  | ScopeAddress
  /** The kind, by the name under which this party published it, or by `scopespec1…`. */
  | { readonly newOf: string };

/** What is asked for, with parties called as the profile calls them. */
export interface PartySession<C extends AnyContract | string> {
  /** Its definition, which types the inputs; or its class name or the address of its specification. */
  readonly contract: C;
  readonly scope: PartyScope;
  /** By name: messages where the contract's definition was given, else each message's serialized bytes. */
  readonly inputs: ProposalsTo<C extends AnyContract ? C : undefined>;
  /** Who takes which role, by name or address. A contract of one role is run by this party unless told otherwise. */
  readonly participants?: Partial<Readonly<Record<Role, string>>>;
  /** Who else may read, now and in sessions to come. */
  readonly share?: readonly string[];
  /** Milliseconds since 1970: when it is too late for others to sign. 24 hours from now when absent, 30 days at most. */
  readonly deadlineMs?: number;
}

/** How a session is run. */
export interface PartySessionOptions extends SessionOptions {
  /** An account whose fee allowance pays. */
  readonly feeGranter?: AccountAddress | undefined;
  /** Told the most that it will cost, before anything is stored; what it throws ends the session there. */
  readonly onPrice?: (cost: TransactionCost) => void | Promise<void>;
}

/** On the ledger; or signed by this party, and sent to the others who must sign. */
export type SessionResult =
  | ({ readonly kind: "memorialized" } & MemorializedSession)
  | ({ readonly kind: "requested" } & RequestedSession);

/** Sessions of a party, from a request to the ledger. `client()` has the single steps, and what is for others' sessions. */
export class PartySessions {
  readonly #profile: Profile;
  readonly #client: () => Promise<P8eClient>;

  /** @param client makes what sessions work with, when it is first needed */
  constructor(profile: Profile, client: () => Promise<P8eClient>) {
    this.#profile = profile;
    this.#client = client;
  }

  /**
   * Runs a contract and writes its records to the ledger; where others must sign, it asks them instead, and `listen` or
   * `Agreements` lead the session to its end. What a contract refuses leaves no trace, and neither does a price that
   * `onPrice` does not agree to.
   * @throws `contract.failed` with the facts `rule` and `field` when a rule does not hold
   * @throws `key.unavailable` for parties that are not known, all at once; as `Sessions.find`, `prepare`, `execute`,
   *   `price`, `memorialize` and `Agreements.request`
   */
  async run<C extends AnyContract | string>(
    request: PartySession<C>,
    options: PartySessionOptions = {},
  ): Promise<SessionResult> {
    const { feeGranter, onPrice, ...rest } = options;
    const { signal } = rest;
    const { participants = {}, share = [], deadlineMs } = request;
    requireParties(this.#profile, [...Object.values(participants), ...share]);
    const { sessions, agreements } = await this.#client();
    const scope = await this.#scopeOf(request.scope);
    const contract = request.contract as AnyContract;
    const found: FoundContract<AnyContract> = await sessions.find(contract, scope, { signal });
    const prepared = await sessions.prepare(
      {
        ...{ contract: found, scope, proposals: request.inputs as ProposalsTo<AnyContract> },
        participants: this.#participants(participants, found.manifest.participants),
        dataAccess: share.map((name) => requireAffiliateOf(this.#profile, name)),
        ...(deadlineMs === undefined ? {} : { deadlineMs }),
      },
      { signal },
    );
    const priced = await sessions.price(await sessions.execute(prepared, { signal }), { feeGranter, signal });
    await onPrice?.(priced.cost);
    if (priced.executed.others.length > 0) return { kind: "requested", ...(await agreements.request(priced, rest)) };
    return { kind: "memorialized", ...(await sessions.memorialize(priced, rest)) };
  }

  /**
   * Completes what a crash has left half-way to the ledger, once; a program calls it when it starts.
   * @throws as `Sessions.resume`
   */
  async resume(options: SessionOptions = {}): Promise<readonly ResumedExecution[]> {
    return await (await this.#client()).sessions.resume(options);
  }

  async #scopeOf(scope: PartyScope): Promise<SessionScope> {
    if (typeof scope === "string") return { kind: "existing", address: scope };
    const { scopeSpecificationNamed } = await import("@p8e/sdk");
    const { address } = this.#profile.party;
    return { kind: "new", specification: scopeSpecificationNamed(scope.newOf, address) };
  }

  #participants(given: Partial<Readonly<Record<Role, string>>>, roles: readonly Role[]): ReadonlyMap<Role, Affiliate> {
    const named = Object.entries(given).map(([role, name]) => {
      if (name === undefined) throw new P8eError("input.invalid", `nobody is named for the role ${role.slice(0, 60)}`);
      return [parseRole(role), requireAffiliateOf(this.#profile, name)] as const;
    });
    const [only] = roles;
    if (named.length > 0 || only === undefined || roles.length > 1) return new Map(named);
    return new Map([[only, affiliateOfParty(this.#profile.party, this.#profile.network.accountPrefix)]]);
  }
}
