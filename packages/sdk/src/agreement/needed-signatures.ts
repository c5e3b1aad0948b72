import type { AccountAddress, AccountPrefix } from "@p8e/core";
import { equalBytes, goNameHash } from "@p8e/core";
import { accountAddress, publicKeyFromMessage } from "@p8e/crypto";
import { unpackAny } from "@p8e/proto/any";
import * as metadata from "@p8e/proto/metadata";
import * as scope from "@p8e/proto/scope";

/** The message type by which the chain looks for a grant for sessions; it covers records too. */
export const SESSION_MESSAGE = `/${metadata.MsgWriteSessionRequestSchema.typeName}`;
/** The message type of grants for new readers of a scope. */
export const DATA_ACCESS_MESSAGE = `/${metadata.MsgAddScopeDataAccessRequestSchema.typeName}`;

/** Why a party must sign: for how many messages of the transaction the chain wants its leave. */
export interface NeededSignature {
  readonly address: AccountAddress;
  /** WriteSession, and each WriteRecord. */
  readonly sessionMessages: number;
  /** AddScopeDataAccess. */
  readonly dataAccessMessages: number;
}

/**
 * Whose leave the chain wants for what an executed envelope writes (provenance: x/metadata/keeper/signers.go, session.go,
 * record.go). Without party rollup: for the session all owners of the scope, for a record all parties of its session and
 * of the one that it moves from, for new readers all owners. With it, optional owners and optional former parties fall
 * away, the others must let records be written too, and the contract's parties fill the session's roles. Which roles new
 * readers need the envelope does not say, so there every owner is asked. Parties of the contract sign it even where the
 * chain would not ask them. In the order: recitals, owners, others.
 */
export function neededSignatures(envelope: scope.Envelope, prefix: AccountPrefix): readonly NeededSignature[] {
  const contract = envelope.contract!;
  const parties = contract.recitals.map(({ signer }) => addressOf(signer?.signingPublicKey, prefix));
  const before = snapshotOf(envelope);
  const current = before?.scope?.scope;
  const owners = current === undefined ? parties : addressesOf(current.owners);
  const rolledUp = current?.requirePartyRollup === true;
  const always = rolledUp ? addressesOf(current.owners.filter(({ optional }) => !optional)) : [];
  const session = new Map<AccountAddress, number>();
  const dataAccess = new Map<AccountAddress, number>();
  const count = (counts: Map<AccountAddress, number>, addresses: readonly AccountAddress[]) => {
    for (const address of new Set(addresses)) counts.set(address, (counts.get(address) ?? 0) + 1);
  };
  for (const address of parties) session.set(address, 0);
  if (envelope.newSession) count(session, rolledUp ? [...parties, ...always] : owners);
  for (const { result } of contract.considerations) {
    if (result?.result !== scope.ExecutionResult_Result.PASS) continue;
    count(session, [...parties, ...always, ...formerParties(before, result.output?.name ?? "")]);
  }
  if (addedReaders(envelope, prefix).length > 0) count(dataAccess, owners);
  return [...new Set([...session.keys(), ...dataAccess.keys()])].map((address) => ({
    address,
    sessionMessages: session.get(address) ?? 0,
    dataAccessMessages: dataAccess.get(address) ?? 0,
  }));
}

/** Those parties of the session that has a record now whose leave it needs to move; nobody when there is none. */
export function formerParties(
  before: metadata.ScopeResponse | undefined,
  recordName: string,
): readonly AccountAddress[] {
  const id = goNameHash(recordName);
  const { record } = before?.records.find((each) => equalBytes(goNameHash(each.record?.name ?? ""), id)) ?? {};
  if (record === undefined) return [];
  const found = before!.sessions.find(({ session }) => equalBytes(session?.sessionId ?? id, record.sessionId));
  const rolledUp = before!.scope?.scope?.requirePartyRollup === true;
  return addressesOf((found?.session?.parties ?? []).filter(({ optional }) => !rolledUp || !optional));
}

function addressesOf(parties: readonly metadata.Party[]): readonly AccountAddress[] {
  return parties.map(({ address }) => address as AccountAddress);
}

/** Who may read from this session on and could not before: addresses that the ledger does not list yet. */
export function addedReaders(envelope: scope.Envelope, prefix: AccountPrefix): readonly AccountAddress[] {
  const current = snapshotOf(envelope)?.scope?.scope;
  if (current === undefined) return [];
  return envelope.dataAccess
    .map((key) => addressOf(key, prefix))
    .filter((address) => !current.dataAccess.includes(address) && address !== current.valueOwnerAddress);
}

/** The scope as the envelope's maker saw it; undefined for a new one. */
export function snapshotOf(envelope: scope.Envelope): metadata.ScopeResponse | undefined {
  return envelope.scope === undefined ? undefined : unpackAny(envelope.scope, metadata.ScopeResponseSchema);
}

function addressOf(key: scope.PublicKey | undefined, prefix: AccountPrefix): AccountAddress {
  return accountAddress(publicKeyFromMessage(key ?? ({ publicKeyBytes: new Uint8Array() } as scope.PublicKey)), prefix);
}
