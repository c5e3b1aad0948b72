import { type WrittenSessions, writtenSessions } from "@p8e/chain";
import { type AccountAddress, type CallOptions, hasCode, P8eError, scopeAddress, type Uuid } from "@p8e/core";
import type { PartyParts } from "../parts.ts";
import type { LeaveWatch, UnapprovedUse } from "../state/leave-watches.ts";
import type { Approval } from "./approval.ts";
import { isOnLedger, leaveFor, ownAddress } from "./grants.ts";
import { SESSION_MESSAGE } from "./needed-signatures.ts";

/** Blocks that are read in one round, for all accounts together; the rest is for another round. */
const BLOCKS_MAX = 1000;
/** Of one block and account: it takes one to lose trust. */
const FOUND_MAX = 100;

type Parts = Pick<PartyParts, "party" | "network" | "chain" | "state" | "nowMs">;

/** What a look is about. */
export interface LeaveLook {
  readonly watch: LeaveWatch;
  /** The account's requests that may have leave on the ledger, read after the watch. */
  readonly approvals: readonly Approval[];
  /** Shared by all looks of a round. */
  readonly blocks: BlockReader;
}

/** Reads each block once, and in all no more than {@link BLOCKS_MAX}. */
export class BlockReader {
  readonly #chain: PartyParts["chain"];
  readonly #read = new Map<bigint, WrittenSessions>();

  constructor({ chain }: Pick<PartyParts, "chain">) {
    this.#chain = chain;
  }

  /** Undefined when enough was read. @throws `ledger.not_found` when the node has the block no more */
  async at(height: bigint, options: Pick<CallOptions, "signal">): Promise<WrittenSessions | undefined> {
    const known = this.#read.get(height);
    if (known !== undefined || this.#read.size >= BLOCKS_MAX) return known;
    const found = writtenSessions(await this.#chain.messagesAt(height, options));
    this.#read.set(height, found);
    return found;
  }
}

/**
 * Finds out what another account has written with this party's leave. A grant names kinds of messages and no session, so
 * only the blocks can tell; they are looked through up to where the leave was changed, and on when what is left of it is
 * not what it was. Sessions that this party has said yes to are as they should be; others whose writing may have needed this party's
 * leave are remembered, and so is that less is left than all of these explain.
 * @returns whether everything up to the newest block is known
 */
export async function lookAfterLeave(
  parts: Parts,
  { watch, approvals, blocks }: LeaveLook,
  options: Pick<CallOptions, "signal">,
): Promise<boolean> {
  const { chain, state, nowMs } = parts;
  const { grantee } = watch;
  const { height: newest, timeMs } = await chain.newestBlock(options);
  if (newest < watch.height || newest < watch.changedHeight) throw behind(newest, watch);
  // As of that very block: later ones are not looked through now, and another node may be behind.
  const at = { height: newest, notBefore: newest, ...options };
  const grant = (await chain.accounts.grants(ownAddress(parts), grantee, at)).find(
    ({ messageTypeUrl }) => messageTypeUrl === SESSION_MESSAGE,
  );
  const isCountless = grant !== undefined && grant.uses === undefined;
  const uses = isCountless ? undefined : (grant?.uses ?? 0);
  // Where nothing was used since the leave was changed, blocks after that have nothing to tell.
  const last = uses !== undefined && uses === watch.uses ? watch.changedHeight : newest;
  let known = watch;
  while (known.height < last) {
    const height = known.height + 1n;
    let written: WrittenSessions | undefined;
    try {
      written = await blocks.at(height, options);
    } catch (thrown) {
      if (!hasCode(thrown, "ledger.not_found")) throw thrown;
      // Nobody will ever read it here. That leave may have been used in it is told, and the others are not waited for.
      const use = { session: undefined, writtenBy: grantee, height: newest, atMs: nowMs() };
      await state.leaveWatches.reach({ ...known, height: newest, explained: known.uses ?? 0 }, [use]);
      throw goneBlocks(height, grantee, thrown);
    }
    if (written === undefined) return false;
    const { found, explained, executions } = await usesIn(parts, { written, grantee, height, newest }, options);
    // What has been found needs no other explanation.
    const all = found.length > 0 ? Math.max(known.explained, known.uses ?? 0) : known.explained + explained;
    known = { ...known, height, explained: all };
    await state.leaveWatches.reach(known, found, executions);
  }
  // It runs until the last deadline of the requests that it was given for.
  const given = approvals.filter(({ granted }) => granted);
  const isOver = ({ deadlineMs }: Approval) => deadlineMs <= timeMs;
  const ends = grant === undefined && (given.length > 0 ? given.every(isOver) : approvals.some(isOver));
  const isShort = uses !== undefined && known.uses !== undefined && known.uses - known.explained > uses && !ends;
  const short = { session: undefined, writtenBy: grantee, height: newest, atMs: nowMs() };
  // While a change of the leave may be on its way, what is left now says nothing of what will be.
  const misuse = await state.leaveWatches.newestUnapprovedOf(grantee);
  const keeps = (each: Approval) => each.state === "approved" && (misuse?.atMs ?? 0) < each.receivedAtMs;
  const isSettled = known.uses !== undefined || approvals.every(keeps);
  const next = isSettled ? { uses, explained: 0 } : {};
  await state.leaveWatches.reach({ ...known, ...next, height: newest }, isShort ? [short] : []);
  // A grant without a count is somebody's own, and looked after only while requests are open.
  if (approvals.length === 0 && (isCountless || uses === 0)) await state.leaveWatches.end(watch);
  return true;
}

interface BlockLook {
  readonly written: WrittenSessions;
  readonly grantee: AccountAddress;
  readonly height: bigint;
  readonly newest: bigint;
}

/**
 * What the account did in a block: what was not approved, and how many messages of leave the approved sessions explain. Each
 * explains its own once, wherever it is named again.
 */
async function usesIn(
  parts: Parts,
  { written: { written, unread }, grantee, height, newest }: BlockLook,
  options: Pick<CallOptions, "signal">,
): Promise<{
  readonly found: readonly UnapprovedUse[];
  readonly explained: number;
  readonly executions: readonly Uuid[];
}> {
  const { chain, state, nowMs } = parts;
  const own = ownAddress(parts);
  const ask = { ...options, notBefore: newest };
  const of = { writtenBy: grantee, height, atMs: nowMs() };
  const found: UnapprovedUse[] = [];
  if (unread.some(({ signers }) => signers?.includes(grantee))) found.push({ ...of, session: undefined });
  let explained = 0;
  const executions: Uuid[] = [];
  // Whatever this party has signed itself needed no leave of it.
  const others = written.filter(({ signers }) => signers.includes(grantee) && !signers.includes(own));
  const names = Map.groupBy(others, ({ session }) => session);
  for (const messages of names.values()) {
    if (found.length >= FOUND_MAX) break;
    const { scopeUuid, sessionUuid } = messages[0]!;
    const execution = await state.leaveWatches.approvalOf({ scopeUuid, sessionUuid });
    if (execution !== undefined) {
      if (await state.leaveWatches.hasExplained(execution)) continue;
      const approval = await state.agreements.approval(execution);
      if (approval === undefined || !(await isOnLedger(parts, approval, ask))) continue;
      explained += sessionLeave(approval, parts);
      executions.push(execution);
      continue;
    }
    const scope = (await chain.metadata.scope(scopeAddress(scopeUuid), ask))?.scope;
    // In a scope with party rollup nobody needs the leave of an optional owner.
    const isOwner = scope?.owners.some(({ address, optional }) => address === own && !optional) ?? false;
    if (!isOwner && !messages.some((message) => message.names.includes(own))) continue;
    const onLedger = await isOnLedger(parts, { scopeUuid, sessionUuid }, ask);
    found.push({ ...of, session: { scopeUuid, sessionUuid, onLedger } });
  }
  return { found, explained, executions };
}

function sessionLeave(approval: Approval, parts: Parts): number {
  return leaveFor(approval, parts).find(({ messageTypeUrl }) => messageTypeUrl === SESSION_MESSAGE)?.count ?? 0;
}

function behind(height: bigint, watch: LeaveWatch): P8eError {
  return new P8eError("ledger.unavailable", "the node has not come to a block yet that was seen before", {
    facts: { height, looked: watch.height, changed: watch.changedHeight },
  });
}

function goneBlocks(height: bigint, grantee: AccountAddress, cause: unknown): P8eError {
  return new P8eError(
    "ledger.not_found",
    `what was written with this party's leave from block ${height} on is not known`,
    {
      cause,
      facts: { height, grantee },
      hint: "The node has that block no more; use one that keeps older blocks, or settle more often.",
    },
  );
}
