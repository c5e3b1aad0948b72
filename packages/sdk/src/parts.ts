import type { ChainClient } from "@p8e/chain";
import type { AccountAddress, Network, RandomBytes } from "@p8e/core";
import type { Sandbox } from "@p8e/engine";
import type { ObjectClient } from "@p8e/object-client";
import type { Approvers } from "./agreement/consent.ts";
import type { AffiliateDirectory, LocalParty } from "./session/affiliate.ts";
import type { StateStore } from "./state/state-store.ts";

/** What one party works with. Whoever makes it owns the parts and closes them. */
export interface PartyParts {
  readonly party: LocalParty;
  /** The chain that `chain` speaks to. */
  readonly network: Network;
  /** The party's own store. */
  readonly store: ObjectClient;
  readonly chain: ChainClient;
  readonly sandbox: Sandbox;
  /** Remembers executions; sessions without memory could be written twice after a crash. */
  readonly state: StateStore;
  readonly directory: AffiliateDirectory;
  /** Whose contracts may run here; any that a scope's specification allows when absent. */
  readonly allowedPublishers?: readonly AccountAddress[];
  /** Whose yes is wanted before this party signs what others ask it to; anybody's who works for it when absent. */
  readonly approvers?: Approvers | undefined;
  /** In nhash: what one transaction may cost at most. Above it nothing is stored or sent. No limit when absent. */
  readonly feeMax?: bigint | undefined;
  readonly random: RandomBytes;
  /** Milliseconds since 1970. */
  readonly nowMs: () => number;
}
