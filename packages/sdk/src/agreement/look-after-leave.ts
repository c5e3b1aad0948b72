import { writtenSessions } from "@p8e/chain";
import { type CallOptions, scopeAddress } from "@p8e/core";
import type { PartyParts } from "../parts.ts";
import type { LeaveWatch } from "../state/leave-watches.ts";
import { isOnLedger, ownAddress } from "./grants.ts";
import { SESSION_MESSAGE } from "./needed-signatures.ts";

/** Blocks that are looked through at once; the rest is for another round. */
const BLOCKS_MAX = 200n;

type Parts = Pick<PartyParts, "party" | "network" | "chain" | "state" | "nowMs">;

/**
 * Finds out what another account has written with this party's leave. A grant names kinds of messages and no session, so
 * only the blocks can tell; they are looked through when what is left of the grant is not what it was, and after each change
 * of it. Sessions that this party has said yes to are as they should be; others that name it, or are of a scope of its, are
 * remembered.
 */
export async function lookAfterLeave(
  parts: Parts,
  watch: LeaveWatch,
  {
    inUse,
    ...options
  }: Pick<CallOptions, "signal"> & {
    /** Whether a request of the account has leave on the ledger, as far as this party knows. */
    readonly inUse: boolean;
  },
): Promise<void> {
  const { chain, state } = parts;
  const { grantee } = watch;
  // Before the newest block is asked for: what is used up between the two is in blocks that are looked through.
  const grants = await chain.accounts.grants(ownAddress(parts), grantee, options);
  const uses = grants.find(({ messageTypeUrl }) => messageTypeUrl === SESSION_MESSAGE)?.uses ?? 0;
  if (uses === watch.uses) {
    if (uses === 0 && !inUse) await state.leaveWatches.end(watch);
    return;
  }
  const { height: newest } = await chain.newestBlock(options);
  const last = newest < watch.height + BLOCKS_MAX ? newest : watch.height + BLOCKS_MAX;
  for (let height = watch.height + 1n; height <= last; height++) {
    await rememberUnapproved(parts, grantee, height, options);
  }
  await state.leaveWatches.reach({ ...watch, height: last, uses: last === newest ? uses : undefined });
}

async function rememberUnapproved(
  parts: Parts,
  grantee: LeaveWatch["grantee"],
  height: bigint,
  options: Pick<CallOptions, "signal">,
): Promise<void> {
  const { chain, state, nowMs } = parts;
  const own = ownAddress(parts);
  for (const { scopeUuid, sessionUuid, signers, names } of writtenSessions(await chain.messagesAt(height, options))) {
    if (!signers.includes(grantee) || (await state.leaveWatches.isApproved(sessionUuid))) continue;
    const scope = (await chain.metadata.scope(scopeAddress(scopeUuid), options))?.scope;
    const isOwner = scope?.owners.some(({ address }) => address === own) ?? false;
    if (!isOwner && !names.includes(own)) continue;
    const onLedger = await isOnLedger(parts, { scopeUuid, sessionUuid }, options);
    await state.leaveWatches.addUnapproved({
      ...{ scopeUuid, sessionUuid, writtenBy: grantee, height, onLedger, atMs: nowMs() },
    });
  }
}
