import { type Clock, isP8eError, P8eError } from "@p8e/core";
import { type Block, type ChainHead, transactionHashes } from "../endpoint/chain-head.ts";
import type { NodeEndpoint } from "../endpoint/endpoint.ts";
import type { LedgerMessage } from "../messages/ledger-message.ts";
import type { AccountQueries } from "../queries/accounts.ts";
import type { MetadataQueries } from "../queries/metadata-queries.ts";
import { confirmByState, type StateAnswer } from "./state-confirmation.ts";

/** What is asked for the state after a block. */
export interface ConfirmationParts {
  readonly node: NodeEndpoint;
  readonly head: ChainHead;
  readonly clock: Clock;
  readonly metadata: MetadataQueries;
  readonly accounts: AccountQueries;
}

/** A transaction that is in a block whose results nobody gives. */
export interface IncludedTransaction {
  readonly hash: string;
  readonly messages: readonly LedgerMessage[];
  readonly height: bigint;
  readonly timeoutHeight: bigint;
}

const POLL_MS = { first: 25, growth: 1.5, most: 2500 } as const;
/** A node that answers nothing new for longer is not waited for. */
const AWAY_MS_MAX = 60_000;

/**
 * Asks the state after a transaction's block, as long as that takes: a node shows a block before its application has
 * committed it, nodes restart, and behind one address there may be one that lags. "Not yet" is never a failure.
 */
export class Confirmation {
  readonly #parts: ConfirmationParts;

  constructor(parts: ConfirmationParts) {
    this.#parts = parts;
  }

  /**
   * @throws `ledger.unavailable` when the node has not shown that state until the timeout height, or was away for a
   *   minute: the transaction is in its block, whether it succeeded is open
   * @throws `rpc.cancelled`
   */
  async ask(included: IncludedTransaction, signal?: AbortSignal): Promise<StateAnswer> {
    const { node, clock } = this.#parts;
    const startedAt = clock.now();
    let seen = { height: 0n, at: startedAt };
    let wait: number = POLL_MS.first;
    for (;;) {
      try {
        const later = () => this.#later(included, signal);
        return await confirmByState({ ...included, later }, this.#parts, signal);
      } catch (error) {
        if (!isNotYet(error)) throw open(included, error);
        const height = await this.#height(signal);
        if (height > seen.height) seen = { height, at: clock.now() };
        const isPast = height > included.timeoutHeight && clock.now() - startedAt > AWAY_MS_MAX;
        if (isPast || clock.now() - seen.at > AWAY_MS_MAX) throw open(included, error);
      }
      await node.pause(wait, signal).catch((error: unknown) => {
        throw open(included, error);
      });
      wait = Math.min(wait * POLL_MS.growth, POLL_MS.most);
    }
  }

  async #later({ height, hash }: IncludedTransaction, signal: AbortSignal | undefined): Promise<Block["transactions"]> {
    const block = await this.#parts.head.block(height, { signal });
    return block.transactions.slice(transactionHashes(block).indexOf(hash) + 1);
  }

  /** Zero when the node does not answer. */
  async #height(signal: AbortSignal | undefined): Promise<bigint> {
    try {
      return (await this.#parts.head.poll({ signal })).height;
    } catch {
      return 0n;
    }
  }
}

const FINAL: ReadonlySet<string> = new Set(["rpc.cancelled", "rpc.denied", "rpc.protocol", "rpc.unimplemented"]);

/** Anything that asking again may change: a block that this node does not have is refused in several ways. */
function isNotYet(error: unknown): boolean {
  return isP8eError(error) && !FINAL.has(error.code);
}

function open({ hash, height }: IncludedTransaction, cause: unknown): P8eError {
  const { code, message } = P8eError.from(cause);
  return new P8eError(
    FINAL.has(code) ? code : "ledger.unavailable",
    `the transaction is in a block, and whether it succeeded cannot be asked: ${message}`,
    { cause, facts: { hash, height } },
  );
}
