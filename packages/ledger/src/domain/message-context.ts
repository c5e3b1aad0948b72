import type { AccountPrefix } from "@p8e/core";
import type { LedgerEvent } from "./events.ts";
import type { Account, Branch } from "./ledger-state.ts";

/** The facts of the block that a transaction runs in. Nothing else about the outside world reaches the rules. */
export interface BlockFacts {
  readonly chainId: string;
  readonly accountPrefix: AccountPrefix;
  readonly height: bigint;
  /** Milliseconds since the epoch; strictly increasing from block to block. */
  readonly timeMs: number;
}

/** What a rule sees while one message runs: where to write, which block, and what it has found out so far. */
export interface MessageContext {
  readonly branch: Branch;
  readonly block: BlockFacts;
  readonly events: LedgerEvent[];
  readonly messageType: string;
  /** Consumed (grantee, granter, type) triples: one message uses a grant at most once. */
  readonly accepted: Set<string>;
  /** Whether an account looks like a smart contract is decided once a message. */
  readonly contracts: Map<string, boolean>;
}

/** The context of a message that begins to run. */
export function messageContext(
  branch: Branch,
  block: BlockFacts,
  messageType: string,
  events: LedgerEvent[] = [],
): MessageContext {
  return { branch, block, events, messageType, accepted: new Set(), contracts: new Map() };
}

/** Creates the account unless it is there. A new one has no key and sequence 0. */
export function ensureAccount(branch: Branch, key: string, address: string): Account {
  const existing = branch.get("accounts", key);
  if (existing !== undefined) return existing;
  return addAccount(branch, key, { address, kind: "base", name: "", manager: "" });
}

/** A new account with the next number; it must not exist. */
export function addAccount(
  branch: Branch,
  key: string,
  given: Pick<Account, "address" | "kind" | "name" | "manager">,
): Account {
  const number = branch.get("counters", "accountNumber") ?? 0n;
  const account: Account = { ...given, number, sequence: 0n, publicKey: undefined };
  branch.set("accounts", key, account);
  branch.set("counters", "accountNumber", number + 1n);
  return account;
}
