import { type LedgerSigner, ledgerSigner, requireWithinCeiling } from "@p8e/chain";
import { type AnyContract, classNameOfContract } from "@p8e/contract";
import { type AccountAddress, P8eError, scopeSpecificationAddress } from "@p8e/core";
import type { PartyParts } from "../parts.ts";
import { executeSession } from "./execute-session.ts";
import { type FoundContract, findContract } from "./find-contract.ts";
import { memorializeTogether, type TogetherOptions, type TogetherOutcome } from "./memorialize-together.ts";
import { newExecution, requireAlone } from "./new-execution.ts";
import { letGo, noteFailure, type ResumedExecution, requireWithin, resumeExecutions, writeToLedger } from "./outbox.ts";
import { outboxOf } from "./outbox-of.ts";
import type { Outbox } from "./outbox-parts.ts";
import { prepareSession } from "./prepare-session.ts";
import { readScope } from "./scope-snapshot.ts";
import {
  asStage,
  type ExecutedSession,
  type MemorializedSession,
  type NewSession,
  type PreparedSession,
  type PricedSession,
  type SessionOptions,
  type SessionScope,
} from "./session.ts";
import { shareObjects } from "./share-objects.ts";

type CallOptions = Pick<SessionOptions, "signal">;

/** Who pays, and how pricing is stopped. */
export interface PriceOptions extends CallOptions {
  /** An account whose fee allowance covers this party: it pays, also when a crash is made up for. */
  readonly feeGranter?: AccountAddress | undefined;
}

/**
 * Runs sessions of a party: find → prepare → execute → price → memorialize.
 *
 * @example
 * const found = await sessions.find(greet, scope);
 * const prepared = await sessions.prepare({ contract: found, scope, participants, proposals: { person } });
 * const priced = await sessions.price(await sessions.execute(prepared));
 * const { receipt } = await sessions.memorialize(priced);
 */
export class Sessions {
  readonly #parts: PartyParts;
  readonly #signer: LedgerSigner;

  constructor(parts: PartyParts) {
    this.#parts = parts;
    this.#signer = ledgerSigner(parts.party.signing, parts.network.accountPrefix);
  }

  /**
   * Finds a contract that may run on scopes of the given one's kind, and fetches and checks its code, without running
   * it on anything. It is worth keeping: any number of sessions can be prepared with it.
   * @param contract its definition, which types the proposals; or its class name or the address of its specification
   * @throws `contract.not_published`, `contract.invalid`, `contract.bundle_corrupt`, `ledger.not_found`, `object.…`
   */
  find(contract: string, on: SessionScope, options?: CallOptions): Promise<FoundContract>;
  find<C extends AnyContract>(contract: C, on: SessionScope, options?: CallOptions): Promise<FoundContract<C>>;
  async find(
    contract: string | AnyContract,
    on: SessionScope,
    options: CallOptions = {},
  ): Promise<FoundContract<AnyContract | undefined>> {
    const { chain, party } = this.#parts;
    const scopeSpecification =
      on.kind === "new"
        ? on.specification
        : scopeSpecificationAddress((await readScope(chain, on.address, options)).specificationUuid);
    const name = typeof contract === "string" ? contract : classNameOfContract(contract);
    const search = { ...this.#parts, key: party.encryption };
    const found = await findContract(search, { contract: name, scopeSpecification }, options);
    return typeof contract === "string" ? found : { ...found, source: contract };
  }

  /**
   * Reads the scope as it is now, and checks everything that can be checked before a contract runs. Nothing is stored.
   * @throws `ledger.not_found`, `key.unavailable` for a party of the scope that is not in the directory, `session.…`
   *   (all faults at once)
   */
  prepare<C>(request: NewSession<C>, options: CallOptions = {}): Promise<PreparedSession> {
    return prepareSession(this.#parts, request, options);
  }

  /**
   * Runs the contract in the sandbox and signs the result. Nothing is stored: what a contract refuses leaves no trace
   * outside this process.
   * @throws `contract.failed` with the facts `rule` and `field` when a rule does not hold; `contract.…`, `session.…`
   */
  execute(prepared: PreparedSession, options: CallOptions = {}): Promise<ExecutedSession> {
    return executeSession(this.#parts, prepared, options);
  }

  /**
   * What memorializing will cost at most. Where this party signs alone the node tries the messages, so a refusal shows
   * here, before anything is stored; else it is the price of its list.
   * @throws as `ChainClient.estimate`
   */
  async price(executed: ExecutedSession, options: PriceOptions = {}): Promise<PricedSession> {
    const { feeGranter } = options;
    // Before the others have given their leave the node refuses the messages: its list is all there is to go by.
    const pricing = executed.others.length === 0 ? "simulated" : "listed";
    const cost = await this.#parts.chain.estimate(executed.messages, [this.#signer], { ...options, pricing });
    return asStage<PricedSession>({ executed, cost, feeGranter });
  }

  /**
   * Stores inputs, outputs and evidence for the session's audience, then writes scope, session and records in one
   * transaction, at no more than the session's price. After a crash, {@link resume} completes what was begun.
   *
   * The node is asked once more before anything is stored; if it wants more by then, nothing is. Should its price rise
   * while objects are being stored, nothing is sent, and the objects stay in the store, of no session. A transaction that
   * runs out of gas in its block is signed anew once, for no more than the price again; the receipt names both.
   *
   * @throws `session.invalid` when others must sign: ask them with `Agreements.request`
   * @throws `ledger.fee_ceiling` when the price is above what one transaction of this party may cost; nothing is stored
   * @throws `session.price_exceeded` with the facts `agreed` and `wanted`, each coin as "AMOUNT DENOMINATION"
   * @throws what the node refuses the messages with, now; what the store throws; what `ChainClient.submit` throws
   */
  async memorialize(priced: PricedSession, options: SessionOptions = {}): Promise<MemorializedSession> {
    const { state } = this.#parts;
    const { executed, cost } = priced;
    requireAlone(executed);
    requireWithinCeiling(cost, this.#parts.feeMax);
    await this.#requirePrice(priced, options);
    const execution = newExecution(priced);
    await state.create(execution);
    try {
      await this.#share(executed, options);
      const signed = await state.advance(execution.uuid, "created", { to: "signed" });
      return await writeToLedger(this.#outbox(), signed, executed.messages, options);
    } finally {
      await letGo(state, execution);
    }
  }

  /**
   * Stores and writes several sessions that this party signs alone, in as few transactions as possible, and tells of each
   * as it is known; see {@link memorializeTogether}.
   */
  memorializeTogether(
    sessions: readonly ExecutedSession[],
    options: TogetherOptions = {},
  ): AsyncGenerator<TogetherOutcome, void, undefined> {
    return memorializeTogether(this.#parts, sessions, options);
  }

  /** Everything from the request to the ledger, at whatever it costs. */
  async run<C>(request: NewSession<C>, options: SessionOptions & PriceOptions = {}): Promise<MemorializedSession> {
    const { signal, feeGranter } = options;
    const call = { signal };
    const executed = await this.execute(await this.prepare(request, call), call);
    return this.memorialize(await this.price(executed, { feeGranter, signal }), options);
  }

  /**
   * Completes executions that were interrupted: sends signed transactions again (the ledger takes them once), signs
   * anew where the old one can never be included, and gives up those that had not been signed. Executions of a process
   * that lives are left to it, whatever the time they take. One that cannot be completed does not hold up the others.
   */
  resume(options: SessionOptions = {}): Promise<readonly ResumedExecution[]> {
    return resumeExecutions(this.#outbox(), options);
  }

  async #requirePrice({ executed, cost, feeGranter }: PricedSession, { signal }: SessionOptions): Promise<void> {
    const call = { feeGranter, signal };
    requireWithin(cost.amounts, await this.#parts.chain.estimate(executed.messages, [this.#signer], call));
  }

  async #share(executed: ExecutedSession, options: SessionOptions): Promise<void> {
    try {
      await shareObjects(this.#parts, executed, options);
    } catch (error) {
      const execution = { uuid: executed.prepared.executionUuid };
      await noteFailure(this.#parts.state, execution, "created", P8eError.from(error));
      throw error;
    }
  }

  #outbox(): Outbox {
    return outboxOf(this.#parts);
  }
}
