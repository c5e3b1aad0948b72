import * as metadata from "@p8e/proto/metadata";
import { accountKey, keyOfAccount } from "./addresses.ts";
import { findGrantee } from "./authorizations.ts";
import type { MessageContext } from "./message-context.ts";
import { plainRefusal } from "./refusal.ts";

/**
 * Who must sign: the algorithms A to F of the ledger specification 3.1 (provenance: x/metadata/keeper/signers.go).
 * Every function refuses with plain text; the handlers wrap it into the code of their endpoint.
 */
type Party = Pick<metadata.Party, "address" | "role" | "optional">;

/** A party while its signature is looked for. One entry fills at most one required role. */
export interface PartyEntry {
  readonly address: string;
  readonly role: metadata.PartyType;
  readonly usable: boolean;
  required: boolean;
  signer: string | undefined;
  used: boolean;
}

/** The name of a role; the number of one that has none. */
export function roleName(role: metadata.PartyType): string {
  return metadata.PartyTypeSchema.value[role]?.localName ?? String(role);
}

/** Whether both name one account in one role. */
export function isSameParty(left: Pick<Party, "address" | "role">, right: Pick<Party, "address" | "role">): boolean {
  return left.address === right.address && left.role === right.role;
}

/** The accounts of parties, each once. */
export function addressesOf(parties: readonly Pick<Party, "address">[]): string[] {
  return [...new Set(parties.map(({ address }) => address))];
}

/** The accounts of parties that are not optional, each once. */
export function requiredAddressesOf(parties: readonly Party[]): string[] {
  return addressesOf(parties.filter(({ optional }) => !optional));
}

function partyEntries(required: readonly Party[], available: readonly Party[]): PartyEntry[] {
  const entries: PartyEntry[] = [];
  for (const { address, role } of available) {
    if (entries.some((entry) => isSameParty(entry, { address, role }))) continue;
    entries.push({ address, role, usable: true, required: false, signer: undefined, used: false });
  }
  for (const { address, role, optional } of required) {
    if (optional) continue;
    const known = entries.find((entry) => isSameParty(entry, { address, role }));
    if (known !== undefined) known.required = true;
    else entries.push({ address, role, usable: false, required: true, signer: undefined, used: false });
  }
  return entries;
}

function markDirectSigners(entries: readonly PartyEntry[], signers: readonly string[]): void {
  for (const entry of entries) if (signers.includes(entry.address)) entry.signer = entry.address;
}

function unsignedRequired(entries: readonly PartyEntry[]): PartyEntry[] {
  return entries.filter((entry) => entry.required && entry.signer === undefined);
}

function isFreeFor(entry: PartyEntry, role: metadata.PartyType): boolean {
  return entry.usable && !entry.used && entry.role === role;
}

/** A: every address signed or authorized a signer. Returns the addresses that signed for them. */
export function requireAllSigned(
  context: MessageContext,
  required: readonly string[],
  signers: readonly string[],
): Set<string> {
  const used = new Set<string>();
  const missing: string[] = [];
  for (const address of required.filter((given) => !signers.includes(given))) {
    const grantee = findGrantee(context, address, signers);
    if (grantee === undefined) missing.push(address);
    else used.add(grantee);
  }
  for (const address of required) if (signers.includes(address)) used.add(address);
  if (missing.length > 0) {
    throw plainRefusal(`missing signature${missing.length === 1 ? "" : "s"}: ${missing.join(", ")}`);
  }
  return used;
}

/** B: every required party signed, and every required role is filled by a usable party that signed. */
export function requirePartiesSigned(
  context: MessageContext,
  required: readonly Party[],
  available: readonly Party[],
  roles: readonly metadata.PartyType[],
  signers: readonly string[],
): PartyEntry[] {
  const entries = partyEntries(required, available);
  markDirectSigners(entries, signers);
  for (const entry of unsignedRequired(entries)) entry.signer = findGrantee(context, entry.address, signers);
  const missing = unsignedRequired(entries).map(({ address, role }) => `${address} (${roleName(role)})`);
  if (missing.length > 0) {
    throw plainRefusal(`missing required signature${missing.length === 1 ? "" : "s"}: ${missing.join(", ")}`);
  }
  const unmet: metadata.PartyType[] = [];
  for (const role of roles) {
    const entry = entries.find((candidate) => isFreeFor(candidate, role) && candidate.signer !== undefined);
    if (entry === undefined) unmet.push(role);
    else entry.used = true;
  }
  const left = unmet.filter((role) => !fillByGrant(context, entries, role, signers));
  if (left.length > 0) throw plainRefusal(`missing signers for roles required by spec: ${shortOf(entries, roles)}`);
  return entries;
}

function fillByGrant(
  context: MessageContext,
  entries: readonly PartyEntry[],
  role: metadata.PartyType,
  signers: readonly string[],
): boolean {
  for (const entry of entries) {
    if (!isFreeFor(entry, role) || entry.signer !== undefined) continue;
    const grantee = findGrantee(context, entry.address, signers);
    if (grantee === undefined) continue;
    entry.signer = grantee;
    entry.used = true;
    return true;
  }
  return false;
}

function shortOf(entries: readonly PartyEntry[], roles: readonly metadata.PartyType[]): string {
  const needed = new Map<metadata.PartyType, number>();
  for (const role of roles) needed.set(role, (needed.get(role) ?? 0) + 1);
  return [...needed]
    .map(([role, need]) => ({ role, need, have: entries.filter((entry) => entry.used && entry.role === role).length }))
    .filter(({ need, have }) => need > have)
    .sort((left, right) => left.role - right.role)
    .map(({ role, need, have }) => `${roleName(role)} need ${need} have ${have}`)
    .join(", ");
}

/** C: the parties fill every required role, whoever signed. */
export function requireRolesPresent(parties: readonly Party[], roles: readonly metadata.PartyType[]): void {
  const entries = partyEntries([], parties);
  let complete = true;
  for (const role of roles) {
    const entry = entries.find((candidate) => isFreeFor(candidate, role));
    if (entry === undefined) complete = false;
    else entry.used = true;
  }
  if (!complete) throw plainRefusal(`missing roles required by spec: ${shortOf(entries, roles)}`);
}

/** An account that exists, is a plain one and never signed is taken for a smart contract. */
function looksLikeContract(context: MessageContext, address: string): boolean {
  const key = accountKey(address, context.block.accountPrefix);
  if (key === undefined) return false;
  const known = context.contracts.get(key);
  if (known !== undefined) return known;
  const account = context.branch.get("accounts", key);
  const answer = account?.kind === "base" && account.sequence === 0n && account.publicKey === undefined;
  context.contracts.set(key, answer);
  return answer;
}

/** D: smart contracts, and only they, have the role PROVENANCE. */
export function requireProvenanceRole(
  context: MessageContext,
  parties: readonly Pick<Party, "address" | "role">[],
): void {
  for (const { address, role } of parties) {
    const isContract = looksLikeContract(context, address);
    const claims = role === metadata.PartyType.PROVENANCE;
    if (isContract && !claims) {
      throw plainRefusal(`account "${address}" is a smart contract but does not have the PROVENANCE role`);
    }
    if (!isContract && claims) {
      throw plainRefusal(`account "${address}" has role PROVENANCE but is not a smart contract`);
    }
  }
}

/** E: signers that look like contracts come first, and each is used as a signer or authorized by all after it. */
export function requireContractSigners(
  context: MessageContext,
  used: ReadonlySet<string>,
  signers: readonly string[],
): void {
  let contractMayFollow = true;
  for (const [index, signer] of signers.entries()) {
    const isContract = looksLikeContract(context, signer);
    if (isContract && !contractMayFollow) {
      throw plainRefusal(`smart contract signer ${signer} cannot follow non-smart-contract signer`);
    }
    if (!isContract) {
      contractMayFollow = false;
      continue;
    }
    if (used.has(signer)) continue;
    const later = signers.slice(index + 1);
    if (later.length === 0) throw plainRefusal(`smart contract signer ${signer} cannot be the last signer`);
    for (const granter of later) {
      if (findGrantee(context, granter, [signer]) !== signer) {
        throw plainRefusal(`smart contract signer ${signer} is not authorized`);
      }
    }
  }
}

/** F: every holder of a scope's value that would lose it signed or authorized a signer. Returns who signed for them. */
export function requireValueOwnersSigned(
  context: MessageContext,
  existing: readonly string[],
  proposed: string,
  signers: readonly string[],
): Set<string> {
  const used = new Set<string>();
  const owners = new Set(existing);
  if (owners.size === 1 && owners.has(proposed)) return used;
  const first = signers[0];
  const counting = first !== undefined && looksLikeContract(context, first) ? [first] : signers;
  for (const owner of owners) {
    if (owner === proposed) continue;
    if (counting.includes(owner)) {
      used.add(owner);
      continue;
    }
    if (context.branch.get("accounts", keyOfAccount(owner))?.kind === "marker") continue;
    const grantee = findGrantee(context, owner, counting);
    if (grantee === undefined) throw plainRefusal(`missing signature from existing value owner "${owner}"`);
    used.add(grantee);
  }
  return used;
}

/** A, then E. */
export function requireSigners(context: MessageContext, required: readonly string[], signers: readonly string[]): void {
  requireContractSigners(context, requireAllSigned(context, required, signers), signers);
}

/** B, then D on the usable parties, then E. */
export function requireSignersWithParties(
  context: MessageContext,
  required: readonly Party[],
  available: readonly Party[],
  roles: readonly metadata.PartyType[],
  signers: readonly string[],
): void {
  const entries = requirePartiesSigned(context, required, available, roles, signers);
  requireProvenanceRole(
    context,
    entries.filter(({ usable }) => usable),
  );
  requireContractSigners(context, signersOf(entries), signers);
}

/** Who signed for these parties. */
export function signersOf(entries: readonly PartyEntry[]): Set<string> {
  return new Set(entries.flatMap(({ signer }) => (signer === undefined ? [] : [signer])));
}
