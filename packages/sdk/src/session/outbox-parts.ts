import type { ChainClient, LedgerSigner } from "@p8e/chain";
import type { Network } from "@p8e/core";
import type { Sandbox } from "@p8e/engine";
import type { ObjectClient } from "@p8e/object-client";
import type { StateStore } from "../state/state-store.ts";
import type { LocalParty } from "./affiliate.ts";

/**
 * From a signed execution to the ledger, exactly once. The signed transaction is durable before it is sent; whatever
 * happens after that, the same bytes can be sent again, and the ledger takes them once. Who writes an execution owns it
 * in the state store, so nobody else does meanwhile.
 */
export interface Outbox {
  readonly chain: ChainClient;
  readonly signer: LedgerSigner;
  readonly state: StateStore;
  readonly store: ObjectClient;
  readonly party: LocalParty;
  readonly sandbox: Sandbox;
  readonly network: Network;
  /** Milliseconds since 1970. */
  readonly nowMs: () => number;
  /** In nhash, for one transaction. */
  readonly feeMax?: bigint | undefined;
}
