import {
  type AskOptions,
  type AuthorizationGrant,
  countGrant,
  type LedgerMessage,
  ledgerSigner,
  revokeGrant,
} from "@p8e/chain";
import {
  type AccountAddress,
  type CallOptions,
  metadataAddressFromBytes,
  metadataAddressParts,
  scopeAddress,
} from "@p8e/core";
import { accountAddress } from "@p8e/crypto";
import type { PartyParts } from "../parts.ts";
import { requestOf } from "./agreement-mail.ts";
import type { Approval } from "./approval.ts";
import { DATA_ACCESS_MESSAGE, neededSignatures, SESSION_MESSAGE } from "./needed-signatures.ts";
import { readSignedEnvelope } from "./request-envelope.ts";

/** What an invoker may write with a party's leave: so many messages of one type, on any scope of the party's. */
export interface Leave {
  readonly messageTypeUrl: string;
  readonly count: number;
  /** Milliseconds since 1970. */
  readonly untilMs: number;
}

/** What one request needs. */
export function leaveFor(
  { request, deadlineMs }: Pick<Approval, "request" | "deadlineMs">,
  parts: Parts,
): readonly Leave[] {
  const { envelope } = readSignedEnvelope(requestOf(request).envelope);
  const own = ownAddress(parts);
  const needed = neededSignatures(envelope, parts.network.accountPrefix).find(({ address }) => address === own);
  const counts = [
    [SESSION_MESSAGE, needed?.sessionMessages ?? 0],
    [DATA_ACCESS_MESSAGE, needed?.dataAccessMessages ?? 0],
  ] as const;
  return counts.flatMap(([messageTypeUrl, count]) =>
    count === 0 ? [] : [{ messageTypeUrl, count, untilMs: deadlineMs }],
  );
}

/** What several requests of one invoker need together: the chain keeps one grant for each type, the last. */
export function leaveForAll(leaves: readonly Leave[]): readonly Leave[] {
  const all = new Map<string, Leave>();
  for (const { messageTypeUrl, count, untilMs } of leaves) {
    const known = all.get(messageTypeUrl);
    all.set(messageTypeUrl, {
      messageTypeUrl,
      count: count + (known?.count ?? 0),
      untilMs: Math.max(untilMs, known?.untilMs ?? 0),
    });
  }
  return [...all.values()];
}

/** The messages that bring what is granted to what is wanted. A grant without a count is somebody's own, and stays. */
export function grantMessages(
  wanted: readonly Leave[],
  present: readonly AuthorizationGrant[],
  of: { readonly granter: AccountAddress; readonly grantee: AccountAddress },
): readonly LedgerMessage[] {
  return [SESSION_MESSAGE, DATA_ACCESS_MESSAGE].flatMap((messageTypeUrl) => {
    const leave = wanted.find((each) => each.messageTypeUrl === messageTypeUrl);
    const grant = present.find((each) => each.messageTypeUrl === messageTypeUrl);
    if (grant !== undefined && grant.uses === undefined) return [];
    if (leave === undefined) return grant === undefined ? [] : [revokeGrant({ ...of, messageTypeUrl })];
    const { count, untilMs } = leave;
    if (grant?.uses === count && grant.expiresAtMs === untilMs) return [];
    return [countGrant({ ...of, messageTypeUrl, count, expiresAtMs: untilMs })];
  });
}

/** What is wanted, as far as it is there already: nothing of it gives more, or for longer. */
export function leaveWithin(wanted: readonly Leave[], present: readonly AuthorizationGrant[]): readonly Leave[] {
  return wanted.flatMap((leave) => {
    const grant = present.find(({ messageTypeUrl }) => messageTypeUrl === leave.messageTypeUrl);
    if (grant === undefined) return [];
    const { uses = leave.count, expiresAtMs = leave.untilMs } = grant;
    return [{ ...leave, count: Math.min(leave.count, uses), untilMs: Math.min(leave.untilMs, expiresAtMs) }];
  });
}

type Parts = Pick<PartyParts, "party" | "network">;

/** The party's own, by its signing key. */
export function ownAddress({ party, network }: Parts): AccountAddress {
  return accountAddress(party.signing.publicKey, network.accountPrefix);
}

/** Whether the session that a request is for is on the ledger. */
export async function isOnLedger(
  { chain }: Pick<PartyParts, "chain">,
  { scopeUuid, sessionUuid }: Pick<Approval, "scopeUuid" | "sessionUuid">,
  options: Pick<AskOptions, "signal" | "notBefore">,
): Promise<boolean> {
  const found = await chain.metadata.scope(scopeAddress(scopeUuid), { sessions: true, ...options });
  return (found?.sessions ?? []).some(
    ({ sessionId }) => metadataAddressParts(metadataAddressFromBytes(sessionId)).sessionUuid === sessionUuid,
  );
}

/**
 * Makes what the ledger lets an invoker do in this party's name exactly what its open requests need. What the ledger has
 * is read first: a grant that is overwritten is gone.
 * @param options.giveMore otherwise only what is too much is taken back
 * @returns whether anything was written
 */
export async function bringGrants(
  parts: PartyParts,
  invoker: AccountAddress,
  open: readonly Approval[],
  { giveMore, ...options }: Pick<CallOptions, "signal"> & { readonly giveMore: boolean },
): Promise<boolean> {
  const of = { granter: ownAddress(parts), grantee: invoker };
  const needed = leaveForAll(open.flatMap((approval) => leaveFor(approval, parts)));
  const present = await parts.chain.accounts.grants(of.granter, of.grantee, options);
  const wanted = giveMore ? needed : leaveWithin(needed, present);
  const messages = grantMessages(wanted, present, of);
  if (messages.length === 0) return false;
  const signer = ledgerSigner(parts.party.signing, parts.network.accountPrefix);
  const { leaveWatches } = parts.state;
  const { height } = await parts.chain.newestBlock(options);
  const changes = await leaveWatches.begin(invoker, height);
  const receipt = await parts.chain.submit(messages, { signer, feeMax: parts.feeMax, ...options });
  // Another process may have looked meanwhile, when it was not there yet.
  const uses = wanted.find(({ messageTypeUrl }) => messageTypeUrl === SESSION_MESSAGE)?.count ?? 0;
  await leaveWatches.given({ grantee: invoker, height: receipt.height, uses, changes });
  return true;
}
