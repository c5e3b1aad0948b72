import type { ScopeAddress } from "@p8e/core";
import type { PublicKey } from "@p8e/crypto";
import { type Replay, type Replayer, type ReplayOptions, replayScope } from "../replay/replay-scope.ts";
import { readScope, type ScopeSnapshot } from "../session/scope-snapshot.ts";
import type { Finding } from "../verify/outcome.ts";
import { type Verification, verifyScope } from "../verify/verify-scope.ts";
import { type Hydrated, hydrate, type RecordSchemas } from "./hydrate.ts";
import { type RecordRead, readRecord } from "./read-record.ts";

/** Reads what is on the ledger, and what it stands for out of a party's own store. */
export class Reader {
  readonly #parts: Replayer;

  constructor(parts: Replayer) {
    this.#parts = parts;
  }

  /** A scope with its sessions and records, as the ledger has it now. @throws `ledger.not_found` */
  scope(address: ScopeAddress, options: { readonly signal?: AbortSignal | undefined } = {}): Promise<ScopeSnapshot> {
    return readScope(this.#parts.chain, address, options);
  }

  /**
   * A scope's records as typed objects out of the own store; see {@link hydrate}.
   * @throws `ledger.not_found` when only the address was given; `session.record_missing`, `session.type_mismatch`
   */
  async hydrate<R extends RecordSchemas>(
    scope: ScopeAddress | ScopeSnapshot,
    schemas: R,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<Hydrated<R>> {
    const snapshot = typeof scope === "string" ? await this.scope(scope, options) : scope;
    return hydrate(this.#parts, snapshot, schemas, options);
  }

  /**
   * One record of a scope without knowing its type, as JSON; see {@link readRecord}.
   * @throws `ledger.not_found` when only the address was given; `session.record_missing`
   */
  async record(
    scope: ScopeAddress | ScopeSnapshot,
    name: string,
    options: { readonly expectedSigners?: readonly PublicKey[]; readonly signal?: AbortSignal | undefined } = {},
  ): Promise<RecordRead> {
    const snapshot = typeof scope === "string" ? await this.scope(scope, options) : scope;
    return readRecord(this.#parts, snapshot, name, options);
  }

  /** Compares everything the ledger says about a scope with the own store; see {@link verifyScope}. */
  verify(
    address: ScopeAddress,
    options: { readonly signal?: AbortSignal | undefined; readonly onFinding?: (finding: Finding) => void } = {},
  ): Promise<Verification> {
    return verifyScope(this.#parts, address, options);
  }

  /** Runs a scope's sessions again and compares what comes out with what was signed; see {@link replayScope}. */
  replay(address: ScopeAddress, options: ReplayOptions = {}): Promise<Replay> {
    return replayScope(this.#parts, address, options);
  }
}
